"""The configuration as a tree of values that know where they were written.

A value keeps every place that shaped it: the first is where it was defined or last overridden, the others are what it
was merged with. Stages change values in place; nothing outside this package sees them.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bundle.yaml_source import Position

Places = tuple[Position, ...]
Step = str | int
Path = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Moment:
    """A timestamp as YAML text: dates keep the form in which they were written."""

    text: str


class ShapeError(Exception):
    """A value has another shape than it is used in; its text is the CLI's."""

    def __init__(self, text: str, value: "Value") -> None:
        self.origin = next(iter(value.places), None)
        super().__init__(text)


class Value:
    """Data with its places; `key_places` say where the key stands under which it was found."""

    __slots__ = ("anchored", "data", "key_places", "places")

    def __init__(self, data: Any, places: Places = (), key_places: Places = (), anchored: bool = False) -> None:
        self.data = data
        self.places = places
        self.key_places = key_places
        self.anchored = anchored

    def __repr__(self) -> str:
        return f"Value({self.data!r})"

    @property
    def kind(self) -> str:
        """The kind's name as it appears in messages."""
        return _KINDS[type(self.data)]

    def get(self, *path: Step) -> "Value | None":
        """The value below, or None where the path leads nowhere."""
        node: Value = self
        for step in path:
            data = node.data
            if isinstance(step, str):
                found = data.get(step) if type(data) is dict else None
            else:
                found = data[step] if type(data) is list and step < len(data) else None
            if found is None:
                return None
            node = found
        return node

    def text(self, *path: Step) -> str:
        """The string below, or an empty one."""
        found = self.get(*path)
        return found.data if found is not None and type(found.data) is str else ""

    def entries(self, *path: Step) -> "dict[str, Value]":
        """The entries of the map below; an empty map that belongs to nobody where there is none."""
        found = self.get(*path)
        return found.data if found is not None and type(found.data) is dict else {}

    def items(self, *path: Step) -> "list[Value]":
        """The elements of the list below, or an empty list that belongs to nobody."""
        found = self.get(*path)
        return found.data if found is not None and type(found.data) is list else []

    def put(self, path: Sequence[Step], data: Any) -> "Value":
        """Sets data at a path of keys; a value that was there keeps its places, and maps on the way are made."""
        node = self
        for index, step in enumerate(path):
            if isinstance(step, str) and type(node.data) is not dict:
                raise ShapeError(f'expected a map to index "{path_text(path[: index + 1])}", found {node.kind}', node)
            if index == len(path) - 1:
                break
            below = node.data.get(step) if type(node.data) is dict else node.data[step]
            if below is None or below.data is None:
                below = node.data[step] = Value({}, below.places if below else (), below.key_places if below else ())
            node = below
        last = path[-1]
        old = node.data.get(last) if type(node.data) is dict else node.data[last]
        new = data if isinstance(data, Value) else wrap(data)
        if old is not None and not isinstance(data, Value):
            new.places, new.key_places = old.places, old.key_places
        node.data[last] = new
        return new

    def plain(self) -> Any:
        """The data alone, as JSON would hold it."""
        data = self.data
        if type(data) is dict:
            return {key: value.plain() for key, value in data.items()}
        if type(data) is list:
            return [value.plain() for value in data]
        return data.text if type(data) is Moment else data

    def copy(self) -> "Value":
        """A deep copy."""
        data = self.data
        if type(data) is dict:
            data = {key: value.copy() for key, value in data.items()}
        elif type(data) is list:
            data = [value.copy() for value in data]
        return Value(data, self.places, self.key_places, self.anchored)

    def is_zero(self) -> bool:
        """Whether this is the empty value of its kind."""
        return not self.data or (type(self.data) is Moment and not self.data.text)

    def walk(self, path: Path = ()) -> "Iterator[tuple[Path, Value]]":
        """Every value with its path, parents first."""
        yield path, self
        if type(self.data) is dict:
            for key, value in list(self.data.items()):
                yield from value.walk((*path, key))
        elif type(self.data) is list:
            for index, value in enumerate(self.data):
                yield from value.walk((*path, index))


