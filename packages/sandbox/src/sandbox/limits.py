"""What a service refuses about the values of a request, as rows: which field, which bound, what is said, who says so.

A handler names its rows with `limited(...)`; they are checked after the rule of its route and before it runs. A row
is about one field of the body, written as a path:

    name                     a field
    new_settings.name        a field inside an object
    tasks[].task_key         the field of each item of a list
    tags{}                   each key of a map
    tags{=}                  each value of a map
    ?limit                   a value of the query
    :environment             a part of the address

What is absent or null is nobody's limit, except to `Needed`. A bound knows values on both sides of it, so that tests
and `python -m sandbox conformance` try each row as it stands.
"""

import functools
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Protocol
from zoneinfo import available_timezones

from sandbox.context import RefusalError
from sandbox.quartz import is_quartz
from sandbox.route import Call, Handler
from sandbox.source import Source

_STEP = re.compile(r"(?P<name>[^.\[{]+)(?P<each>\[\]|\{\}|\{=\})?\.?")
_SHOWN = 64  # characters of a value that a refusal quotes


class Bound(Protocol):
    """What a value must keep to."""

    def holds(self, value: Any) -> bool:
        """Whether the value keeps to it."""

    def describe(self) -> str:
        """The bound in words: "at most 4096 bytes"."""

    def inside(self, stem: str) -> Any:
        """A value that is just allowed; a text begins with the stem where it can."""

    def outside(self, stem: str) -> Any:
        """A value that is just refused."""


@dataclass(frozen=True, slots=True)
class Length:
    """A text's length, in characters or in bytes of UTF-8."""

    most: int
    least: int = 0
    in_bytes: bool = False

    def holds(self, value: Any) -> bool:
        if not isinstance(value, str):
            return True
        return self.least <= len(value.encode() if self.in_bytes else value) <= self.most

    def describe(self) -> str:
        unit = "bytes" if self.in_bytes else "characters"
        return f"{self.least} to {self.most} {unit}" if self.least else f"at most {self.most} {unit}"

    def inside(self, stem: str) -> str:
        return stem[: self.most].ljust(self.most, "x")

    def outside(self, stem: str) -> str:
        return stem.ljust(self.most + 1, "x")


@dataclass(frozen=True, slots=True)
class Spelling:
    """What a text consists of; `good` and `bad` are examples, to which the stem is put in front if `stemmed`."""

    pattern: re.Pattern[str]
    words: str
    good: str
    bad: str
    stemmed: bool = False

    def holds(self, value: Any) -> bool:
        return not isinstance(value, str) or self.pattern.fullmatch(value) is not None

    def describe(self) -> str:
        return self.words

    def inside(self, stem: str) -> str:
        return stem + self.good if self.stemmed else self.good

    def outside(self, stem: str) -> str:
        return stem + self.bad if self.stemmed else self.bad


@dataclass(frozen=True, slots=True)
class Range:
    """A whole number between two, the ends included; `also` are allowed outside of it. Of a query it is a text."""

    least: int
    most: int
    also: tuple[int, ...] = ()

    def holds(self, value: Any) -> bool:
        if isinstance(value, str) and value.lstrip("-").isdigit():
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            return not isinstance(value, str)
        return value in self.also or self.least <= value <= self.most

    def describe(self) -> str:
        also = "".join(f" or {one}" for one in self.also)
        return f"{self.least} to {self.most}{also}"

    def inside(self, stem: str) -> int:  # noqa: ARG002 - a number has no stem
        return self.most

    def outside(self, stem: str) -> int:  # noqa: ARG002 - a number has no stem
        return self.most + 1


@dataclass(frozen=True, slots=True)
class OneOf:
    """A word of a list."""

    words: tuple[str, ...]

    def holds(self, value: Any) -> bool:
        return value in self.words

    def describe(self) -> str:
        return f"one of {', '.join(self.words)}"

    def inside(self, stem: str) -> str:  # noqa: ARG002 - the words are fixed
        return self.words[0]

    def outside(self, stem: str) -> str:  # noqa: ARG002 - the words are fixed
        return "NO_SUCH_WORD"


