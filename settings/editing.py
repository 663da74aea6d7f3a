"""Edits of mlops.yaml in place: what is not edited stays as it was written, byte for byte.

An edit finds its place in the parsed tree and changes the text there. Afterwards the text is read again: if it does not
mean what it should, nothing is changed, and whoever asked is told to write the lines by hand.
"""

import copy
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from bundle.yaml_source import Position, ScalarNode, core_scalar
from settings.reading import Path as Key
from settings.reading import dotted, read

_PLAIN = re.compile(r"[A-Za-z0-9_/](?:[A-Za-z0-9_./@+-]|:(?! |\Z))*")


class UneditableError(Exception):
    """A text that cannot be edited where it has to be; the words say what to do by hand."""


def scalar(value: Any) -> str:
    """A scalar as YAML, plain where that means the same."""
    if not isinstance(value, str):
        return json.dumps(value)
    if _PLAIN.fullmatch(value) and isinstance(core_scalar(ScalarNode(Position("", 1, 1), value, True, "")), str):
        return value
    if value.isprintable() and "'" not in value:
        return f"'{value}'"
    return json.dumps(value)


def flow(value: Any, *, quoted: bool = False) -> str:
    """A value as YAML in one line; `quoted` as JSON writes it."""
    if quoted:
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar(key)}: {flow(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(flow, value)) + "]"
    return scalar(value)


class Text:
    """The text of mlops.yaml, and edits of it; line ends, comments, order and quotes stay."""

    def __init__(self, text: str, *, file: str) -> None:
        self.text = text
        self.file = file
        self._newline = "\r\n" if "\r\n" in text else "\n"

    @classmethod
    def of(cls, path: Path) -> "Text":
        """The text of a file as it is, line ends included."""
        return cls(path.read_bytes().decode("utf-8"), file=path.name)

    def save(self, path: Path) -> None:
        """Put the text in the place of the file's, all at once."""
        target = path.resolve()
        draft = target.with_name(f".{target.name}.new")
        draft.write_bytes(self.text.encode("utf-8"))
        draft.chmod(target.stat().st_mode & 0o7777)
        draft.replace(target)

    def put(self, path: Key, value: Any, *, comment: str = "") -> None:
        """Give a key its value; maps on the way are made.

        `comment` goes above a key of the file itself, when it is new. Raises UneditableError.
        """
        node, rest = self._deepest(path)
        if not rest:
            if isinstance(node, yaml.SequenceNode) and isinstance(value, list) and _begins(value, node):
                edited = self._lengthened(node, value[len(node.value) :])
            else:
                edited = self._spliced(node.start_mark.index, _end(node), flow(value))
        else:
            nested = value
            for key in reversed(rest[1:]):
                nested = {key: nested}
            if not isinstance(node, yaml.MappingNode):
                raise self._uneditable(path, value)
            edited = self._inserted(node, str(rest[0]), nested, comment if len(path) == len(rest) else "")
        self._accept(edited, path, value)

    def take_out(self, path: Key, *, comment: str = "") -> None:
        """Remove a key, and maps that are empty without it, with the `comment` above a key of the file itself.

        A map whose line bears a comment stays, as {}. Raises UneditableError.
        """
        node, rest = self._deepest(path)
        if rest:
            return
        parent, _ = self._deepest(path[:-1])
        if len(path) > 1 and isinstance(parent, yaml.MappingNode) and len(parent.value) == 1:
            if not self._has_comment(path[:-1], parent):
                self.take_out(path[:-1], comment=comment)
                return
            key = self._key(path[:-1])
            end = self.text.rfind(":", 0, self._comment_after(key.end_mark.index)) + 1
            kept = self._line_end(end)
            # Comments above the entry stay; its own line goes.
            above = self.text[kept : self._line_begin(self._key(path).start_mark.index)].removesuffix(self._newline)
            edited = f"{self.text[:end]} {{}}{self.text[end:kept]}{above}{self.text[self._line_end(_end(node)) :]}"
            if parent.flow_style:
                edited = self._spliced(parent.start_mark.index, parent.end_mark.index, "{}")
            self._accept(edited, path, None)
            return
        self._accept(self._without(parent, path, node, comment), path, None)

    def _without(self, parent: yaml.Node, path: Key, node: yaml.Node, comment: str) -> str:
        key = self._key(path)
        if isinstance(parent, yaml.MappingNode) and parent.flow_style:
            entries = [entry_key for entry_key, _ in parent.value]
            index = entries.index(key)
            if index + 1 < len(entries):
                return self._spliced(key.start_mark.index, entries[index + 1].start_mark.index, "")
            begin = _end(parent.value[index - 1][1]) if index else key.start_mark.index
            return self._spliced(begin, _end(node), "")
        begin = self._line_begin(key.start_mark.index)
        end = self._line_end(_end(node))
        end += len(self._newline) if self.text.startswith(self._newline, end) else 0
        above = f"{comment}{self._newline}"
        if comment and self.text[:begin].endswith(above):
            begin -= len(above)
            if not self.text[end:].strip():
                # The empty line that stood above it goes as well.
                before = self.text[:begin]
                begin -= len(self._newline) if before.endswith(self._newline * 2) else 0
        return self._spliced(begin, end, "")

    def _inserted(self, node: yaml.MappingNode, key: str, value: Any, comment: str) -> str:
        if node.flow_style:
            quoted = bool(node.value) and node.value[0][0].style == '"'
            text = f"{json.dumps(key) if quoted else scalar(key)}: {flow(value, quoted=quoted)}"
            if node.value:
                return self._spliced(_end(node.value[-1][1]), None, f", {text}")
            return self._spliced(node.start_mark.index + 1, None, text)
        indent = node.start_mark.column if node.value else 0
        lines = _block(key, value, indent)
        whole = node is self._root()
        at = len(self.text) if whole else self._line_end(_end(node))
        if whole:
            head = "" if self.text.endswith(self._newline) or not self.text else self._newline
            gap = self._newline if comment else ""
            above = f"{comment}{self._newline}" if comment else ""
            return f"{self.text}{head}{gap}{above}{self._newline.join(lines)}{self._newline}"
        return self._spliced(at, None, "".join(f"{self._newline}{line}" for line in lines))

    def _lengthened(self, node: yaml.SequenceNode, items: list[Any]) -> str:
        if node.flow_style:
            text = ", ".join(map(flow, items))
            if node.value:
                return self._spliced(_end(node.value[-1]), None, f", {text}")
            return self._spliced(node.start_mark.index + 1, None, text)
        indent = " " * node.start_mark.column
        text = "".join(f"{self._newline}{indent}- {flow(item)}" for item in items)
        return self._spliced(self._line_end(_end(node)), None, text)

    def _spliced(self, begin: int, end: int | None, text: str) -> str:
        return self.text[:begin] + text + self.text[begin if end is None else end :]

    def _accept(self, edited: str, path: Key, value: Any) -> None:
        """Keep the text if it means what it should."""
        wanted = _with(read(self.text, file=self.file).data, path, value)
        try:
            found = read(edited, file=self.file).data
        except Exception as error:
            raise self._uneditable(path, value) from error
        if _settled(found) != _settled(wanted):
            raise self._uneditable(path, value)
        self.text = edited

    def _uneditable(self, path: Key, value: Any) -> UneditableError:
        what = f"remove {dotted(path)}" if value is None else f"write {dotted(path)}: {flow(value)}"
        return UneditableError(f"{self.file} cannot be edited at {dotted(path)}: {what} by hand")

    def _root(self) -> yaml.Node:
        if getattr(self, "_parsed", ("",))[0] != self.text:
            self._parsed: tuple[str, yaml.Node] = (self.text, yaml.compose(self.text, Loader=yaml.SafeLoader))
        return self._parsed[1]

    def _deepest(self, path: Key) -> tuple[yaml.Node, Key]:
        """The innermost node on the way to a path, and what of the path is not there."""
        node = self._root()
        for index, step in enumerate(path):
            inner = None
            if isinstance(node, yaml.MappingNode):
                inner = next((value for key, value in node.value if key.value == step), None)
            if inner is None:
                return node, path[index:]
            node = inner
        return node, ()

    def _key(self, path: Key) -> yaml.Node:
        parent, _ = self._deepest(path[:-1])
        return next(key for key, _ in parent.value if key.value == path[-1])  # type: ignore[no-any-return]

    def _has_comment(self, path: Key, node: yaml.MappingNode) -> bool:
        """Whether there is a comment between a key and what it holds, or behind it."""
        begin = self._key(path).end_mark.index
        return "#" in self.text[begin : _begin_of_first(node)] or (
            bool(node.flow_style) and "#" in self.text[_end(node) : self._line_end(_end(node))]
        )

    def _comment_after(self, index: int) -> int:
        found = self.text.find("#", index)
        return len(self.text) if found < 0 else found

    def _line_begin(self, index: int) -> int:
        return self.text.rfind("\n", 0, index) + 1

    def _line_end(self, index: int) -> int:
        found = self.text.find("\n", index)
        if found < 0:
            return len(self.text)
        return found - 1 if self.text[found - 1 : found] == "\r" else found


def _begin_of_first(node: yaml.Node) -> int:
    """Where the first entry of a map begins."""
    return int(node.value[0][0].start_mark.index) if node.value else int(node.end_mark.index)


def _end(node: yaml.Node) -> int:
    """Where the text of a node ends: that of a block ends with its last scalar, not with the comments after it."""
    if isinstance(node, yaml.MappingNode) and not node.flow_style and node.value:
        return _end(node.value[-1][1])
    if isinstance(node, yaml.SequenceNode) and not node.flow_style and node.value:
        return _end(node.value[-1])
    return int(node.end_mark.index)


def _begins(value: list[Any], node: yaml.SequenceNode) -> bool:
    """Whether a list begins with all that stands there."""
    return [str(one) for one in value[: len(node.value)]] == [inner.value for inner in node.value]


def _block(key: str, value: Any, indent: int) -> list[str]:
    margin = " " * indent
    if isinstance(value, Mapping) and value:
        lines = [f"{margin}{scalar(key)}:"]
        for inner, below in value.items():
            lines += _block(str(inner), below, indent + 2)
        return lines
    return [f"{margin}{scalar(key)}: {flow(value)}"]


def _with(data: Any, path: Key, value: Any) -> Any:
    """The data with a value at a path, or without it for None."""
    changed = copy.deepcopy(data)
    inner = changed
    for step in path[:-1]:
        inner = inner.setdefault(step, {}) if isinstance(inner, dict) else {}
    if isinstance(inner, dict):
        if value is None:
            inner.pop(path[-1], None)
        else:
            inner[path[-1]] = list(value) if isinstance(value, tuple) else value
    return changed


def _settled(value: Any) -> Any:
    """Data without the difference between an empty map that is there and one that is not."""
    if isinstance(value, dict):
        kept = {key: _settled(inner) for key, inner in value.items()}
        return {key: inner for key, inner in kept.items() if inner != {}}
    return [_settled(inner) for inner in value] if isinstance(value, list) else value
