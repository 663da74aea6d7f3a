"""Fits a tree to its type: coercions, and warnings for what does not fit and is dropped.

Rules: databricks/cli v0.280.0 libs/dyn/convert/normalize.go. `settle` then drops what the CLI's typed structs cannot
hold: null sections and empty fields (to_typed.go, from_typed.go).
"""

import json
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from bundle.diagnostics import Report, Severity
from bundle.limits import DIGITS
from bundle.schema import Type
from bundle.value import Moment, Path, Value
from bundle.yaml_source import Position

# The CLI's pattern (libs/dyn/dynvar/ref.go), written so that every text is read in one way only.
_NAME = r"[a-zA-Z][a-zA-Z0-9]*+(?:[-_]++[a-zA-Z0-9]++)*+"
_INDEXES = r"(?:\[[0-9]++\])*+"
REFERENCE = re.compile(rf"\$\{{({_NAME}(?:(?:\.{_NAME}{_INDEXES})++|{_INDEXES}))\}}")

_YES = frozenset(("true", "y", "Y", "yes", "Yes", "YES", "on", "On", "ON"))
_NO = frozenset(("false", "n", "N", "no", "No", "NO", "off", "Off", "OFF"))
_INT = re.compile(r"[-+]?[0-9]+\Z")
_LOWEST, _HIGHEST = -(1 << 63), (1 << 63) - 1
_NOWHERE = Position("", 0, 0)


def is_pure_reference(text: Any) -> bool:
    """Whether a text is one reference and nothing else."""
    return type(text) is str and text.startswith("${") and REFERENCE.fullmatch(text) is not None


def normalize(value: Value, kind: Type, report: Report, path: Path = ()) -> Value | None:
    """A new tree that fits the type, or None when nothing of the value does."""
    data, shape = value.data, kind.kind
    if shape == "struct":
        return _struct(value, kind, report, path)
    if shape == "any":
        fitted = value.copy()
        for _, inner in fitted.walk():
            if type(inner.data) is Moment:
                inner.data = inner.data.text
        return fitted
    if shape == "map" or shape == "list":
        return _container(value, kind, report, path)
    if data is None:
        _warn(report, f"expected a {shape} value, found null", value, path)
        return None
    fitted_data = _scalar(shape, value, report, path)
    if fitted_data is None:
        return None
    return Value(fitted_data, value.places, value.key_places)


def _warn(report: Report, summary: str, value: Value, path: Path) -> None:
    report.add(Severity.WARNING, summary, paths=[path], places=value.places[:1] or [_NOWHERE])


def _mismatch(expected: str, value: Value, report: Report, path: Path) -> None:
    _warn(report, f"expected {expected}, found {value.kind}", value, path)


def _struct(value: Value, kind: Type, report: Report, path: Path) -> Value | None:
    data = value.data
    if type(data) is not dict:
        return _nothing_or_reference("map", value, report, path)
    out: dict[str, Value] = {}
    fields = kind.fields
    for key, inner in data.items():
        field = fields.get(key)
        if field is None:
            if not inner.anchored:
                report.add(Severity.WARNING, f"unknown field: {key}", paths=[path], places=inner.key_places)
            continue
        fitted = normalize(inner, field, report, (*path, key))
        if fitted is not None:
            fitted.key_places = inner.key_places
            out[key] = fitted
    return Value(out, value.places, value.key_places)


def _container(value: Value, kind: Type, report: Report, path: Path) -> Value | None:
    data, item = value.data, kind.of
    if kind.kind == "map" and type(data) is dict:
        entries: dict[str, Value] = {}
        for key, inner in data.items():
            fitted = normalize(inner, item, report, (*path, key))
            if fitted is not None:
                fitted.key_places = inner.key_places
                entries[key] = fitted
        return Value(entries, value.places, value.key_places)
    if kind.kind == "list" and type(data) is list:
        elements: list[Value] = []
        for inner in data:
            fitted = normalize(inner, item, report, (*path, len(elements)))
            if fitted is not None:
                elements.append(fitted)
        return Value(elements, value.places, value.key_places)
    return _nothing_or_reference("map" if kind.kind == "map" else "sequence", value, report, path)


