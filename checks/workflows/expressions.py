"""GitHub's expressions: read in full, and their values as far as they can be known before a run.

https://docs.github.com/actions/reference/workflows-and-actions/expressions
"""

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

# GitHub's own limits (https://github.com/actions/runner/blob/main/src/Sdk/DTExpressions2/Expressions2/ExpressionConstants.cs).
_MOST_CHARACTERS = 21_000
_DEEPEST = 50
_HIGHEST = 150
# No text that decides anything is longer.
_MOST_VALUE = 100_000
_TOKEN = re.compile(
    r"(?P<text>'(?:[^']|'')*+')|(?P<number>[+-]?(?:0x[0-9A-Fa-f]++|\d++(?:\.\d++)?))(?![\w.])|"
    r"(?P<name>[A-Za-z_][\w-]*+)|(?P<sign>\|\||&&|[=!<>]=|[!<>()\[\].,*])"
)
_LEVELS = (("||",), ("&&",), ("==", "!="), ("<", "<=", ">", ">="))


class ExpressionError(Exception):
    """A text that GitHub does not take as an expression."""


class Unknown:
    """A value that only a run knows."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = Unknown()
ALL_SECRETS = "*"


@dataclass(frozen=True, slots=True)
class Literal:
    """A text, a number, true, false or null."""

    value: Any


@dataclass(frozen=True, slots=True)
class Name:
    """A context."""

    name: str


@dataclass(frozen=True, slots=True)
class Member:
    """`of.key` or `of[key]`; `key` is None for `*`."""

    of: "Node"
    key: "Node | None"


@dataclass(frozen=True, slots=True)
class Call:
    """A function or an operator, by its lower-case name."""

    name: str
    arguments: tuple["Node", ...]


Node = Literal | Name | Member | Call


@dataclass(slots=True)
class Scope:
    """What expressions see. Contexts that are not listed are unknown; so is a key of `github` that is not.

    `secrets` takes the names of secrets in capitals as they are read, ALL_SECRETS for any or all of them.
    """

    contexts: Mapping[str, Any]
    secrets: set[str] = field(default_factory=set)
    # What a called workflow calls a secret, by the names under which the caller read it; None: it has the caller's own.
    passed: Mapping[str, frozenset[str]] | None = None
    # The values that are looked up, as dotted paths in lower case.
    paths: set[str] = field(default_factory=set)
    _inside: int = 0

    def with_contexts(self, **contexts: Any) -> "Scope":
        """The same with further contexts, and nothing read so far."""
        return Scope({**self.contexts, **contexts}, set(), self.passed)

    def reads(self, name: str) -> None:
        """Notes that a secret is read."""
        if self.passed is None or name == "GITHUB_TOKEN":
            self.secrets.add(name)
        elif name == ALL_SECRETS:
            self.secrets.update(*self.passed.values())
        else:
            self.secrets |= self.passed.get(name, frozenset())


@lru_cache(maxsize=2048)
def parse(text: str) -> Node:
    """The tree of one expression; ExpressionError for what GitHub refuses."""
    if len(text) > _MOST_CHARACTERS:
        raise ExpressionError(f"an expression is longer than {_MOST_CHARACTERS} characters")
    parser = _Parser(list(_tokens(text)))
    node = parser.level(0, 0)
    if parser.at < len(parser.tokens):
        raise ExpressionError(f"{parser.tokens[parser.at][1]} is one too many")
    _check_height(node)
    return node


def _check_height(node: Node) -> None:
    """Trees are walked by recursion."""
    waiting = [(node, 1)]
    while waiting:
        one, height = waiting.pop()
        if height > _HIGHEST:
            raise ExpressionError(f"an expression is nested more than {_HIGHEST} deep")
        if isinstance(one, Call):
            waiting += [(argument, height + 1) for argument in one.arguments]
        elif isinstance(one, Member):
            waiting += [(inner, height + 1) for inner in (one.of, one.key) if inner is not None]


def parts(text: str) -> Iterator[str | Node]:
    """A text of the workflow in pieces: what stands there as it is, and the expressions in it."""
    at = 0
    while (start := text.find("${{", at)) >= 0:
        end = _end(text, start + 3)
        if end < 0:
            raise ExpressionError("${{ has no }}")
        if start > at:
            yield text[at:start]
        yield parse(text[start + 3 : end].strip())
        at = end + 2
    if at < len(text):
        yield text[at:]


def condition(given: Any) -> Node:
    """What stands under `if`, whose ${{ }} may be left out."""
    if not isinstance(given, str):
        return Literal(given)
    found = list(parts(given.strip()))
    if len(found) == 1 and isinstance(found[0], str):
        return parse(found[0])
    if len(found) == 1 and not isinstance(found[0], str):
        return found[0]
    # A text around an expression makes it a text, which is true whatever the expression says.
    return Literal(True) if any(isinstance(one, str) and one.strip() for one in found) else Literal(False)


def filled(given: Any, scope: Scope) -> Any:
    """A value of the workflow with its expressions replaced: UNKNOWN where one of them is."""
    if not isinstance(given, str):
        return given
    try:
        found = list(parts(given))
    except ExpressionError:
        note_unread(given, scope)
        return UNKNOWN
    if len(found) == 1 and not isinstance(found[0], str):
        return evaluate(found[0], scope)
    values = [one if isinstance(one, str) else evaluate(one, scope) for one in found]
    if UNKNOWN in values:
        return UNKNOWN
    texts = [text_of(one) for one in values]
    return UNKNOWN if sum(map(len, texts)) > _MOST_VALUE and len(texts) > 1 else "".join(texts)


def note_unread(given: str, scope: Scope) -> None:
    """A text that cannot be read may read any secret that it speaks of."""
    if "secrets" in given.casefold():
        scope.reads(ALL_SECRETS)


def evaluate(node: Node, scope: Scope) -> Any:
    """The value of a tree."""
    match node:
        case Literal(value):
            return value
        case Name(name):
            if not scope._inside:
                scope.paths.add(name)
            if name == "secrets":
                scope.reads(ALL_SECRETS)
            return scope.contexts.get(name, UNKNOWN)
        case Member():
            return _member(node, scope)
        case Call(("&&" | "||") as sign, (left, right)):
            one = evaluate(left, scope)
            holds = truth(one)
            if holds is None:
                other = evaluate(right, scope)
                # Whatever the first says, what needs both is false without the second.
                return False if sign == "&&" and truth(other) is False else UNKNOWN
            return evaluate(right, scope) if holds is (sign == "&&") else one
        case Call(name, arguments):
            return _called(name, [evaluate(one, scope) for one in arguments])


def truth(value: Any) -> bool | None:
    """Whether a value counts as true; None where that is not known."""
    if value is UNKNOWN:
        return None
    return not (value is None or value is False or value == "" or (is_number(value) and (value == 0 or value != value)))


def asks_for_status(node: Node) -> bool:
    """Whether a condition calls a status function, without which a job waits for the success of others."""
    match node:
        case Call(name, arguments):
            return name in _STATUS or any(map(asks_for_status, arguments))
        case Member(of, key):
            return asks_for_status(of) or (key is not None and asks_for_status(key))
    return False


def literals(node: Node) -> Iterator[str]:
    """The texts in a tree."""
    match node:
        case Literal(str() as text):
            yield text
        case Call(_, arguments):
            for one in arguments:
                yield from literals(one)
        case Member(of, key):
            yield from literals(of)
            if key is not None:
                yield from literals(key)


def text_of(value: Any) -> str:
    """A value as it stands in a text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "Array" if isinstance(value, list) else "Object" if isinstance(value, dict) else str(value)


