"""GitHub's expressions, as far as our workflows use them; whatever else stands in one is an error.

https://docs.github.com/actions/reference/workflows-and-actions/expressions
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Value = str | bool | None

_TOKEN = re.compile(r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<name>[A-Za-z_][\w-]*)|(?P<sign>\|\||&&|==|!=|[!().]))")
_PLACE = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_STATUS = re.compile(r"\b(always|success|failure|cancelled)\s*\(")
_WORDS: dict[str, Value] = {"true": True, "false": False, "null": None}


class UnknownExpressionError(Exception):
    """A form, a name or a function that our workflows have not used so far."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What expressions see: contexts by name, and what the status functions say.

    In `github.event` a missing key is null, as in an event that has none; anywhere else it is an error, for a typing
    error is what it most likely is.
    """

    contexts: Mapping[str, Any]
    failed: bool = False

    def call(self, name: str) -> bool:
        """A status function; nobody cancels a run here."""
        match name:
            case "always":
                return True
            case "success":
                return not self.failed
            case "failure":
                return self.failed
            case "cancelled":
                return False
        raise UnknownExpressionError(f"{name}()")

    def lookup(self, path: list[str]) -> Value:
        found: Any = self.contexts
        for depth, key in enumerate(path):
            if isinstance(found, Mapping) and key in found:
                found = found[key]
            elif path[:2] == ["github", "event"] and depth > 1:
                return None
            else:
                raise UnknownExpressionError(".".join(path))
        if not isinstance(found, Value):
            raise UnknownExpressionError(f"{'.'.join(path)} is no single value")
        return found


def evaluate(text: str, scope: Scope) -> Value:
    """The value of one expression."""
    parser = _Parser(list(_tokens(text)), scope)
    value = parser.either()
    if parser.rest:
        raise UnknownExpressionError(text)
    return value


def asks_for_status(condition: Any) -> bool:
    """Whether a condition calls a status function."""
    return bool(_STATUS.search(str(condition or "")))


def holds(condition: Any, scope: Scope) -> bool:
    """Whether what stands under `if` is true; without a status function it is so only where nothing has failed."""
    if condition is None:
        return not scope.failed
    text = str(condition).strip()
    whole = _PLACE.fullmatch(text)
    inner = whole[1] if whole else text
    return (asks_for_status(inner) or not scope.failed) and _true(evaluate(inner, scope))


def filled(text: Any, scope: Scope) -> str:
    """A value of the workflow's YAML with its expressions replaced."""
    if isinstance(text, bool):
        return str(text).lower()
    return _PLACE.sub(lambda place: _text(evaluate(place[1], scope)), str(text))


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    rest = text.strip()
    while rest:
        found = _TOKEN.match(rest)
        if found is None or found.lastgroup is None:
            raise UnknownExpressionError(text)
        yield found.lastgroup, found[found.lastgroup]
        rest = rest[found.end() :].lstrip()


@dataclass(slots=True)
class _Parser:
    rest: list[tuple[str, str]]
    scope: Scope

    def either(self) -> Value:
        value = self.both()
        while self._takes("||"):
            other = self.both()
            value = value if _true(value) else other
        return value

    def both(self) -> Value:
        value = self.compared()
        while self._takes("&&"):
            other = self.compared()
            value = other if _true(value) else value
        return value

    def compared(self) -> Value:
        value = self.single()
        while self.rest and self.rest[0][1] in ("==", "!="):
            _, sign = self.rest.pop(0)
            value = _equal(value, self.single()) == (sign == "==")
        return value

    def single(self) -> Value:
        if self._takes("!"):
            return not _true(self.single())
        if self._takes("("):
            value = self.either()
            self._expect(")")
            return value
        if not self.rest:
            raise UnknownExpressionError("an expression ends too early")
        kind, token = self.rest.pop(0)
        if kind == "text":
            return token[1:-1].replace("''", "'")
        if kind != "name":
            raise UnknownExpressionError(token)
        if self._takes("("):
            self._expect(")")
            return self.scope.call(token)
        path = [token]
        while self._takes("."):
            path.append(self.rest.pop(0)[1])
        return _WORDS[token] if token in _WORDS and len(path) == 1 else self.scope.lookup(path)

    def _takes(self, sign: str) -> bool:
        if self.rest and self.rest[0] == ("sign", sign):
            self.rest.pop(0)
            return True
        return False

    def _expect(self, sign: str) -> None:
        if not self._takes(sign):
            raise UnknownExpressionError(f"{sign} is missing")


def _true(value: Value) -> bool:
    return value not in (None, False, "")


def _equal(one: Value, other: Value) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return one.lower() == other.lower()
    return one == other if type(one) is type(other) else _number(one) == _number(other)


def _number(value: Value) -> float:
    if isinstance(value, str) and value.strip():
        try:
            return float(value)
        except ValueError:
            return math.nan
    return 1.0 if value is True else 0.0


def _text(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else value or ""
