"""YAML as a tree of nodes that know where they stand; what a plain scalar means is the reader's dialect.

libyaml composes the tree. go-yaml, which the Databricks CLI reads databricks.yml with, is a transliteration of libyaml,
so the two agree on what is well-formed.
"""

import re
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class SequenceNode:
    """A list."""

    position: Position
    items: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class MappingNode:
    """A map as pairs in the order of the file, duplicate keys included."""

    position: Position
    entries: "tuple[tuple[Node, Node], ...]"


Node = ScalarNode | SequenceNode | MappingNode


class MalformedError(Exception):
    """The text is not YAML; `position` is where the parser stopped and `problem` its words."""

    def __init__(self, position: Position, problem: str) -> None:
        self.position = position
        self.problem = problem
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
