"""Terraform's values on the wire: MessagePack as Terraform writes it, to and from plain Python.

Types are written as in `terraform providers schema -json`: "string", ["set", "string"], ["object", {...}]. A list, a
set and a map become list, list and dict; sets are kept in one order, so that plain equality compares them.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import msgpack  # type: ignore[import-untyped]

Type = Any  # a JSON type expression: str or [kind, element]
Value = Any


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that only apply will know; code and data keep what Terraform refined about it."""

    code: int = 0
    data: bytes = b"\x00"


UNKNOWN = Unknown()


def decode(type_: Type, raw: bytes) -> Value:
    """A MessagePack value of the given type."""
    return conform(type_, msgpack.unpackb(raw, ext_hook=Unknown, strict_map_key=False, raw=False))


def encode(type_: Type, value: Value) -> bytes:
    """The value as MessagePack, with every attribute of every object present."""
    return bytes(msgpack.packb(_packable(type_, conform(type_, value)), use_bin_type=True))


def decode_json(type_: Type, raw: bytes) -> Value:
    """A value as Terraform's state holds it."""
    return conform(type_, json.loads(raw, parse_float=Decimal))


def conform(type_: Type, value: Value) -> Value:
    """The value in its canonical form: sets sorted, objects complete, numbers as numbers, nothing that has no type."""
    if value is None or isinstance(value, Unknown):
        return value
    if isinstance(type_, str):
        return _scalar(type_, value)
    kind, element = type_
    if kind == "object":
        return {name: conform(inner, value.get(name)) for name, inner in element.items()}
    if kind == "map":
        return {key: conform(element, item) for key, item in value.items()}
    items = [conform(element, item) for item in value]
    return sorted_set(items) if kind == "set" else items


def sorted_set(items: Iterable[Value]) -> list[Value]:
    """The elements in the one order that we keep sets in, each once."""
    unique = {json.dumps(item, sort_keys=True, default=repr): item for item in items}
    return [unique[key] for key in sorted(unique)]


def is_known(value: Value) -> bool:
    """Whether nothing in the value is unknown."""
    if isinstance(value, dict):
        return all(is_known(item) for item in value.values())
    if isinstance(value, list):
        return all(is_known(item) for item in value)
    return not isinstance(value, Unknown)


def known(value: Value) -> Value:
    """The value with null wherever it is unknown."""
    if isinstance(value, dict):
        return {key: known(item) for key, item in value.items()}
    if isinstance(value, list):
        return [known(item) for item in value if not isinstance(item, Unknown)]
    return None if isinstance(value, Unknown) else value


def _scalar(type_: str, value: Value) -> Value:
    if type_ == "string":
        return value if isinstance(value, str) else _text(value)
    if type_ == "number":
        return _number(value)
    if type_ == "bool":
        return value if isinstance(value, bool) else {"true": True, "false": False}[str(value).lower()]
    raise TypeError(f"no such type: {type_}")


def _text(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _number(value: Value) -> int | Decimal:
    # 0.1 and 1e20 arrive as text, because no machine number holds them exactly.
    number = value if isinstance(value, int) else Decimal(str(value))
    return int(number) if number == int(number) else Decimal(number)


def _packable(type_: Type, value: Value) -> Value:
    if value is None:
        return None
    if isinstance(value, Unknown):
        return msgpack.ExtType(value.code, value.data)
    if isinstance(type_, str):
        if type_ == "number" and (isinstance(value, Decimal) or not -(2**63) <= value < 2**63):
            return format(value, "f") if isinstance(value, Decimal) else str(value)
        return value
    kind, element = type_
    if kind == "object":
        return {name: _packable(inner, value[name]) for name, inner in element.items()}
    if kind == "map":
        return {key: _packable(element, item) for key, item in value.items()}
    return [_packable(element, item) for item in value]