def _nothing_or_reference(expected: str, value: Value, report: Report, path: Path) -> Value | None:
    if value.data is None or is_pure_reference(value.data):
        return Value(value.data, value.places, value.key_places)
    _mismatch(expected, value, report, path)
    return None


def _scalar(shape: str, value: Value, report: Report, path: Path) -> Any:
    """The data as a scalar of that shape, or as the reference that it is; None with a warning where it is neither."""
    made, wrong = _SCALARS[shape](value.data)
    if made is not None:
        return made
    if is_pure_reference(value.data):
        return value.data
    _warn(report, wrong or f"expected {shape}, found {value.kind}", value, path)
    return None


# What data is as a scalar, or None and, where it is not of another kind altogether, what is wrong with it.


def _string(data: Any) -> tuple[str | None, str]:
    if type(data) is str:
        return data, ""
    if type(data) is bool:
        return "true" if data else "false", ""
    if type(data) is int:
        return str(data), ""
    if type(data) is float:
        return float_text(data), ""
    return (data.text if type(data) is Moment else None), ""


def _bool(data: Any) -> tuple[bool | None, str]:
    if type(data) is bool:
        return data, ""
    if type(data) is str and data in (*_YES, *_NO):
        return data in _YES, ""
    return None, ""


def _int(data: Any) -> tuple[int | None, str]:
    if type(data) is int:
        return data, ""
    if type(data) is float:
        if data == data and abs(data) != float("inf") and int(data) == data:
            return int(data), ""
        return None, f'cannot accurately represent "{_g(data)}" as integer due to precision loss'
    if type(data) is str:
        if len(data) <= DIGITS and _INT.match(data) and _LOWEST <= int(data) <= _HIGHEST:
            return int(data), ""
        return None, f"cannot parse {quoted(data)} as an integer"
    return None, ""


def _float(data: Any) -> tuple[float | None, str]:
    if type(data) is float:
        return data, ""
    if type(data) is int:
        if int(float(data)) == data:
            return float(data), ""
        return None, f'cannot accurately represent "{data}" as floating point number due to precision loss'
    if type(data) is str:
        try:
            return float(data), ""
        except ValueError:
            return None, f"cannot parse {quoted(data)} as a floating point number"
    return None, ""


_SCALARS: Mapping[str, Callable[[Any], tuple[Any, str]]] = {
    "string": _string,
    "bool": _bool,
    "int": _int,
    "float": _float,
}


def float_text(number: float) -> str:
    """Shortest decimal digits without an exponent, as Go's 'f' format."""
    if number != number:
        return "NaN"
    if abs(number) == float("inf"):
        return "+Inf" if number > 0 else "-Inf"
    text = format(Decimal(repr(number)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _g(number: float) -> str:
    """Go's %g: like repr, with an exponent from 1e21 on and no trailing .0."""
    text = repr(number)
    return text.removesuffix(".0")


def quoted(text: str) -> str:
    """Go's %q for the text that occurs in messages."""
    return json.dumps(text, ensure_ascii=False)


def settle(value: Value, kind: Type) -> Value:
    """Drops, in place, what a typed configuration does not keep; returns the same value."""
    data = value.data
    if type(data) is dict and kind.kind == "struct":
        for key in [key for key, inner in data.items() if not _keeps(kind, key, inner)]:
            del data[key]
        for key, inner in data.items():
            settle(inner, kind.fields[key])
    elif type(data) is dict and kind.kind == "map":
        for inner in data.values():
            if inner.data is None and kind.of.name == "Script":
                inner.data = {}
            settle(inner, kind.of)
    elif type(data) is list and kind.kind == "list":
        for inner in data:
            if inner.data is None and kind.of.kind == "struct":
                inner.data = {}
            settle(inner, kind.of)
    return value


def _keeps(kind: Type, key: str, inner: Value) -> bool:
    field = kind.fields.get(key)
    if field is None:
        return False
    if not inner.is_zero():
        return True
    if field.kind == "struct":
        return inner.data is not None or key in kind.by_value or key in kind.sendable
    if field.kind in ("map", "list"):
        return inner.data is not None or key in kind.sendable
    if field.kind == "any":
        return inner.data is not None or key in kind.sendable
    return kind.keeps_empty(key)
