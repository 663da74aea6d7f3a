r"""The border between data and Terraform: the only way in which text from anywhere becomes part of a configuration.

Terraform evaluates `${` and `%{` in every string of a JSON configuration, in the keys of maps too
(https://developer.hashicorp.com/terraform/language/syntax/json#expression-mapping). On the way there CDKTF looks for
tokens of its own in strings, keys, lists and numbers, and JavaScript gives some keys a meaning (cdktf 0.21:
lib/tokens/private/encoding.js and resolve.js, lib/util.js). `literal` and `written` write data so that neither finds
anything, and Terraform's evaluation gives back the very data. What refers to something is a `Reference`, which data
cannot become.

>>> literal('%{ if x }'), literal('${TfToken[TOKEN.0]}')
('%%{ if x }', '${"$"}{TfToken[TOKEN.0]}')
>>> written({"${a}": [1, Template(("job ", Reference("databricks_job.train.id")))]})
{'$${a}': [1, 'job ${databricks_job.train.id}']}
"""

import math
import re
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NewType

TerraformText = NewType("TerraformText", str)
"""A string as Terraform reads it: what came from elsewhere in it is escaped."""

_NAME = r"[A-Za-z_][A-Za-z0-9_-]*"
_EXPRESSION = re.compile(rf"(data\.)?(databricks|github)_[a-z0-9_]+\.{_NAME}(\.{_NAME}|\[[0-9]+\])+")

# What begins a template, and what begins a token of CDKTF.
_OPENING = re.compile(r"(?<![$%])([$%]+\{|[$%]*[#&](?=\{TfToken\[))")
_TRAILING = re.compile(r"(?<![$%])[$%]+\Z")
# After a carriage return that ends no line, Terraform takes templates for text up to the end of the line (1.11).
_RETURN = re.compile(r"(?<![$%])([$%]*)\r(?!\n)")
# Where CDKTF looks for the numbers that stand for its tokens, within other text too: the beginning of a run, as
# JavaScript's parseFloat reads it. Its search takes the square of the length of a run, so long ones are broken up.
_NUMBERS = re.compile(r"(?<![-|0-9.+])[-|0-9.+]+(e[-|0-9.eE+]+)?")
_LEADING_NUMBER = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?")
_LONG = 256
# The upper 16 bits of the doubles that stand for tokens of a number and of a list of numbers.
_TOKEN_NUMBERS = frozenset((0xFDFF, 0xFBFF))
# What is escaped in a string of HCL: all that could mean something there, and the e of such a number.
_NOT_PLAIN = re.compile(r"[^A-Za-z0-9 _./-]|(?<=[0-9.-])e")
# What stands in a map in place of what is not known yet.
_MAP_VALUES = frozenset(("String Map Token Value", "Any Map Token Value"))
_MAP_NUMBER = -123456789
# By these keys CDKTF knows its own objects and JSON its comments; the first is the prototype of a JavaScript object.
_KEYS = frozenset(("__proto__", "_children", "_metadata", "withinArray", "interpolationAsList", "//"))
# JavaScript knows larger whole numbers only roughly.
_EXACT = 2**53


@dataclass(frozen=True, slots=True)
class Reference:
    """An attribute of something in the same stack, such as `databricks_job.train.id`; ValueError for anything else."""

    expression: str

    def __post_init__(self) -> None:
        if not _EXPRESSION.fullmatch(self.expression) or _without_numbers(self.expression) != self.expression:
            raise ValueError(f"not a reference to an attribute: {self.expression!r}")


@dataclass(frozen=True, slots=True)
class Template:
    """Text with references in it; printed, it is what the Databricks CLI would write."""

    parts: tuple[str | Reference, ...]

    def __str__(self) -> str:
        return "".join(part if isinstance(part, str) else f"${{{part.expression}}}" for part in self.parts)


def literal(text: str) -> TerraformText:
    """The text, so that Terraform reads the text."""
    return TerraformText("".join(_pieces((text,))))


def literal_or_none(text: str | None) -> TerraformText | None:
    """Likewise, where there may be none."""
    return None if text is None else literal(text)


