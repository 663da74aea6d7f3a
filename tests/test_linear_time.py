"""No regular expression over foreign text takes longer than its length allows.

Every expression of these packages is found in their source, and held against the worst that its own parts can make.
"""

# Tables of hostile text are easier to look through when they are wide.
# ruff: noqa: E501

import ast
import importlib
import re
import re._constants as sre  # type: ignore[import-not-found]  # typeshed leaves the parser of re out
import re._parser as sre_parse  # type: ignore[import-not-found]
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bundle.confinement import Confinement
from bundle.includes import glob
from bundle.libraries import is_local_library
from bundle.linear_matching import Matcher, PatternError
from bundle.normalize import REFERENCE

ROOT = Path(__file__).parent.parent
FOLDERS = {
    **dict.fromkeys(("settings", "checks", "stacks", "constructs"), ROOT),
    "bundle": ROOT / "packages" / "bundle" / "src",
    "safe_text": ROOT / "packages" / "text" / "src",
}
# derive.py reads the names of installed packages' modules, not foreign text.
LEFT_OUT = {"bundle/derive.py"}
FUNCTIONS = {"compile", "match", "search", "fullmatch", "sub", "subn", "split", "findall", "finditer"}
# What compiles a parameter, and the functions whose calls give it: these are looked at in its place.
GIVEN_BY = {"settings/model.py": "_matching"}
LENGTH = 240_000
SHORT = 2_000
SUSPICIOUS = 0.0002  # seconds for a short text, from which on the long one is tried
SECONDS = 0.6  # a linear expression takes a few thousandths, a quadratic one several seconds; machines pause
AT_ONCE = 0.15  # seconds for texts of at most 40,000 characters, six times shorter


@dataclass(frozen=True)
class Expression:
    """One expression, where it stands and by which methods it is used."""

    where: str
    pattern: str
    flags: int
    methods: tuple[str, ...]


def sources() -> Iterator[tuple[str, ast.Module]]:
    for part, folder in FOLDERS.items():
        for path in sorted((folder / part).rglob("*.py")):
            name = path.relative_to(folder).as_posix()
            if name not in LEFT_OUT:
                yield name, ast.parse(path.read_text(encoding="utf-8"))


def value_of(node: ast.expr, file: str) -> Any:
    try:
        return ast.literal_eval(node)
    except ValueError:
        module = importlib.import_module(file.removesuffix(".py").replace("/", "."))
        return eval(compile(ast.Expression(node), file, "eval"), vars(module))


def is_call_of_re(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "re"
        and node.func.attr in FUNCTIONS
    )


def used_methods() -> dict[str, set[str]]:
    """By which methods a name is used, in any file."""
    found: dict[str, set[str]] = {}
    for _, tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.attr in FUNCTIONS:
                found.setdefault(node.value.id, set()).add(node.attr)
    return found


def expressions() -> list[Expression]:
    methods = used_methods()
    found = []
    for file, tree in sources():
        named = {
            id(node.value): target.id
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign | ast.AnnAssign)
            for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
            if isinstance(target, ast.Name) and node.value is not None
        }
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            given = GIVEN_BY.get(file)
            if given and isinstance(node.func, ast.Name) and node.func.id == given:
                found.append(Expression(f"{file}:{node.lineno}", value_of(node.args[0], file), 0, ("fullmatch",)))
            elif is_call_of_re(node) and not (given and isinstance(node.args[0], ast.Name)):
                assert isinstance(node.func, ast.Attribute)
                flags = next((value_of(word.value, file) for word in node.keywords if word.arg == "flags"), 0)
                if node.func.attr == "compile" and len(node.args) > 1:
                    flags = value_of(node.args[1], file)
                name = named.get(id(node), "")
                used = tuple(sorted(methods.get(name, ()))) if node.func.attr == "compile" else (node.func.attr,)
                assert used, f"{file}:{node.lineno}: an expression that is nowhere used by its name cannot be looked at"
                found.append(Expression(f"{file}:{node.lineno} {name}", value_of(node.args[0], file), int(flags), used))
    return found


CANDIDATES = "a0A_-./ \t\n[]()`'\"<>=!~:;,@#$%^&*+?{}|\\zZ9f"


def fits(items: list[Any], char: str) -> bool:
    negated = False
    inside = False
    code = ord(char)
    for op, value in items:
        if op is sre.NEGATE:
            negated = True
        elif op is sre.LITERAL:
            inside |= code == value
        elif op is sre.RANGE:
            inside |= value[0] <= code <= value[1]
        elif op is sre.CATEGORY:
            inside |= {
                sre.CATEGORY_DIGIT: char.isdigit(),
                sre.CATEGORY_NOT_DIGIT: not char.isdigit(),
                sre.CATEGORY_SPACE: char.isspace(),
                sre.CATEGORY_NOT_SPACE: not char.isspace(),
                sre.CATEGORY_WORD: char.isalnum() or char == "_",
                sre.CATEGORY_NOT_WORD: not (char.isalnum() or char == "_"),
            }[value]
    return inside != negated


