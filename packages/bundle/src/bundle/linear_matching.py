"""Regular expressions in RE2's syntax, matched in time that grows with the text and not faster.

The CLI matches .gitignore and sync patterns with Go's regexp, so whatever stands in such a line is an expression of
that dialect (https://github.com/google/re2/wiki/Syntax). Python's own engine would take forever for some: (a+)+b. This
one follows all alternatives at once and remembers where they lead. Word boundaries, Unicode classes and flags are not
known.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from bundle.limits import DIGITS, MATCHING_STEPS

_MOST_REPEATS = 1000  # RE2's own
_MOST_NODES = 20_000
_MOST_NODES_TOGETHER = 200_000
_MOST_GROUPS = 100
_MOST_REMEMBERED = 20_000

_CLASSES = {
    "d": (("0", "9"),),
    "w": (("0", "9"), ("A", "Z"), ("a", "z"), ("_", "_")),
    "s": (("\t", "\n"), ("\f", "\r"), (" ", " ")),
}
_POSIX = {
    "alnum": (("0", "9"), ("A", "Z"), ("a", "z")),
    "alpha": (("A", "Z"), ("a", "z")),
    "blank": (("\t", "\t"), (" ", " ")),
    "cntrl": (("\x00", "\x1f"), ("\x7f", "\x7f")),
    "digit": (("0", "9"),),
    "graph": (("!", "~"),),
    "lower": (("a", "z"),),
    "print": ((" ", "~"),),
    "punct": (("!", "/"), (":", "@"), ("[", "`"), ("{", "~")),
    "space": (("\t", "\r"), (" ", " ")),
    "upper": (("A", "Z"),),
    "word": (("0", "9"), ("A", "Z"), ("a", "z"), ("_", "_")),
    "xdigit": (("0", "9"), ("A", "F"), ("a", "f")),
}
_ESCAPED = {"a": "\a", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


class PatternError(Exception):
    """An expression that RE2 does not accept, or that has something that is not known here."""


@dataclass(frozen=True, slots=True)
class _Characters:
    """A set of characters."""

    ranges: tuple[tuple[str, str], ...]
    negated: bool = False

    def __contains__(self, char: str) -> bool:
        return any(low <= char <= high for low, high in self.ranges) != self.negated


_DOT = _Characters((("\n", "\n"),), negated=True)


@dataclass(frozen=True, slots=True)
class _Repeat:
    node: "_Node"
    least: int
    most: int | None


@dataclass(frozen=True, slots=True)
class _Sequence:
    nodes: "tuple[_Node, ...]"


@dataclass(frozen=True, slots=True)
class _Alternatives:
    nodes: "tuple[_Node, ...]"


@dataclass(frozen=True, slots=True)
class _Anchor:
    at_start: bool


_Node = _Characters | _Repeat | _Sequence | _Alternatives | _Anchor


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.groups = 0

    def whole(self) -> _Node:
        node = self.alternatives()
        if self.at < len(self.text):
            raise PatternError("unexpected )")
        return node

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def take(self) -> str:
        char = self.peek()
        if not char:
            raise PatternError("ends too early")
        self.at += 1
        return char

    def alternatives(self) -> _Node:
        nodes = [self.sequence()]
        while self.peek() == "|":
            self.at += 1
            nodes.append(self.sequence())
        return nodes[0] if len(nodes) == 1 else _Alternatives(tuple(nodes))

    def sequence(self) -> _Node:
        nodes: list[_Node] = []
        while self.peek() not in ("", "|", ")"):
            nodes.append(self.repeated())
        return _Sequence(tuple(nodes))

    def repeated(self) -> _Node:
        node = self.atom()
        repeat = self.repeat()
        if repeat is None:
            return node
        if self.peek() == "?":
            self.at += 1
        if self.repeat() is not None:
            raise PatternError("a repetition of a repetition")
        return _Repeat(node, *repeat)

    def repeat(self) -> tuple[int, int | None] | None:
        char = self.peek()
        if char in ("*", "+", "?") and char:
            self.at += 1
            return {"*": (0, None), "+": (1, None), "?": (0, 1)}[char]
        end = self.text.find("}", self.at, self.at + DIGITS) if char == "{" else -1
        if end < 0:
            return None
        low, comma, high = self.text[self.at + 1 : end].partition(",")
        if not _is_number(low) or (high and not _is_number(high)):
            return None
        least, most = int(low), (int(high) if high else None) if comma else int(low)
        if max(least, most or 0) > _MOST_REPEATS or (most is not None and most < least):
            raise PatternError("a repetition that is too large")
        self.at = end + 1
        return least, most

    def atom(self) -> _Node:
        char = self.take()
        if char == "(":
            return self.group()
        if char == "[":
            return self.characters()
        if char == ".":
            return _DOT
        if char in ("^", "$"):
            return _Anchor(char == "^")
        if char in ("*", "+", "?"):
            raise PatternError("nothing to repeat")
        if char == "{":
            self.at -= 1
            if self.repeat() is not None:
                raise PatternError("nothing to repeat")
            self.at += 1
        if char != "\\":
            return _Characters(((char, char),))
        if self.peek() in ("A", "z"):
            return _Anchor(self.take() == "A")
        return self.escape()

    def group(self) -> _Node:
        self.groups += 1
        if self.groups > _MOST_GROUPS:
            raise PatternError("groups that are nested too deep")
        if self.text.startswith("?:", self.at):
            self.at += 2
        elif self.peek() == "?":
            raise PatternError("flags and names are not known here")
        node = self.alternatives()
        if self.take() != ")":
            raise PatternError("a group without end")
        self.groups -= 1
        return node

    def escape(self) -> _Characters:
        char = self.take()
        if char.lower() in _CLASSES:
            return _Characters(_CLASSES[char.lower()], negated=char.isupper())
        if char in _ESCAPED:
            char = _ESCAPED[char]
        elif char == "_" or char.isalnum():
            raise PatternError("an escape that is not known here")
        return _Characters(((char, char),))

    def characters(self) -> _Node:
        negated = self.peek() == "^"
        self.at += negated
        ranges: list[tuple[str, str]] = []
        first = True
        while (char := self.take()) != "]" or first:
            first = False
            if char == "[" and self.peek() == ":":
                ranges += self.posix()
                continue
            low = char
            if char == "\\":
                escaped = self.escape()
                if escaped.negated:
                    raise PatternError("a negated class in a class")
                if len(escaped.ranges) > 1 or escaped.ranges[0][0] != escaped.ranges[0][1]:
                    ranges += escaped.ranges
                    continue
                low = escaped.ranges[0][0]
            high = low
            if self.peek() == "-" and self.text[self.at + 1 : self.at + 2] not in ("]", ""):
                self.at += 1
                high = self.take()
                if high == "\\":
                    high = self.escape().ranges[0][0]
                if high < low:
                    raise PatternError("a range that ends before it begins")
            ranges.append((low, high))
        return _Characters(tuple(ranges), negated)

    def posix(self) -> tuple[tuple[str, str], ...]:
        end = self.text.find(":]", self.at)
        name = self.text[self.at + 1 : end] if end >= 0 else ""
        if name not in _POSIX:
            raise PatternError("a class that is not known")
        self.at = end + 2
        return _POSIX[name]


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


class _Place:
    """Where the alternatives stand after some text, and where each next character leads."""

    __slots__ = ("at_end", "matched", "nodes", "steps")

    def __init__(self, nodes: frozenset[int], matched: bool, at_end: bool) -> None:
        self.nodes = nodes
        self.matched = matched
        self.at_end = at_end
        self.steps: dict[str, _Place] = {}


class Matcher:
    """Whether one of several expressions is found in a text.

    Raises PatternError for an expression that cannot be read, RefusedError for what would take too long to match.
    """

    def __init__(self, expressions: Iterable[str]) -> None:
        # A node: characters to read on the way to the next, or None; nodes that follow without reading; an anchor.
        self._reads: list[_Characters | None] = []
        self._next: list[tuple[int, ...]] = []
        self._anchors: list[_Anchor | None] = []
        self._room = _MOST_NODES
        self._end = self._node(None, ())
        starts: list[int] = []
        for expression in expressions:
            self._room = len(self._next) + _MOST_NODES
            starts.append(self._built(_Parser(expression).whole(), self._end))
            if len(self._next) > _MOST_NODES_TOGETHER:
                raise MATCHING_STEPS.refusal("patterns that are too large to match together")
        self._room = len(self._next) + _MOST_NODES
        self._start = self._node(None, tuple(starts))
        self._taken = 0
        self._places: dict[tuple[frozenset[int], bool], _Place] = {}
        self._again = self._closure((self._start,), at_start=False)
        self._first = self._place(self._closure((self._start,), at_start=True), first=True)

    def search(self, text: str) -> bool:
        """Whether an expression is found anywhere in the text."""
        place = self._first
        for char in text:
            if place.matched:
                return True
            following = place.steps.get(char)
            place = self._step(place, char) if following is None else following
            if not place.nodes:
                break
        return place.matched or place.at_end

    def _node(self, reads: _Characters | None, following: tuple[int, ...], anchor: _Anchor | None = None) -> int:
        if len(self._next) >= self._room:
            raise PatternError("an expression that is too large")
        self._reads.append(reads)
        self._next.append(following)
        self._anchors.append(anchor)
        return len(self._next) - 1

    def _built(self, node: _Node, following: int) -> int:
        """The nodes of an expression that goes on with `following`; where it begins."""
        if isinstance(node, _Characters):
            return self._node(node, (following,))
        if isinstance(node, _Anchor):
            return self._node(None, (following,), node)
        if isinstance(node, _Sequence):
            for inner in reversed(node.nodes):
                following = self._built(inner, following)
            return following
        if isinstance(node, _Alternatives):
            return self._node(None, tuple(self._built(inner, following) for inner in node.nodes))
        if node.most is None:
            loop = self._node(None, ())
            self._next[loop] = (self._built(node.node, loop), following)
            following = loop
        else:
            for _ in range(node.most - node.least):
                following = self._node(None, (self._built(node.node, following), following))
        for _ in range(node.least):
            following = self._built(node.node, following)
        return following

    def _closure(self, nodes: Iterable[int], *, at_start: bool = False, at_end: bool = False) -> frozenset[int]:
        """What can be reached without reading: nodes that read, anchors of the end, and the end."""
        found: set[int] = set()
        seen = set(nodes)
        waiting = list(seen)
        while waiting:
            number = waiting.pop()
            anchor = self._anchors[number]
            if self._reads[number] is not None or number == self._end:
                found.add(number)
                continue
            if anchor is not None and not (at_start if anchor.at_start else at_end):
                if not anchor.at_start:
                    found.add(number)
                continue
            for following in self._next[number]:
                if following not in seen:
                    seen.add(following)
                    waiting.append(following)
        self._taken += len(seen)
        if self._taken > MATCHING_STEPS.most:
            raise MATCHING_STEPS.refusal("patterns that take too long to match")
        return frozenset(found)

    def _place(self, nodes: frozenset[int], *, first: bool = False) -> _Place:
        held = self._places.get((nodes, first))
        if held is None:
            if len(self._places) > _MOST_REMEMBERED:
                self._places.clear()
            ends = {number for number in nodes if self._anchors[number] is not None}
            at_end = bool(ends) and self._end in self._closure(ends, at_end=True, at_start=first)
            held = self._places[nodes, first] = _Place(nodes, self._end in nodes, at_end)
        return held

    def _step(self, place: _Place, char: str) -> _Place:
        reached = {
            following
            for number in place.nodes
            if (reads := self._reads[number]) is not None and char in reads
            for following in self._next[number]
        }
        self._taken += len(place.nodes)
        following = self._place(self._closure(reached) | self._again)
        place.steps[char] = following
        return following