@dataclass(frozen=True, slots=True)
class Count:
    """How many items a list or a map has; `item` makes the n-th one, of a map its key and value."""

    most: int
    item: Callable[[int], Any]
    of_map: bool = False

    def holds(self, value: Any) -> bool:
        return not isinstance(value, (list, dict)) or len(value) <= self.most

    def describe(self) -> str:
        return f"at most {self.most} entries"

    def inside(self, stem: str) -> Any:  # noqa: ARG002 - made by `item`
        return self._made(self.most)

    def outside(self, stem: str) -> Any:  # noqa: ARG002 - made by `item`
        return self._made(self.most + 1)

    def _made(self, number: int) -> Any:
        items = [self.item(n) for n in range(number)]
        return dict(items) if self.of_map else items


@dataclass(frozen=True, slots=True)
class Distinct:
    """No two items of a list have the same `key`."""

    key: str
    item: Callable[[int], Any]

    def holds(self, value: Any) -> bool:
        return not self.twice(value)

    def twice(self, value: Any) -> list[str]:
        """What is there more than once."""
        items = value if isinstance(value, list) else []
        named = [str(item[self.key]) for item in items if isinstance(item, dict) and item.get(self.key) is not None]
        return sorted({name for name in named if named.count(name) > 1})

    def describe(self) -> str:
        return f"no two with the same {self.key}"

    def inside(self, stem: str) -> Any:  # noqa: ARG002 - made by `item`
        return [self.item(0), self.item(1)]

    def outside(self, stem: str) -> Any:  # noqa: ARG002 - made by `item`
        return [self.item(0), self.item(0)]


@dataclass(frozen=True, slots=True)
class Quartz:
    """A cron expression of Quartz."""

    def holds(self, value: Any) -> bool:
        return not isinstance(value, str) or is_quartz(value)

    def describe(self) -> str:
        return "a Quartz cron expression"

    def inside(self, stem: str) -> str:  # noqa: ARG002 - an expression has no stem
        return "0 0 11 ? * MON-FRI"

    def outside(self, stem: str) -> str:  # noqa: ARG002 - an expression has no stem
        return "0 11 * * *"


@dataclass(frozen=True, slots=True)
class TimeZone:
    """A time zone of the tz database, or an offset as Java writes it."""

    def holds(self, value: Any) -> bool:
        # A machine without the tz database cannot tell.
        known = _zones()
        return not isinstance(value, str) or not known or value in known or re.fullmatch(_OFFSET, value) is not None

    def describe(self) -> str:
        return "a time zone id as Java knows them"

    def inside(self, stem: str) -> str:  # noqa: ARG002 - a zone has no stem
        return "Europe/Amsterdam"

    def outside(self, stem: str) -> str:  # noqa: ARG002 - a zone has no stem
        return "Mars/Olympus"


# https://docs.oracle.com/javase/8/docs/api/java/util/TimeZone.html and the ids of its own that Java has besides.
_OFFSET = r"(GMT|UTC|UT)([+-]\d{1,2}(:?[0-5]\d)?)?|[+-]\d{2}:\d{2}"
_JAVA_IDS = frozenset(
    re.findall(
        r"\w+",
        "ACT AET AGT ART AST BET BST CAT CNT CST CTT EAT ECT IET IST JST MIT NET NST PLT PNT PRT PST SST VST",
    )
)


@functools.cache
def _zones() -> frozenset[str]:
    found = frozenset(available_timezones())
    return found | _JAVA_IDS if found else found


@dataclass(frozen=True, slots=True)
class OnlyOneOf:
    """Of some fields of an object at most one is set. The path names the object; the empty one is the whole body."""

    fields: tuple[str, ...]
    examples: tuple[Any, ...]

    def holds(self, value: Any) -> bool:
        return not isinstance(value, dict) or sum(value.get(one) is not None for one in self.fields) <= 1

    def describe(self) -> str:
        return f"at most one of {', '.join(self.fields)}"

    def inside(self, stem: str) -> Any:  # noqa: ARG002 - the examples are fixed
        return {self.fields[0]: self.examples[0]}

    def outside(self, stem: str) -> Any:  # noqa: ARG002 - the examples are fixed
        return dict(zip(self.fields[:2], self.examples[:2], strict=True))