def is_number(value: Any) -> bool:
    """Whether a value is a number, which true and false are not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _end(text: str, at: int) -> int:
    """Where an expression ends: at the first }} that is in no text."""
    quoted = False
    while at < len(text):
        if text[at] == "'":
            quoted = not quoted
        elif not quoted and text.startswith("}}", at):
            return at
        at += 1
    return -1


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        found = _TOKEN.match(text, at)
        if found is None or found.lastgroup is None:
            raise ExpressionError(f"{text[at]} cannot stand in an expression")
        yield found.lastgroup, found[0]
        at = found.end()


@dataclass(slots=True)
class _Parser:
    tokens: list[tuple[str, str]]
    at: int = 0

    def level(self, level: int, depth: int) -> Node:
        if depth > _DEEPEST:
            raise ExpressionError(f"an expression is nested more than {_DEEPEST} deep")
        if level == len(_LEVELS):
            return self.single(depth)
        node, count = self.level(level + 1, depth), 0
        while self.peek() in _LEVELS[level]:
            sign = self.take()
            count += 1
            node = Call(sign, (node, self.level(level + 1, depth)))
            if count > _DEEPEST:
                raise ExpressionError(f"an expression has more than {_DEEPEST} operators in a row")
        return node

    def single(self, depth: int) -> Node:
        if depth > _DEEPEST:
            raise ExpressionError(f"an expression is nested more than {_DEEPEST} deep")
        if self.peek() == "!":
            self.take()
            return Call("!", (self.single(depth + 1),))
        if self.peek() == "(":
            self.take()
            node = self.level(0, depth + 1)
            self.expect(")")
            return self.members(node, depth)
        if self.at >= len(self.tokens):
            raise ExpressionError("an expression ends too early")
        kind, token = self.tokens[self.at]
        self.at += 1
        match kind:
            case "text":
                return Literal(token[1:-1].replace("''", "'"))
            case "number":
                return Literal(float(int(token[:20], 16)) if "x" in token.lower() else float(token))
            case "name":
                return self.members(self.named(token.lower(), depth), depth)
        raise ExpressionError(f"{token} cannot stand there")

    def named(self, name: str, depth: int) -> Node:
        if self.peek() == "(":
            self.take()
            arguments: list[Node] = []
            while self.peek() != ")":
                if arguments:
                    self.expect(",")
                arguments.append(self.level(0, depth + 1))
            self.take()
            return Call(name, tuple(arguments))
        return Literal({"true": True, "false": False, "null": None}[name]) if name in _WORDS else Name(name)

    def members(self, node: Node, depth: int) -> Node:
        count = 0
        while self.peek() in (".", "["):
            count += 1
            if count > _DEEPEST:
                raise ExpressionError(f"a value is looked for more than {_DEEPEST} deep")
            if self.take() == ".":
                if self.at >= len(self.tokens):
                    raise ExpressionError("an expression ends too early")
                kind, token = self.tokens[self.at]
                self.at += 1
                if kind != "name" and token != "*":
                    raise ExpressionError(f"{token} is no key")
                node = Member(node, None if token == "*" else Literal(token))
            elif self.peek() == "*":
                self.take()
                self.expect("]")
                node = Member(node, None)
            else:
                node = Member(node, self.level(0, depth + 1))
                self.expect("]")
        return node

    def peek(self) -> str:
        return self.tokens[self.at][1] if self.at < len(self.tokens) else ""

    def take(self) -> str:
        self.at += 1
        return self.tokens[self.at - 1][1]

    def expect(self, sign: str) -> None:
        if self.peek() != sign:
            raise ExpressionError(f"{sign} is missing")
        self.at += 1


_WORDS = ("true", "false", "null")


def _member(node: Member, scope: Scope) -> Any:
    key = UNKNOWN if node.key is None else evaluate(node.key, scope)
    if node.of == Name("secrets"):
        scope.reads(ALL_SECRETS if key is UNKNOWN else text_of(key).upper())
        return UNKNOWN
    path = _path(node)
    if path and not scope._inside:
        scope.paths.add(path)
    scope._inside += bool(path)
    of = evaluate(node.of, scope)
    scope._inside -= bool(path)
    if of is UNKNOWN or key is UNKNOWN:
        return UNKNOWN
    if isinstance(of, Mapping):
        wanted = text_of(key).casefold()
        found = next((value for name, value in of.items() if str(name).casefold() == wanted), None)
        known = any(str(name).casefold() == wanted for name in of)
        return found if known or node.of not in (Name("github"), Name("env")) else UNKNOWN
    if isinstance(of, list) and isinstance(key, int | float):
        return of[int(key)] if 0 <= key < len(of) else None
    return None


def _path(node: Node) -> str:
    """The dotted path of a value in lower case, whichever way it is written; empty where a part is worked out."""
    steps: list[str] = []
    while isinstance(node, Member):
        if not isinstance(node.key, Literal):
            return ""
        steps.append(text_of(node.key.value).lower())
        node = node.of
    return ".".join([node.name, *reversed(steps)]) if isinstance(node, Name) else ""


def _called(name: str, values: list[Any]) -> Any:
    if name in _STATUS:
        return _STATUS[name]
    function = _FUNCTIONS.get(name)
    if function is None or UNKNOWN in values:
        return UNKNOWN
    try:
        found = function(*values)
    except (TypeError, ValueError, IndexError, KeyError, OverflowError, RecursionError):
        return UNKNOWN
    return UNKNOWN if isinstance(found, str) and len(found) > _MOST_VALUE else found


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return one.casefold() == other.casefold()
    if isinstance(one, list | dict) or isinstance(other, list | dict):
        return one is other
    if type(one) is type(other) and not is_number(one):
        return bool(one == other)
    return _number(one) == _number(other)


def _number(value: Any) -> float:
    if isinstance(value, str):
        return _read_number(value.strip()) if value.strip() else 0.0
    return float(value or 0)


def _read_number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _compared(holds: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def compare(one: Any, other: Any) -> bool:
        if isinstance(one, str) and isinstance(other, str):
            return holds(one.casefold(), other.casefold())
        return holds(_number(one), _number(other))

    return compare


def _contains(where: Any, what: Any) -> bool:
    if isinstance(where, list):
        return any(_equal(one, what) for one in where)
    return text_of(what).casefold() in text_of(where).casefold()


def _format(pattern: Any, *values: Any) -> str:
    text, found, at = text_of(pattern), [], 0
    while at < len(text):
        if text.startswith(("{{", "}}"), at):
            found.append(text[at])
            at += 2
        elif text[at] == "{":
            end = text.index("}", at)
            found.append(text_of(values[int(text[at + 1 : end][:3])]))
            at = end + 1
        else:
            found.append(text[at])
            at += 1
    if sum(map(len, found)) > _MOST_CHARACTERS:
        raise ValueError
    return "".join(found)


def _join(values: Any, separator: Any = ",") -> str:
    if not isinstance(values, list):
        return text_of(values)
    texts, between = [text_of(one) for one in values], text_of(separator)
    if sum(map(len, texts)) + len(texts) * len(between) > _MOST_VALUE:
        raise ValueError
    return between.join(texts)


def _from_json(text: Any) -> Any:
    found = json.loads(text_of(text))
    waiting = [(found, 1)]
    while waiting:
        one, depth = waiting.pop()
        if depth > _DEEPEST:
            raise ValueError
        if isinstance(one, dict | list):
            waiting += [(inner, depth + 1) for inner in (one.values() if isinstance(one, dict) else one)]
    return found


# What the steps before say is not known; what only runs after a failure runs all the same.
_STATUS = {"always": True, "success": True, "failure": True, "cancelled": False}
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "!": lambda value: not truth(value),
    "==": _equal,
    "!=": lambda one, other: not _equal(one, other),
    "<": _compared(lambda one, other: one < other),
    "<=": _compared(lambda one, other: one <= other),
    ">": _compared(lambda one, other: one > other),
    ">=": _compared(lambda one, other: one >= other),
    "contains": _contains,
    "startswith": lambda text, start: text_of(text).casefold().startswith(text_of(start).casefold()),
    "endswith": lambda text, end: text_of(text).casefold().endswith(text_of(end).casefold()),
    "format": _format,
    "join": _join,
    "tojson": lambda value: json.dumps(value, indent=2),
    "fromjson": _from_json,
}


def secrets_read(node: Node, scopes: list[Scope]) -> Iterator[str]:
    """Every secret that a tree reads on some way through it, in capitals; ALL_SECRETS for what cannot be told."""
    match node:
        case Name("secrets"):
            yield ALL_SECRETS
        case Member(Name("secrets"), key):
            for scope in scopes:
                value = UNKNOWN if key is None else evaluate(key, scope)
                yield ALL_SECRETS if value is UNKNOWN else text_of(value).upper()
        case Member(of, key):
            yield from secrets_read(of, scopes)
            if key is not None:
                yield from secrets_read(key, scopes)
        case Call(_, arguments):
            for one in arguments:
                yield from secrets_read(one, scopes)