def filled(text: str, names: Mapping[str, Reference]) -> TerraformText:
    """The text with references in place of the names that occur in it."""
    return TerraformText("".join(_pieces(_parts(text, names))))


def written(value: Any, names: Mapping[str, Reference] | None = None) -> Any:
    """Data for a JSON configuration: strings, keys and numbers as Terraform must find them to read this very data.

    Maps, lists, scalars and Templates; `names` are replaced by references, in strings that are no keys. ValueError for
    numbers that JSON does not have.
    """
    if isinstance(value, str):
        return filled(value, names) if names else literal(value)
    if isinstance(value, Template):
        parts = [part if isinstance(part, Reference) else _parts(part, names or {}) for part in value.parts]
        return "".join(_pieces(_flat(parts)))
    if isinstance(value, Mapping):
        return {_key(key): written(inner, names) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [written(inner, names) for inner in value]
    return _number(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def quoted(text: str) -> str:
    """The text as a string within one of our own expressions: HCL's quotes around it, nothing in it that begins one."""
    return f'"{_NOT_PLAIN.sub(_escape, text)}"'


def _escape(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def _key(key: str) -> str:
    return _aside(key[0]) + literal(key[1:]) if key in _KEYS else literal(key)


def _aside(text: str) -> str:
    """Text as an expression of its own, so that it is not seen together with its neighbours."""
    return f'${{"{text}"}}'


def _parts(text: str, names: Mapping[str, Reference]) -> tuple[str | Reference, ...]:
    found: list[str | Reference] = [text]
    for name, reference in names.items():
        divided: list[str | Reference] = []
        for part in found:
            if isinstance(part, Reference):
                divided.append(part)
                continue
            first, *others = part.split(name)
            divided.append(first)
            for other in others:
                divided += (reference, other)
        found = divided
    return tuple(found)


def _flat(parts: list[Reference | tuple[str | Reference, ...]]) -> tuple[str | Reference, ...]:
    return tuple(inner for part in parts for inner in (part if isinstance(part, tuple) else (part,)))


def _pieces(parts: tuple[str | Reference, ...]) -> Iterator[str]:
    """Text before a reference must not end in what would escape it."""
    for index, part in enumerate(parts):
        if isinstance(part, Reference):
            yield f"${{{part.expression}}}"
            continue
        text = _without_openings(part)
        if index + 1 < len(parts):
            text = _TRAILING.sub(lambda found: _aside(found[0]), text)
        yield _RETURN.sub(_returned, _without_numbers(text))


def _returned(found: re.Match[str]) -> str:
    return _aside(f"{found[1]}\\r")


def _without_openings(text: str) -> str:
    if text in _MAP_VALUES:
        return _aside(text[0]) + text[1:]
    return _OPENING.sub(lambda found: _opened(found, text), text)


def _opened(found: re.Match[str], text: str) -> str:
    signs = found[0].removesuffix("{")
    if len(signs) == 1 and signs in "$%" and not text.startswith("TfToken[", found.end()):
        return f"{signs}{signs}{{"
    return _aside(signs) + found[0].removeprefix(signs)


def _without_numbers(text: str) -> str:
    return _NUMBERS.sub(_unnumbered, text)


def _unnumbered(found: re.Match[str]) -> str:
    run = found[0]
    number = _LEADING_NUMBER.match(run)
    if found[1] and number and _stands_for_token(float(number[0])):
        run = run.replace("e", _aside("e"))
    elif len(run) > _LONG:
        run = _aside("").join(run[start : start + _LONG] for start in range(0, len(run), _LONG))
    return run


def _number(value: float) -> float | str:
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"not a number of JSON: {value}")
    if isinstance(value, int):
        known = abs(value) <= _EXACT and value != _MAP_NUMBER
    else:
        known = value != _MAP_NUMBER and not _stands_for_token(value)
    return value if known else f"${{{repr(value).upper()}}}"


def _stands_for_token(value: float) -> bool:
    return struct.unpack(">H", struct.pack(">d", value)[:2])[0] in _TOKEN_NUMBERS
