"""How two trees become one (databricks/cli v0.280.0 libs/dyn/merge)."""

from collections.abc import Callable

from bundle.diagnostics import StopError
from bundle.value import Value


def merge(base: Value, other: Value) -> Value:
    """Changes `base` into the merge of both and returns it.

    Null gives way; maps merge by key; lists are joined; the later of two scalars of one kind wins; all else fails.
    """
    if other.data is None:
        base.places += other.places
        return base
    if base.data is None:
        base.data, base.places = other.data, other.places + base.places
        return base
    if base.kind != other.kind:
        check_mergeable(base, other)
    if type(base.data) is dict:
        entries = base.data
        for key, value in other.data.items():
            held = entries.get(key)
            if held is None:
                entries[key] = value
            else:
                merge(held, value)
        base.places += other.places
    elif type(base.data) is list:
        base.data.extend(other.data)
        base.places += other.places
    else:
        base.data, base.places = other.data, other.places + base.places
    return base


def check_mergeable(base: Value, other: Value) -> None:
    """Raises StopError where `merge` would, without changing anything."""
    if base.data is None or other.data is None:
        return
    if base.kind != other.kind:
        origin = other.places[0] if other.places else None
        raise StopError(f"cannot merge {base.kind} with {other.kind}", origin=origin)
    if type(base.data) is dict:
        for key, value in other.data.items():
            held = base.data.get(key)
            if held is not None:
                check_mergeable(held, value)


def override(base: Value, other: Value) -> Value:
    """The later value whole, where both are maps at the places of the earlier one."""
    if type(other.data) is dict:
        base.data = other.data
        return base
    return other


def merge_by_key(
    elements: list[Value],
    key: str,
    *,
    name: Callable[[str], str] = str,
    missing: str = "",
    combine: Callable[[Value, Value], Value] = merge,
) -> list[Value]:
    """Elements that share a key become one, where the first of them stands; the key is set on all."""
    merged: dict[str, Value] = {}
    for element in elements:
        held = element.get(key)
        label = name(held.data) if held is not None and type(held.data) is str else missing
        merged[label] = combine(merged[label], element) if label in merged else element
    for label, element in merged.items():
        if type(element.data) is dict:
            element.data[key] = Value(label)
    return list(merged.values())
