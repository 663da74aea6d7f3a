"""JSON as Go prints it: keys sorted, <, > and & escaped."""

import json
import math
from typing import Any

from bundle.normalize import float_text
from bundle.value import Value

_ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029", "\x7f": "\x7f"}


def to_json(tree: Value) -> str:
    """The tree, indented by two, with a newline at the end; ValueError for infinity, which JSON cannot say."""
    return _render(tree.plain(), "") + "\n"


def _render(data: Any, indent: str) -> str:
    inner = indent + "  "
    if isinstance(data, dict):
        if not data:
            return "{}"
        lines = ",\n".join(f"{inner}{_string(key)}: {_render(data[key], inner)}" for key in sorted(data, key=_utf8))
        return f"{{\n{lines}\n{indent}}}"
    if isinstance(data, list):
        if not data:
            return "[]"
        lines = ",\n".join(inner + _render(item, inner) for item in data)
        return f"[\n{lines}\n{indent}]"
    if isinstance(data, str):
        return _string(data)
    if isinstance(data, float):
        return _number(data)
    return json.dumps(data)


def _utf8(key: str) -> bytes:
    return key.encode("utf-8", "surrogatepass")


def _string(text: str) -> str:
    out = json.dumps(text, ensure_ascii=False)
    for char, escape in _ESCAPES.items():
        if char in out:
            out = out.replace(char, escape)
    return out


def _number(number: float) -> str:
    """Go's encoding/json: an exponent below 1e-6 and from 1e21 on."""
    if not math.isfinite(number):
        raise ValueError(f"json: unsupported value: {float_text(number)}")
    if number and not 1e-6 <= abs(number) < 1e21:
        mantissa, _, exponent = f"{number!r}".partition("e")
        sign = "-" if exponent.startswith("-") else "+"
        digits = exponent.lstrip("+-").lstrip("0")
        return f"{mantissa.removesuffix('.0')}e{sign}{digits.rjust(2, '0') if sign == '+' else digits}"
    return float_text(number)