@dataclass(frozen=True, slots=True)
class Needed:
    """The field is there and not empty; `example` is a value that it can have."""

    example: Any

    def holds(self, value: Any) -> bool:
        return value not in (None, "", [], {})

    def describe(self) -> str:
        return "required"

    def inside(self, stem: str) -> Any:
        return stem + self.example if isinstance(self.example, str) else self.example

    def outside(self, stem: str) -> Any:  # noqa: ARG002 - nothing is nothing
        return None


@dataclass(frozen=True, slots=True)
class Serialized:
    """The size of a value as JSON, in bytes."""

    most: int
    item: Callable[[int], Any]

    def holds(self, value: Any) -> bool:
        return value is None or len(json.dumps(value, separators=(",", ":")).encode()) <= self.most

    def describe(self) -> str:
        return f"at most {self.most} bytes as JSON"

    def inside(self, stem: str) -> Any:  # noqa: ARG002 - made by `item`
        return self.item(self.most - len(json.dumps(self.item(0), separators=(",", ":"))))

    def outside(self, stem: str) -> Any:  # noqa: ARG002 - made by `item`
        return self.item(self.most - len(json.dumps(self.item(0), separators=(",", ":"))) + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """One row. `says` may name {field}, {value}, {length}, {bound} and, of `Distinct`, {twice}.

    `refusal` makes the service's refusal of what `says` has become. Text without an example of its own is tried as the
    bound makes it; `stem_of` cuts the stem for a field that takes only some characters.
    """

    field: str
    bound: Bound
    says: str
    source: Source
    refusal: Callable[["Limit", str], RefusalError]
    code: str = ""
    status: int = 400

    def check(self, call: Call) -> None:
        """Return when the call keeps to the row; raise the service's refusal otherwise."""
        for shown, value in self.values(call):
            if (value is not None or isinstance(self.bound, Needed)) and not self.bound.holds(value):
                raise self.refusal(self, self.said(shown, value))

    def values(self, call: Call) -> Iterator[tuple[str, Any]]:
        """The values that the row is about, each with its place."""
        if self.field.startswith("?"):
            yield self.field[1:], call.query.get(self.field[1:])
        elif self.field.startswith(":"):
            yield self.field[1:], call.params.get(self.field[1:])
        else:
            yield from _found(call.body, self.field, "")

    def said(self, shown: str, value: Any) -> str:
        """What the refusal says."""
        text = value if isinstance(value, str) else json.dumps(value, default=str)
        cut = text if len(text) <= _SHOWN else text[:_SHOWN] + "..."
        twice = ", ".join(self.bound.twice(value)) if isinstance(self.bound, Distinct) else ""
        length = len(value) if isinstance(value, (str, list, dict)) else 0
        return self.says.format(field=shown, value=cut, length=length, bound=self.bound.describe(), twice=twice)


def within(prefix: str, rows: tuple[Limit, ...]) -> tuple[Limit, ...]:
    """The same rows about an object inside the body."""
    return tuple(replace(row, field=".".join(filter(None, (prefix, row.field)))) for row in rows)


def limited(*rows: Limit) -> Callable[[Handler], Handler]:
    """The handler, behind rows; `limits_of` reads them again."""

    def behind(handler: Handler) -> Handler:
        @functools.wraps(handler)
        def checked(call: Call) -> Any:
            for row in rows:
                row.check(call)
            return handler(call)

        checked.limits = (*rows, *limits_of(handler))  # type: ignore[attr-defined]
        return checked

    return behind


def limits_of(handler: Handler) -> tuple[Limit, ...]:
    """The rows of a handler."""
    return getattr(handler, "limits", ())


def _found(value: Any, path: str, shown: str) -> Iterator[tuple[str, Any]]:
    if not path:
        yield shown, value
        return
    step = _STEP.match(path)
    assert step is not None, path
    rest = path[step.end() :]
    inner = value.get(step["name"]) if isinstance(value, dict) else None
    here = f"{shown}.{step['name']}" if shown else step["name"]
    match step["each"], inner:
        case None, _:
            yield from _found(inner, rest, here)
        case "[]", list():
            for number, item in enumerate(inner):
                yield from _found(item, rest, f"{here}[{number}]")
        case "{}", dict():
            for key in inner:
                yield from _found(key, rest, here)
        case "{=}", dict():
            for key, item in inner.items():
                yield from _found(item, rest, f"{here}.{key}")
