"""Where two values of a resource differ, down to the leaf. Secrets stay covered; order alone is no difference."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

# Names that hold secrets whatever a provider's schema says of them.
_SECRET_NAME = re.compile(
    r"(?:^|_)(?:token|token_value|plaintext_value|encrypted_value|secret|password|private_key)$", re.IGNORECASE
)
# By these, in this order, the blocks of a list are told apart.
_KEYS = (
    "task_key", "job_cluster_key", "environment_key", "principal", "group_name", "service_principal_name", "user_name",
    "pattern", "key", "name", "label", "id",
)  # fmt: skip
# Lists that are passed on as they stand: there, order is meaning. Init scripts run one after the other, and an
# environment's dependencies are the lines of a requirements file, whose options hold for what follows.
_ORDERED = frozenset(
    {
        "commands", "dependencies", "init_scripts", "jar_params", "parameters", "params", "python_params",
        "spark_submit_params",
    }
)  # fmt: skip
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


@dataclass(frozen=True, slots=True)
class Secret:
    """A value that is compared and never shown."""

    value: Any = field(repr=False)

    def __str__(self) -> str:
        return "(secret)"


class _Unknown:
    def __repr__(self) -> str:
        return "(known after the deploy)"


UNKNOWN = _Unknown()
"""A value that only an apply will tell."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One difference. `path` reads `task["train"].notebook_task.notebook_path`; None stands for nothing.

    Of a list without blocks, `added` and `removed` are its members that only the second or only the first value has.
    """

    path: str
    before: Any = field(default=None, repr=False)
    after: Any = field(default=None, repr=False)
    added: tuple[Any, ...] = field(default=(), repr=False)
    removed: tuple[Any, ...] = field(default=(), repr=False)

    @property
    def attribute(self) -> str:
        """The attribute of the resource that it lies in."""
        return attribute_of(self.path)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of attributes and blocks on the way to it, keys left out."""
        return tuple(_PLAIN.findall(_without_keys(self.path)))

    @property
    def unknown(self) -> bool:
        """Whether only an apply will tell what it becomes."""
        return self.after is UNKNOWN


def differences(
    before: Any, after: Any, *, before_sensitive: Any = None, after_sensitive: Any = None, after_unknown: Any = None
) -> tuple[Leaf, ...]:
    """Every leaf in which two values of a resource differ, in the order of their names.

    The further arguments are those of Terraform's JSON: trees in which `true` marks a value.
    """
    old = covered(before, sensitive=before_sensitive)
    new = covered(after, sensitive=after_sensitive, unknown=after_unknown)
    return tuple(_walk("", settled(old), settled(new), ordered=False))


def covered(value: Any, *, sensitive: Any = None, unknown: Any = None) -> Any:
    """A value of a resource with `Secret` around all that is secret and `UNKNOWN` for what only an apply will tell."""
    return _with_unknown(_covered(value, sensitive), unknown)


def attribute_of(path: str) -> str:
    """The attribute of the resource that a path begins with."""
    return re.split(r"[.\[]", path, maxsplit=1)[0]


def _without_keys(path: str) -> str:
    """The path without what stands in brackets; a key may hold brackets too, so it ends where the path goes on."""
    kept: list[str] = []
    at = 0
    while (begin := path.find("[", at)) >= 0:
        end = begin + 1
        while (end := path.find("]", end)) >= 0 and path[end + 1 : end + 2] not in ("", ".", "["):
            end += 1
        if end < 0:
            break
        kept.append(path[at:begin])
        at = end + 1
    return "".join([*kept, path[at:]])


def covers(outer: str, inner: str) -> bool:
    """Whether one path is the other or leads to it.

    >>> covers("schedule", "schedule.pause_status"), covers("task", "tasks")
    (True, False)
    """
    return inner == outer or (inner.startswith(outer) and inner[len(outer)] in ".[")


def settled(value: Any) -> Any:
    """A value with every empty attribute taken out, or None: Terraform and services differ in how they say "nothing".

    Members of a list and of a map that a user fills are no attributes: there, an empty text is one. An empty argument
    shifts those behind it, and a parameter that is not there is an error where an empty one is none.
    """
    if isinstance(value, Mapping):
        named = (
            (name, _settled_map(inner) if isinstance(inner, Mapping) else settled(inner))
            for name, inner in value.items()
        )
        return {name: inner for name, inner in named if inner is not None} or None
    if isinstance(value, list):
        items = (item if item == "" else settled(item) for item in value)
        return [item for item in items if item is not None] or None
    return None if value == "" else value


def _settled_map(value: Mapping[str, Any]) -> Any:
    """A map as an attribute's value. Blocks are lists in Terraform's JSON, so its keys are the user's own."""
    return {
        name: inner if inner == "" else settled(inner) for name, inner in value.items() if inner is not None
    } or None


