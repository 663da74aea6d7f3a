"""A YAML file as the Databricks CLI reads it: go-yaml's dialect with the CLI's own merge keys.

Rules: databricks/cli v0.280.0 libs/dyn/yamlloader/loader.go over yaml.v3 resolve.go. Of a key that stands twice in one
map the CLI silently takes the last; here that is an error down to the names of resources, targets and variables, where
it loses a whole definition.
"""

import math
import re
from datetime import date

from bundle.diagnostics import StopError, place_text
from bundle.limits import DEPTH, DIGITS, VALUES, Tally, weight
from bundle.value import Moment, Value
from bundle.yaml_source import (
    AliasedNode,
    AliasNode,
    MalformedError,
    MappingNode,
    Position,
    ScalarNode,
    SequenceNode,
    compose_aliased,
)

_WORDS: dict[str, tuple[str, object]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), ("null", None)),
    **dict.fromkeys(("true", "True", "TRUE"), ("bool", True)),
    **dict.fromkeys(("false", "False", "FALSE"), ("bool", False)),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), ("float", math.nan)),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), ("float", math.inf)),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), ("float", -math.inf)),
}
_DATE = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})"
    r"([Tt](\d{1,2}):(\d{1,2}):(\d{1,2})(\.\d+)?(Z|[+-]\d\d:\d\d)| (\d{1,2}):(\d{1,2}):(\d{1,2})(\.\d+)?)?\Z"
)
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_BASED_INT = re.compile(r"[-+]?(0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+|0[0-7]*|[1-9][0-9]*)\Z")
_NAMED = 3  # how many keys lead to the deepest definition, a resource
_HOLDERS = ("resources", "targets", "environments", "variables", "artifacts", "scripts")
_SHORT = 19  # digits that any integer of 64 bits can have
_DECIMAL = re.compile(r"[-+]?[0-9]+\Z")


def load(text: str, *, file: str, values: Tally | None = None) -> Value:
    """The tree of a file; an empty file is null.

    `values` counts what is made of several files together. Raises StopError with the CLI's words, RefusedError beyond a
    limit.
    """
    try:
        node = compose_aliased(text, file=file)
    except MalformedError as error:
        raise StopError(f"yaml: {_go_words(error)}", origin=error.position) from None
    return Value(None) if node is None else _Reading(file, values or Tally(VALUES)).value(node, ())


def _go_words(error: MalformedError) -> str:
    """go-yaml counts lines from 0 except in its scanner, prefers where the construct began, and hides line 0."""
    marks = (error.context, error.position)
    line = next((mark.line - 1 for mark in marks if mark and mark.line > 1), 0)
    if error.problem.startswith("unknown anchor") or not line:
        return error.problem
    return f"line {line + error.in_scanner}: {error.problem}"


class _Reading:
    """Makes values of the nodes of one file; what aliases repeat is made as often as it is named, up to the limit."""

    def __init__(self, file: str, values: Tally) -> None:
        self.values = values
        self.too_many = f"{file} repeats values by aliases, or the files before it are too large"
        self.depth = 0

    def value(self, node: AliasedNode, path: tuple[str, ...] | None = None) -> Value:
        kind = type(node)
        self.values.add(weight(node.text) if isinstance(node, ScalarNode) else 1, self.too_many)
        if kind is ScalarNode:
            return Value(_scalar(node), (node.position,), (), bool(node.anchor))  # type: ignore[arg-type, union-attr]
        if isinstance(node, AliasNode):
            return self.value(node.target, path)
        self.depth += 1
        if self.depth > DEPTH.most:
            DEPTH.check(self.depth, f"{place_text(node.position)} lies {{count}} levels deep")
        if isinstance(node, MappingNode):
            value = self.mapping(node, path)
        else:
            assert isinstance(node, SequenceNode)
            value = Value([self.value(item) for item in node.items], (node.position,))
        self.depth -= 1
        value.anchored = bool(node.anchor)
        return value

    def mapping(self, node: MappingNode, path: tuple[str, ...] | None) -> Value:
        merged: AliasedNode | None = None
        entries: dict[str, Value] = {}
        for key, inner in node.entries:
            name = _key(key, node.position)
            if name is None:
                if merged is not None:
                    raise _failure(
                        key.position, "merge key << is used twice in one map; merge a list of aliases instead"
                    )
                merged = inner
                continue
            inside = None if path is None or len(path) == _NAMED else (*path, name)
            if name in entries and inside and _is_definition(inside):
                earlier = entries[name].key_places[0]
                raise _failure(key.position, f'key "{name}" is already defined at line {earlier.line} of this map')
            value = self.value(inner, inside)
            value.key_places = (key.position,)
            _set(entries, name, value)
        if merged is not None:
            explicit, entries = entries, self.merged(merged)
            for name, value in explicit.items():
                _set(entries, name, value)
        return Value(entries, (node.position,))

    def merged(self, node: AliasedNode) -> dict[str, Value]:
        """What << brings in: later maps win over earlier ones, and nothing is merged below the first level."""
        if isinstance(node, SequenceNode):
            sources: tuple[AliasedNode, ...] = node.items
        elif isinstance(node, AliasNode):
            sources = (node,)
        else:
            raise _failure(node.position, "map merge requires map or sequence of maps as the value")
        entries: dict[str, Value] = {}
        for source in sources:
            value = self.value(source)
            if type(value.data) is not dict:
                raise _failure(node.position, "map merge requires map or sequence of maps as the value")
            for name, inner in value.data.items():
                _set(entries, name, inner)
        return entries


