"""YAML as a tree of nodes that know where they stand; what a plain scalar means is the reader's dialect.

libyaml composes the tree. go-yaml, which the Databricks CLI reads databricks.yml with, is a transliteration of libyaml,
so the two agree on what is well-formed. `compose` serves readers that want aliases replaced by what they name;
`compose_aliased` keeps aliases and anchors for a reader whose dialect gives them a meaning of their own.
"""

import functools
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import yaml

from bundle.limits import DEPTH, DIGITS, VALUES, YAML_BYTES

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


def compose(text: str, *, file: str) -> Node | None:
    """The tree of one document, or None for an empty one; an alias is the very node that it names.

    Raises MalformedError for text that libyaml rejects and for more than one document, RefusedError beyond a limit.
    """
    with _faults_of(file):
        composition = _Composition(text, file, aliased=False)
        root = composition.document()
        if root is not None:
            composition.end()
        return root  # type: ignore[return-value]


# A bundle is read once per target.
@functools.lru_cache(maxsize=64)
def compose_aliased(text: str, *, file: str) -> AliasedNode | None:
    """The tree of the first document with aliases and anchors kept, or None for an empty stream.

    Mapping and sequence nodes hold AliasNodes among their members. An anchor may be redefined; the alias means the
    latest. Raises MalformedError for text that libyaml rejects and for an alias without anchor, RefusedError beyond a
    limit.
    """
    with _faults_of(file):
        return _Composition(text, file, aliased=True).document()


@contextmanager
def _faults_of(file: str) -> Iterator[None]:
    """What PyYAML raises, as MalformedError."""
    try:
        yield
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        context = error.context_mark
        raise MalformedError(
            Position(file, mark.line + 1, mark.column + 1) if mark else Position(file, 1, 1),
            error.problem or error.context or "unknown problem parsing YAML content",
            context=Position(file, context.line + 1, context.column + 1) if context else None,
            in_scanner=isinstance(error, yaml.scanner.ScannerError),
        ) from None
    except yaml.reader.ReaderError as error:
        raise MalformedError(Position(file, 1, 1), str(error.reason)) from None
    except UnicodeEncodeError:
        raise MalformedError(Position(file, 1, 1), "characters that no encoding has") from None


class _Composition:
    """Builds nodes from libyaml's events; PyYAML's own composer ends the process where nesting is deep."""

    def __init__(self, text: str, file: str, *, aliased: bool) -> None:
        YAML_BYTES.check(len(text), f"{file} has {{count}} characters")
        self.loader = yaml.CSafeLoader(text)
        self.file = file
        self.aliased = aliased
        self.anchors: dict[str, Node] = {}
        self.depth = 0
        self.count = 0

    def document(self) -> AliasedNode | None:
        get = self.loader.get_event
        get()  # the stream's start
        if isinstance(get(), yaml.StreamEndEvent):
            return None
        return self.node(get())

    def end(self) -> None:
        """Raises MalformedError where a second document begins."""
        if self.loader.check_event(yaml.StreamEndEvent):
            return
        self.loader.get_event()  # the document's end
        if not self.loader.check_event(yaml.StreamEndEvent):
            following: Any = self.loader.get_event()
            mark = following.start_mark
            raise MalformedError(
                Position(self.file, mark.line + 1, mark.column + 1), "but found another document", in_scanner=False
            )

    def node(self, event: Any) -> AliasedNode:
        mark = event.start_mark
        position = Position(self.file, mark.line + 1, mark.column + 1)
        kind = type(event)
        self.count += 1
        if self.count > 2 * VALUES.most:  # with their keys
            raise VALUES.refusal(f"{self.file} has more than {VALUES.most:,} values")
        if kind is yaml.AliasEvent:
            target = self.anchors.get(event.anchor)
            if target is None:
                problem = f"unknown anchor '{event.anchor}' referenced" if self.aliased else "found undefined alias"
                raise MalformedError(position, problem)
            return AliasNode(position, target) if self.aliased else target
        anchor = event.anchor or ""
        made: Node
        get = self.loader.get_event
        if kind is yaml.ScalarEvent:
            plain = event.style is None or event.style == ""
            made = ScalarNode(position, event.value, plain, event.tag or "", anchor)
        else:
            self.depth += 1
            if self.depth > DEPTH.most:
                DEPTH.check(self.depth, f"{self.file}:{position.line}:{position.column} begins level {{count}}")
            if kind is yaml.SequenceStartEvent:
                items = []
                while type(inner := get()) is not yaml.SequenceEndEvent:
                    items.append(self.node(inner))
                made = SequenceNode(position, tuple(items), anchor)  # type: ignore[arg-type]
            else:
                entries = []
                while type(inner := get()) is not yaml.MappingEndEvent:
                    entries.append((self.node(inner), self.node(get())))
                made = MappingNode(position, tuple(entries), anchor)  # type: ignore[arg-type]
            self.depth -= 1
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
    if len(text) <= DIGITS and _INT.match(text):
        return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
    if _FLOAT.match(text):
        return float(text)
    return text