def _covered(value: Any, sensitive: Any) -> Any:
    """The value with everything that is secret covered up."""
    if sensitive is True:
        return None if settled(value) is None else Secret(value)
    if isinstance(value, Mapping):
        marks = sensitive if isinstance(sensitive, Mapping) else {}
        return {
            name: _covered(inner, True if _is_secret(name, inner) else marks.get(name)) for name, inner in value.items()
        }
    if isinstance(value, list):
        each = sensitive if isinstance(sensitive, list) else []
        return [_covered(item, each[n] if n < len(each) else None) for n, item in enumerate(value)]
    return value


def _is_secret(name: str, value: Any) -> bool:
    return isinstance(value, str) and _SECRET_NAME.search(name) is not None


def _with_unknown(value: Any, unknown: Any) -> Any:
    if unknown is True:
        return UNKNOWN
    if isinstance(unknown, Mapping):
        known = value if isinstance(value, Mapping) else {}
        return {**known, **{name: _with_unknown(known.get(name), told) for name, told in unknown.items()}}
    if isinstance(unknown, list) and unknown:
        items = value if isinstance(value, list) else []
        length = max(len(items), len(unknown))
        return [
            _with_unknown(items[n] if n < len(items) else None, unknown[n] if n < len(unknown) else None)
            for n in range(length)
        ]
    # `false`, and an empty container, say that all of it is known.
    return value


def _walk(path: str, before: Any, after: Any, *, ordered: bool) -> Iterator[Leaf]:
    if isinstance(before, Secret) or isinstance(after, Secret):
        # Marked on one side, it is as secret on the other.
        if _uncovered(before) != _uncovered(after):
            yield Leaf(path, _secret(before), _secret(after))
        return
    if before == after or (_is_zero(before) and _is_zero(after)):
        return
    if isinstance(before, Mapping | None) and isinstance(after, Mapping | None):
        old, new = before or {}, after or {}
        for name in sorted({*old, *new}):
            yield from _walk(_named(path, name), old.get(name), new.get(name), ordered=name in _ORDERED)
    elif _is_list(before) and _is_list(after):
        old_items, new_items = before or [], after or []
        if all(isinstance(item, Mapping) for item in (*old_items, *new_items)):
            yield from _blocks(path, old_items, new_items, ordered=ordered)
            return
        removed, added = _without(old_items, new_items), _without(new_items, old_items)
        if removed or added:
            yield Leaf(path, before, after, tuple(added), tuple(removed))
        elif ordered:
            yield Leaf(path, before, after)
    else:
        yield Leaf(path, before, after)


def _blocks(path: str, before: list[Any], after: list[Any], *, ordered: bool) -> Iterator[Leaf]:
    """Blocks by what tells them apart; a single one by itself; the rest as they stand."""
    old, new = _by_key(before), _by_key(after)
    if old is not None and new is not None and not ordered:
        for key in sorted({*old, *new}):
            yield from _block(f'{path}["{key}"]', old.get(key), new.get(key))
        return
    if len(before) <= 1 and len(after) <= 1:
        yield from _walk(path, before[0] if before else None, after[0] if after else None, ordered=False)
        return
    left, right = _without(before, after), _without(after, before)
    if ordered and not left and not right and before != after:
        yield Leaf(path, before, after)
        return
    for number in range(max(len(left), len(right))):
        yield from _block(
            f"{path}[{number}]",
            left[number] if number < len(left) else None,
            right[number] if number < len(right) else None,
        )


def _block(path: str, before: Any, after: Any) -> Iterator[Leaf]:
    """A block that is on both sides, down to its leaves; one that came or went, as a whole."""
    if before is None or after is None:
        yield Leaf(path, before, after)
    else:
        yield from _walk(path, before, after, ordered=False)


def _by_key(blocks: list[Any]) -> dict[str, Any] | None:
    """The blocks by their keys, or None when some have none or two have the same."""
    keyed: dict[str, Any] = {}
    for block in blocks:
        key = next((str(block[name]) for name in _KEYS if isinstance(block.get(name), str)), None)
        if key is None or key in keyed:
            return None
        keyed[key] = block
    return keyed


def _without(items: list[Any], others: list[Any]) -> list[Any]:
    """The items that the others do not have, each as often as it is in excess."""
    left = list(others)
    kept = []
    for item in items:
        if item in left:
            left.remove(item)
        else:
            kept.append(item)
    return kept


def _uncovered(value: Any) -> Any:
    return settled(value.value) if isinstance(value, Secret) else value


def _secret(value: Any) -> Any:
    return value if value is None or value is UNKNOWN or isinstance(value, Secret) else Secret(value)


def _is_zero(value: Any) -> bool:
    """What is built on Terraform's older SDK, as most of the two providers is, cannot tell nothing from false and 0."""
    return value is None or value is False or (isinstance(value, int | float) and not value)


def _is_list(value: Any) -> bool:
    return value is None or isinstance(value, list)


def _named(path: str, name: str) -> str:
    if not path:
        return name
    return f"{path}.{name}" if _PLAIN.fullmatch(name) else f'{path}["{name}"]'