def samples(op: Any, value: Any) -> list[str]:
    """Some texts that one part of an expression accepts."""
    if op is sre.LITERAL:
        return [chr(value)]
    if op is sre.NOT_LITERAL:
        return [next(char for char in CANDIDATES if ord(char) != value)]
    if op is sre.ANY:
        return ["a", "]", " ", "/"]
    if op is sre.IN:
        return [char for char in CANDIDATES if fits(value, char)][:6]
    if op in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
        return [sample * max(value[0], 1) for sample in sequence_samples(list(value[2]))]
    if op is sre.SUBPATTERN:
        return sequence_samples(list(value[3]))
    if op is sre.ATOMIC_GROUP:
        return sequence_samples(list(value))
    if op is sre.BRANCH:
        return [sample for branch in value[1] for sample in sequence_samples(list(branch))[:2]][:6]
    return [""]


def sequence_samples(parts: list[Any]) -> list[str]:
    found = [""]
    for op, value in parts:
        choices = samples(op, value) or [""]
        found = [head + choice for index, choice in enumerate(choices) for head in found[: 1 if index else 4]][:6]
    return found


def inner_parts(op: Any, value: Any) -> list[list[Any]]:
    if op in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
        return [list(value[2])]
    if op is sre.SUBPATTERN:
        return [list(value[3])]
    if op is sre.ATOMIC_GROUP:
        return [list(value)]
    if op in (sre.ASSERT, sre.ASSERT_NOT):
        return [list(value[1])]
    return [list(branch) for branch in value[1]] if op is sre.BRANCH else []


def attacks(parts: list[Any], before: str = "") -> Iterator[tuple[str, str]]:
    """Pairs of a beginning and of what is repeated after it, for every part that can be long."""
    for index, (op, value) in enumerate(parts):
        head = before + sequence_samples(parts[:index])[0]
        if op in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT) and value[1] > 8:
            for unit in sequence_samples(list(value[2])):
                yield head, unit
                yield "", head + unit
                for after in sequence_samples(parts[index + 1 : index + 2]):
                    yield head, unit + after
                    yield "", head + unit + after
        if head:
            yield "", head
        for inner in inner_parts(op, value):
            yield from attacks(inner, head)


class TooSlowError(Exception):
    pass


def too_slow(*_: object) -> None:
    raise TooSlowError


