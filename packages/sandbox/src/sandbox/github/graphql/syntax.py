"""GraphQL documents read into trees: operations, fields, fragments, values (https://spec.graphql.org/October2021)."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_TOKEN = re.compile(
    r"""
    (?P<skip>[\s,\ufeff]+|\#[^\n\r]*)
  | (?P<punctuator>\.\.\.|[!$&()\[\]{}:=@|])
  | (?P<name>[_A-Za-z][_0-9A-Za-z]*)
  | (?P<float>-?(?:0|[1-9]\d*)(?:\.\d+(?:[eE][-+]?\d+)?|[eE][-+]?\d+))
  | (?P<int>-?(?:0|[1-9]\d*))
  | (?P<string>"(?:[^"\\\n]|\\.)*")
    """,
    re.VERBOSE,
)
_WORDS = {"true": True, "false": False, "null": None}


class SyntaxFault(Exception):  # noqa: N818 - the request's fault, not an error of this program
    """The text is no GraphQL; `offset` is where reading stopped."""

    def __init__(self, message: str, offset: int) -> None:
        self.offset = offset
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class VariableUse:
    """A `$name` in the place of a value."""

    name: str


@dataclass(frozen=True, slots=True)
class Field:
    """A field that is asked for; `key` is what the answer calls it."""

    key: str
    name: str
    offset: int
    arguments: Mapping[str, Any]
    selections: "tuple[Selection, ...]"


@dataclass(frozen=True, slots=True)
class InlineFragment:
    """`... on Type { }`; without a type it applies to all."""

    on: str | None
    selections: "tuple[Selection, ...]"


@dataclass(frozen=True, slots=True)
class FragmentSpread:
    """`...name`"""

    name: str


Selection = Field | InlineFragment | FragmentSpread


@dataclass(frozen=True, slots=True)
class Operation:
    """A query or a mutation, with the defaults of its variables and the names of those that have none."""

    kind: str
    name: str | None
    defaults: Mapping[str, Any]
    required: tuple[str, ...]
    selections: tuple[Selection, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """All operations and named fragments of one request."""

    operations: tuple[Operation, ...]
    fragments: Mapping[str, InlineFragment]


def parse(text: str) -> Document:
    """The document; SyntaxFault when it is none."""
    return _Parser(_tokens(text), len(text)).document()


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    offset: int


def _tokens(text: str) -> list[_Token]:
    tokens, offset = [], 0
    while offset < len(text):
        match = _TOKEN.match(text, offset)
        if match is None:
            raise SyntaxFault(f"Parse error on {text[offset]!r}", offset)
        if match.lastgroup != "skip":
            tokens.append(_Token(match.lastgroup or "", match.group(), offset))
        offset = match.end()
    return tokens


@dataclass(slots=True)
class _Parser:
    tokens: list[_Token]
    end: int
    at: int = 0
    _eof: _Token = field(init=False)

    def __post_init__(self) -> None:
        self._eof = _Token("end", "", self.end)

    @property
    def current(self) -> _Token:
        return self.tokens[self.at] if self.at < len(self.tokens) else self._eof

    def take(self) -> _Token:
        token = self.current
        self.at += 1
        return token

    def skip(self, text: str) -> bool:
        found = self.current.text == text and self.current.kind in ("punctuator", "name")
        self.at += found
        return found

    def expect(self, text: str) -> None:
        if not self.skip(text):
            raise self.fault()

    def name(self) -> str:
        if self.current.kind != "name":
            raise self.fault()
        return self.take().text

    def fault(self) -> SyntaxFault:
        return SyntaxFault(f"Parse error on {self.current.text!r}", self.current.offset)

    def document(self) -> Document:
        operations, fragments = [], {}
        while self.current.kind != "end":
            if self.skip("fragment"):
                name = self.name()
                self.expect("on")
                fragments[name] = InlineFragment(self.name(), self.selections())
            else:
                operations.append(self.operation())
        if not operations:
            raise self.fault()
        return Document(tuple(operations), fragments)

    def operation(self) -> Operation:
        if self.current.text == "{":
            return Operation("query", None, {}, (), self.selections())
        kind = self.name()
        if kind not in ("query", "mutation"):
            self.at -= 1
            raise self.fault()
        name = self.name() if self.current.kind == "name" else None
        defaults, required = self.variables() if self.skip("(") else ({}, ())
        return Operation(kind, name, defaults, required, self.selections())

    def variables(self) -> tuple[dict[str, Any], tuple[str, ...]]:
        defaults, required = {}, []
        while not self.skip(")"):
            self.expect("$")
            name = self.name()
            self.expect(":")
            needed = self.type_is_required()
            if self.skip("="):
                defaults[name] = self.value()
            elif needed:
                required.append(name)
        return defaults, tuple(required)

    def type_is_required(self) -> bool:
        if self.skip("["):
            self.type_is_required()
            self.expect("]")
        else:
            self.name()
        return self.skip("!")

    def selections(self) -> tuple[Selection, ...]:
        self.expect("{")
        found: list[Selection] = []
        while not self.skip("}"):
            found.append(self.selection())
        if not found:
            self.at -= 1
            raise self.fault()
        return tuple(found)

    def selection(self) -> Selection:
        if self.skip("..."):
            if self.skip("on"):
                return InlineFragment(self.name(), self.selections())
            if self.current.text == "{":
                return InlineFragment(None, self.selections())
            return FragmentSpread(self.name())
        offset = self.current.offset
        key = name = self.name()
        if self.skip(":"):
            name = self.name()
        arguments = self.arguments() if self.skip("(") else {}
        inner = self.selections() if self.current.text == "{" else ()
        return Field(key, name, offset, arguments, inner)

    def arguments(self) -> dict[str, Any]:
        found = {}
        while not self.skip(")"):
            name = self.name()
            self.expect(":")
            found[name] = self.value()
        return found

    def value(self) -> Any:
        token = self.take()
        if token.text == "$":
            return VariableUse(self.name())
        if token.text == "[":
            items = []
            while not self.skip("]"):
                items.append(self.value())
            return items
        if token.text == "{":
            pairs = {}
            while not self.skip("}"):
                name = self.name()
                self.expect(":")
                pairs[name] = self.value()
            return pairs
        if token.kind == "name":
            return _WORDS.get(token.text, token.text)
        if token.kind in ("int", "float", "string"):
            return json.loads(token.text)
        self.at -= 1
        raise self.fault()
