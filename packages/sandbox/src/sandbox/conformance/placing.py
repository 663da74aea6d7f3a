"""A value of a row, put into a request that is otherwise fine."""

import copy
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

_STEP = re.compile(r"(?P<name>[^.\[{]+)(?P<each>\[\]|\{\}|\{=\})?\.?")


@dataclass(frozen=True, slots=True)
class Sent:
    """One request: the parts of its address by name, its query and its JSON body."""

    method: str
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None

    @property
    def address(self) -> str:
        """The path with its parts filled in."""
        return self.path.format(**self.params)


def placed(sent: Sent, where: str, value: Any) -> Sent:
    """The request with the value at the field that a row names."""
    if where.startswith("?"):
        return replace(sent, query={**sent.query, where[1:]: str(value)})
    if where.startswith(":"):
        return replace(sent, params={**sent.params, where[1:]: str(value)})
    body = copy.deepcopy(sent.body or {})
    return replace(sent, body={**body, **value} if not where else _put(body, where, value))


def _put(holder: Any, where: str, value: Any) -> Any:
    if not where:
        return {**holder, **value} if isinstance(holder, dict) and isinstance(value, dict) else value
    step = _STEP.match(where)
    assert step is not None, where
    rest, name = where[step.end() :], step["name"]
    holder = dict(holder) if isinstance(holder, dict) else {}
    inner = holder.get(name)
    match step["each"]:
        case None:
            holder[name] = _put(inner, rest, value)
        case "[]":
            first, *others = inner or [None]
            holder[name] = [_put(first, rest, value), *others]
        case "{}":
            holder[name] = {value: "x"}
        case "{=}":
            holder[name] = {"key": value}
    if holder[name] is None:
        del holder[name]
    return holder