def worst(expression: Expression) -> tuple[float, str]:
    """The longest time that the expression took, and for which text."""
    compiled = re.compile(expression.pattern, expression.flags)
    parsed = list(sre_parse.parse(expression.pattern, expression.flags))
    whole = sequence_samples(parsed)
    pairs = {*attacks(parsed), *(("", text) for text in whole if text), ("", "a"), ("", " "), ("", "a.")}
    slowest, which = 0.0, ""
    for head, unit in sorted(pair for pair in pairs if pair[1]):
        for method in expression.methods:
            for tail in ("", "\x00", "!\n"):
                for length in (SHORT, LENGTH):
                    taken = seconds_of(compiled, method, head + unit * (length // len(unit)) + tail)
                    if taken < SUSPICIOUS:
                        break
                    if taken > slowest:
                        slowest, which = taken, f"{method} {head!r} + {unit!r} * {length // len(unit)} + {tail!r}"
                if slowest >= SECONDS:
                    return slowest, which
    return slowest, which


def seconds_of(compiled: re.Pattern[str], method: str, text: str) -> float:
    """How long one use takes; no longer than the most that is looked at."""
    start = time.process_time()
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    try:
        if method in ("sub", "subn"):
            compiled.sub("", text)
        elif method == "finditer":
            list(compiled.finditer(text))
        else:
            getattr(compiled, method)(text)
    except TooSlowError:
        return SECONDS
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    return time.process_time() - start


@pytest.fixture(autouse=True)
def alarm() -> Iterator[None]:
    before = signal.signal(signal.SIGVTALRM, too_slow)
    yield
    signal.signal(signal.SIGVTALRM, before)


@pytest.mark.parametrize("expression", expressions(), ids=lambda one: one.where)
def test_an_expression_is_linear_in_the_worst_text_of_its_own_parts(expression: Expression) -> None:
    seconds, text = worst(expression)
    assert seconds < SECONDS, f"{expression.where}: {expression.pattern!r} takes too long for {text}"


@pytest.mark.parametrize(
    ("pattern", "method"),
    [
        (r"\$\{([a-zA-Z]+(?:[-_]*[a-zA-Z0-9]+)*)\}", "search"),
        (r"(^|\s+)--?[a-zA-Z0-9-]+(([\s|=]+)|$)", "search"),
        (r"\[.*?\](?=[.\[]|$)", "sub"),
        (r"\$\{.*\}", "search"),
        (r"(a+)+\Z", "match"),
    ],
)
def test_an_expression_that_is_not_linear_is_found_out(pattern: str, method: str) -> None:
    assert worst(Expression("", pattern, 0, (method,)))[0] >= SECONDS


@pytest.mark.parametrize(
    "text",
    ["${var." + "a-" * 20_000, "${var.name }", "${" * 20_000, "${var.a" + "[0]" * 20_000, "${var." + "a_" * 20_000 + " }",
     "${a." * 20_000, "${var." + "a" * 40_000 + "!}"],
)  # fmt: skip
def test_references_are_found_in_linear_time(text: str) -> None:
    start = time.process_time()
    assert not REFERENCE.search(text)
    assert time.process_time() - start < AT_ONCE


@pytest.mark.parametrize(
    "text",
    ["a[" + "]==1" * 10_000 + "!", "a" + "==1.0" * 8_000 + "x", "a" + " " * 40_000 + "-", "- " * 20_000 + "x", "a==" + "1." * 20_000,
     "a==" + "1" * 40_000 + "!x", "a @ " * 10_000, "a==1+" + "a-" * 20_000, "--" * 20_000 + "!"],
)  # fmt: skip
def test_requirements_are_told_from_paths_in_linear_time(text: str) -> None:
    start = time.process_time()
    is_local_library(text)
    assert time.process_time() - start < AT_ONCE


@pytest.mark.parametrize(
    ("requirement", "local"),
    [("pandas", False), ("pandas==2.1.0", False), ("pandas[a]", False), ("pandas [a,b] >= 1.0, ", True), ("pandas[a]==1.0,<2", False),
     ("x[]]", False), ("x]", True), ("pandas  ==1.0", False), ("pandas   ==1.0", True), ("./x", True), ("x/y", True), ("-r x", False),
     ("a @ https://x/y", False), ("a @ b @ https://x/y", True), ("a==1.0.dev1+local-2", False), ("a==1.0\n", True)],
)  # fmt: skip
def test_requirements_mean_what_they_mean_to_the_cli(requirement: str, local: bool) -> None:
    assert is_local_library(requirement) is local


@pytest.mark.parametrize(
    "pattern",
    ["^(|.*/)(a+)+b(|/.*)$", "^" + "([^/]*)a" * 40 + "b$", "^(a|a)*b$", "^(a|aa)+$b", "^(|.*/)" + "(|.*/)" * 40 + "b$", "^((a{0,30}){0,30})b$"],
)  # fmt: skip
def test_ignore_patterns_match_in_linear_time(pattern: str) -> None:
    start = time.process_time()
    matcher = Matcher([pattern])
    assert not matcher.search("a" * 3000)
    assert not matcher.search("a/" * 1500)
    assert time.process_time() - start < 10 * AT_ONCE


def test_matching_is_what_python_finds_where_python_finds_an_end() -> None:
    texts = ["", "a", "b", "ab", "a/b", "aab", "b/a.b", "/", "a\n", "a-b", "]", "aaa", "abab/a"]
    patterns = [
        "a", "^a$", "^(|.*/)a(|/.*)$", "a|b", "^[^/]*b$", "a{2}", "a{1,2}b", "(ab)+", r"\.", "[a-c]+/", "[]a]", "[^a]", r"\w+-", "a.b",
        "(?:a|b)*/", "^$", "$", r"[\]]", r"\d", "[[:alpha:]]+", "a+?b", r"\Aa", r"b\z",
    ]  # fmt: skip
    for pattern in patterns:
        ours = Matcher([pattern])
        python = re.compile(pattern.replace("[[:alpha:]]", "[A-Za-z]").replace(r"\z", r"\Z").replace("$", r"\Z"))
        for text in texts:
            assert ours.search(text) is bool(python.search(text)), (pattern, text)


@pytest.mark.parametrize(
    "pattern", ["(", ")", "[", "a**", "*", "a{1001}", r"\p{L}", r"\bx", "(?i)a", "[b-a]", r"\_", "((a{100}){100}){100}"]
)
def test_what_re2_refuses_or_nobody_knows_here_is_no_pattern(pattern: str) -> None:
    with pytest.raises(PatternError):
        Matcher([pattern])


def test_globs_of_many_stars_are_linear(tmp_path: Path) -> None:
    name = "a" * 250
    (tmp_path / name).touch()
    start = time.process_time()
    assert glob(f"{tmp_path}/{'*a' * 100}*b", Confinement()) == []
    assert glob(f"{tmp_path}/{'*a' * 100}*", Confinement()) == [str(tmp_path / name)]
    assert time.process_time() - start < AT_ONCE
