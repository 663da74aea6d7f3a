"""YAML as a tree of nodes that know where they stand; what a plain scalar means is the reader's dialect.

libyaml composes the tree. go-yaml, which the Databricks CLI reads databricks.yml with, is a transliteration of libyaml,
so the two agree on what is well-formed. `compose` serves readers that want aliases replaced by what they name;
`compose_aliased` keeps aliases and anchors for a reader whose dialect gives them a meaning of their own.
"""

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

Scalar = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a file; line and column count from 1."""

    file: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class ScalarNode:
    """A scalar as written: `plain` is false when it was quoted or a block; `tag` is an explicit tag or empty."""

    position: Position
    text: str
    plain: bool
    tag: str
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class SequenceNode:
    """A list."""

    position: Position
    items: "tuple[Node, ...]"
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class MappingNode:
    """A map as pairs in the order of the file, duplicate keys included."""

    position: Position
    entries: "tuple[tuple[Node, Node], ...]"
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class AliasNode:
    """An alias, where `compose_aliased` met it; `target` stands once in the tree and is not repeated."""

    position: Position
    target: "ScalarNode | SequenceNode | MappingNode" = field(repr=False)


Node = ScalarNode | SequenceNode | MappingNode
AliasedNode = Node | AliasNode


class MalformedError(Exception):
    """The text is not YAML; `position` is where the parser stopped and `problem` its words.

    `context` is where the construct began that could not be finished, `in_scanner` whether a token was malformed.
    """

    def __init__(
        self, position: Position, problem: str, *, context: Position | None = None, in_scanner: bool = False
    ) -> None:
        self.position = position
        self.problem = problem
        self.context = context
        self.in_scanner = in_scanner
        super().__init__(f"{position.file}:{position.line}:{position.column}: {problem}")


class _Loader(yaml.CSafeLoader):
    """libyaml's composer with no implicit meaning: an untagged scalar keeps an empty tag."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - PyYAML's own attribute


def compose(text: str, *, file: str) -> Node | None:
    """The tree of one document, or None for an empty one.

    Raises MalformedError for text that libyaml rejects and for more than one document.
    """
    try:
        root = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Position(file, mark.line + 1, mark.column + 1) if mark else Position(file, 1, 1)
        raise MalformedError(place, error.problem or error.context or "cannot be read as YAML") from None
    except yaml.reader.ReaderError as error:
        raise MalformedError(Position(file, 1, 1), f"{error.reason} at offset {error.position}") from None
    return None if root is None else _convert(root, file, {})


def _convert(node: yaml.Node, file: str, seen: dict[int, Node]) -> Node:
    done = seen.get(id(node))
    if done is not None:
        return done
    position = Position(file, node.start_mark.line + 1, node.start_mark.column + 1)
    converted: Node
    if isinstance(node, yaml.ScalarNode):
        plain = node.style is None or node.style == ""
        implicit = "tag:yaml.org,2002:str"
        converted = ScalarNode(position, node.value, plain, "" if node.tag == implicit and plain else node.tag)
    elif isinstance(node, yaml.SequenceNode):
        converted = SequenceNode(position, tuple(_convert(item, file, seen) for item in node.value))
    else:
        converted = MappingNode(
            position, tuple((_convert(key, file, seen), _convert(value, file, seen)) for key, value in node.value)
        )
    seen[id(node)] = converted
    return converted


def compose_aliased(text: str, *, file: str) -> AliasedNode | None:
    """The tree of the first document with aliases and anchors kept, or None for an empty stream.

    Mapping and sequence nodes hold AliasNodes among their members. An anchor may be redefined; the alias means the
    latest. Raises MalformedError for text that libyaml rejects and for an alias without anchor.
    """
    try:
        return _Composition(text, file).document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        context = error.context_mark
        raise MalformedError(
            Position(file, mark.line + 1, mark.column + 1) if mark else Position(file, 1, 1),
            error.problem or "unknown problem parsing YAML content",
            context=Position(file, context.line + 1, context.column + 1) if context else None,
            in_scanner=isinstance(error, yaml.scanner.ScannerError),
        ) from None
    except yaml.reader.ReaderError as error:
        raise MalformedError(Position(file, 1, 1), error.reason) from None


class _Composition:
    """Builds nodes from libyaml's events."""

    def __init__(self, text: str, file: str) -> None:
        self.loader = yaml.CSafeLoader(text)
        self.file = file
        self.anchors: dict[str, Node] = {}

    def document(self) -> AliasedNode | None:
        get = self.loader.get_event
        get()  # the stream's start
        if isinstance(get(), yaml.StreamEndEvent):
            return None
        return self.node(get())

    def node(self, event: Any) -> AliasedNode:
        mark = event.start_mark
        position = Position(self.file, mark.line + 1, mark.column + 1)
        kind = type(event)
        if kind is yaml.AliasEvent:
            target = self.anchors.get(event.anchor)
            if target is None:
                raise MalformedError(position, f"unknown anchor '{event.anchor}' referenced")
            return AliasNode(position, target)
        anchor = event.anchor or ""
        made: Node
        get = self.loader.get_event
        if kind is yaml.ScalarEvent:
            plain = event.style is None or event.style == ""
            made = ScalarNode(position, event.value, plain, event.tag or "", anchor)
        elif kind is yaml.SequenceStartEvent:
            items = []
            while type(inner := get()) is not yaml.SequenceEndEvent:
                items.append(self.node(inner))
            made = SequenceNode(position, tuple(items), anchor)  # type: ignore[arg-type]
        else:
            entries = []
            while type(inner := get()) is not yaml.MappingEndEvent:
                entries.append((self.node(inner), self.node(get())))
            made = MappingNode(position, tuple(entries), anchor)  # type: ignore[arg-type]
        if anchor:
            self.anchors[anchor] = made
        return made


_INT = re.compile(r"[-+]?[0-9]+\Z|0o[0-7]+\Z|0x[0-9a-fA-F]+\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_WORDS: dict[str, Scalar] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


def core_scalar(node: ScalarNode) -> Scalar:
    """The meaning of a scalar in YAML 1.2's core schema (https://yaml.org/spec/1.2.2/#103-core-schema)."""
    text = node.text
    if not node.plain:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INT.match(text):
        return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
    if _FLOAT.match(text):
        return float(text)
    return text