_KINDS: dict[type, str] = {
    dict: "map",
    list: "sequence",
    str: "string",
    bool: "bool",
    int: "int",
    float: "float",
    Moment: "time",
    type(None): "nil",
}

ANY_KEY = "*"
ANY_INDEX = "[*]"


def wrap(data: Any) -> Value:
    """Plain data as values without places."""
    if isinstance(data, Value):
        return data
    if isinstance(data, dict):
        return Value({str(key): wrap(value) for key, value in data.items()})
    if isinstance(data, list | tuple):
        return Value([wrap(value) for value in data])
    return Value(data)


def path_text(path: Iterable[Step]) -> str:
    """`resources.jobs.a.tasks[0]`."""
    parts: list[str] = []
    for step in path:
        if isinstance(step, int):
            parts.append(f"[{step}]")
        else:
            parts.append(f".{step}" if parts else step)
    return "".join(parts)


def parse_path(text: str) -> Path:
    """The path written as `a.b[0].c`."""
    steps: list[Step] = []
    for part in text.split("."):
        name, *indexes = part.split("[")
        if not all(index[:-1].isdecimal() and index.endswith("]") for index in indexes):
            steps.append(part)  # a key of somebody's that holds brackets
            continue
        if name:
            steps.append(name)
        steps += [_index(index[:-1]) for index in indexes]
    return tuple(steps)


def _index(digits: str) -> int:
    """An index; one that no list can have stands for all that are too large."""
    return int(digits) if len(digits) <= _INDEX_DIGITS else 10**_INDEX_DIGITS


_INDEX_DIGITS = 18


def matches(root: Value, pattern: Sequence[Step], prefix: Path = ()) -> Iterator[tuple[Path, Value]]:
    """Every value whose path fits a pattern in which `*` is any key and `[*]` any index.

    A branch that has another shape than the pattern is passed over.
    """
    if not pattern:
        yield prefix, root
        return
    step, rest, data = pattern[0], pattern[1:], root.data
    if step == ANY_KEY:
        if type(data) is dict:
            for key in list(data):
                yield from matches(data[key], rest, (*prefix, key))
    elif step == ANY_INDEX:
        if type(data) is list:
            for index, value in enumerate(data):
                yield from matches(value, rest, (*prefix, index))
    else:
        below = root.get(step)
        if below is not None:
            yield from matches(below, rest, (*prefix, step))


def exact_matches(root: Value, pattern: Sequence[Step]) -> list[tuple[Path, Value]]:
    """Like `matches`, as strict as the CLI: a wrong shape is a ShapeError, and one null on the way hides them all."""
    found: list[tuple[Path, Value]] = []
    return found if _collect(root, pattern, (), found) else []


def _collect(value: Value, pattern: Sequence[Step], path: Path, found: list[tuple[Path, Value]]) -> bool:
    """Gathers matches; false when a null was in the way."""
    if not pattern:
        found.append((path, value))
        return True
    step, rest, data = pattern[0], pattern[1:], value.data
    if step == ANY_KEY:
        if type(data) is not dict:
            raise ShapeError(f'expected a map at "{path_text(path)}", found {value.kind}', value)
        return all(_collect(inner, rest, (*path, key), found) for key, inner in data.items())
    if step == ANY_INDEX:
        if type(data) is not list:
            raise ShapeError(f'expected a sequence at "{path_text(path)}", found {value.kind}', value)
        return all(_collect(inner, rest, (*path, index), found) for index, inner in enumerate(data))
    if data is None:
        return False
    if type(data) is not dict:
        raise ShapeError(f'expected a map to index "{path_text((*path, step))}", found {value.kind}', value)
    return step not in data or _collect(data[step], rest, (*path, step), found)


def pattern_of(text: str) -> tuple[Step, ...]:
    """The pattern written as `resources.jobs.*.tasks[*].x`."""
    return tuple(text.replace("[*]", ".[*]").split("."))