def _is_definition(path: tuple[str, ...]) -> bool:
    """Whether a section, or something with a name of its own, stands at a path."""
    return len(path) == 1 or path[0] == "resources" or (len(path) == 2 and path[0] in _HOLDERS)


def _key(key: AliasedNode, mapping: Position) -> str | None:
    """The name of a key, or None for the merge key."""
    if not isinstance(key, ScalarNode):
        raise _failure(mapping, "key is not a scalar")
    tag = _tag(key)
    if tag == "!!merge":
        return None
    if tag not in ("!!str", "!!null"):
        raise _failure(mapping, f"invalid key tag: {tag}")
    return key.text


def _set(entries: dict[str, Value], name: str, value: Value) -> None:
    """A key that is set again keeps the place where it stood first."""
    held = entries.get(name)
    if held is not None:
        value.key_places = held.key_places
    entries[name] = value


def _failure(place: Position, problem: str) -> StopError:
    return StopError(f"yaml ({place_text(place)}): {problem}", origin=place)


def _tag(node: ScalarNode) -> str:
    tag = node.tag
    if tag and tag != "!":
        return tag.replace("tag:yaml.org,2002:", "!!")
    if not node.plain or tag == "!":
        return "!!str"
    return "!!merge" if node.text == "<<" else f"!!{_implied(node.text)}"


def _implied(text: str) -> str:
    """The tag that yaml.v3 gives to a plain scalar."""
    if text in _WORDS:
        return _WORDS[text][0]
    if text[0] not in "+-.0123456789":
        return "str"
    if _is_date(text):
        return "timestamp"
    plain = text.replace("_", "")
    if (
        len(plain) <= DIGITS
        and _BASED_INT.match(plain)
        and (len(plain) < _SHORT or -(1 << 63) <= _number(plain) < 1 << 64)
    ):
        return "int"
    return "float" if _FLOAT.match(plain) and math.isfinite(float(plain)) else "str"


def _is_date(text: str) -> bool:
    found = _DATE.match(text)
    if not found:
        return False
    try:
        date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return False
    hour, minute, second = (
        int(part or 0) for part in (found[5] or found[10], found[6] or found[11], found[7] or found[12])
    )
    return hour < 24 and minute < 60 and second < 60


def _scalar(node: ScalarNode) -> object:
    text = node.text
    if node.plain and not node.tag and text and text[0] not in "+-.0123456789~nNtTfF<":
        return text
    tag = _tag(node)
    if tag == "!!str":
        return text
    if tag == "!!null":
        return None
    if tag == "!!bool":
        if text.lower() in ("true", "false"):
            return text.lower() == "true"
        raise _failure(node.position, f"invalid bool value: {text}")
    if tag == "!!int":
        return _integer(text, node.position)
    if tag == "!!float":
        return _float(text, node.position)
    if tag == "!!timestamp":
        if _is_date(text):
            return Moment(text)
        raise _failure(node.position, f"invalid timestamp value: {text}")
    raise _failure(node.position, f"unknown tag: {tag}")


def _integer(text: str, place: Position) -> int:
    """Decimal first, leading zeros ignored: 010 is ten."""
    trimmed = text.lstrip("0")
    plain = text.replace("_", "")
    if len(trimmed) > DIGITS:
        raise _failure(place, f"invalid int value: {text[:DIGITS]}...")
    if _DECIMAL.match(trimmed):
        number = int(trimmed)
    elif _BASED_INT.match(plain) and "__" not in text and not text.endswith("_"):
        number = _number(plain)
    else:
        raise _failure(place, f"invalid int value: {text}")
    if not -(1 << 63) <= number < 1 << 63:
        raise _failure(place, f"invalid int value: {text}")
    return number


def _number(text: str) -> int:
    """Go's ParseInt with base 0: a leading zero alone means octal."""
    sign, digits = (-1, text[1:]) if text[0] == "-" else (1, text.lstrip("+"))
    if digits[0] != "0" or digits == "0" or digits[:2].lower() in ("0x", "0o", "0b"):
        return sign * int(digits, 0)
    return sign * int(digits, 8)


def _float(text: str, place: Position) -> float:
    kind, known = _WORDS.get(text, ("", None))
    if kind == "float":
        return float(known)  # type: ignore[arg-type]
    try:
        return float(text)
    except ValueError:
        raise _failure(place, f"invalid float value: {text}") from None
