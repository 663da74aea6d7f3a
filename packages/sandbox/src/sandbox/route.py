"""The vocabulary of the route tables: a route, the call that it receives and the answer that it gives."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from sandbox.context import Context
from sandbox.world import HostKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Context):
    """One request, read.

    `body` is the parsed JSON (None when there was none), a dict for a posted form, or the bytes for a raw row.
    """

    method: str
    host: str
    path: str
    params: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back. `body` is made JSON unless it is bytes; None sends no body at all."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


class Rule(Protocol):
    """What a caller must be or hold; a value. `check` raises a RefusalError, handlers never check."""

    def check(self, call: Call) -> None:
        """Return when the call is allowed; raise the service's refusal otherwise."""


Handler = Callable[[Call], Answer | dict[str, Any] | list[Any] | None]


@dataclass(frozen=True, slots=True)
class Route:
    """One row of a service's table. `path` is a Starlette path ("/api/2.0/tokens/{id}", "{path:path}").

    A handler that returns a dict or a list answers 200 with it, one that returns None answers 200 with `{}`.
    With `raw` the body is a file: it is passed on as bytes, whatever its type says.
    """

    method: str
    host: HostKind
    path: str
    handler: Handler
    rule: Rule
    raw: bool = False
