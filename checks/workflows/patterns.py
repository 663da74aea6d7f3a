"""GitHub's filter patterns for branches, tags and paths.

https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#filter-pattern-cheat-sheet
"""

from collections.abc import Sequence
from typing import Any

from bundle.limits import RefusedError
from bundle.linear_matching import Matcher, PatternError
from checks.check import UncheckableError

_SPECIAL = "*?+[]!\\"
# Git hosts take no longer name of a branch.
_LONGEST = 250
_MOST = 100


class FilterError(UncheckableError):
    """A filter that cannot be read."""


def chosen(patterns: Sequence[Any], name: str) -> bool:
    """Whether a list of patterns takes a name: the last that matches decides, and ! takes back."""
    if len(patterns) > _MOST:
        raise FilterError(f"a filter has more than {_MOST} patterns")
    taken = False
    for given in patterns:
        pattern = str(given)
        if matches(pattern.removeprefix("!"), name):
            taken = not pattern.startswith("!")
    return taken


def matches(pattern: str, name: str) -> bool:
    """Whether one pattern matches a whole name."""
    if not any(char in _SPECIAL for char in pattern):
        return pattern == name
    if len(pattern) > _LONGEST:
        raise FilterError(f"a pattern is longer than {_LONGEST} characters")
    try:
        return Matcher([_expression(pattern)]).search(name)
    except (PatternError, RefusedError):
        raise FilterError(f"the pattern {pattern[:40]} cannot be read") from None


def example(pattern: str) -> str:
    """A name that a pattern most likely matches, whatever stands for * in it."""
    return "".join("x" if char == "*" else "" if char in _SPECIAL else char for char in pattern.replace("**", "*"))


def is_plain(pattern: str) -> bool:
    """Whether a pattern is a name."""
    return not any(char in _SPECIAL for char in pattern)


def _expression(pattern: str) -> str:
    found, at = ["^"], 0
    while at < len(pattern):
        char = pattern[at]
        if pattern.startswith("**/", at) and (at == 0 or pattern[at - 1] == "/"):
            found.append("(.*/)?")
            at += 3
            continue
        if pattern.startswith("**", at):
            found.append(".*")
            at += 2
            continue
        if char == "[" and (end := pattern.find("]", at)) > at + 1:
            found.append(pattern[at : end + 1])
            at = end + 1
            continue
        if char == "\\" and at + 1 < len(pattern):
            at += 1
            found.append(_literal(pattern[at]))
        else:
            found.append("[^/]*" if char == "*" else char if char in "?+" else _literal(char))
        at += 1
    return "".join([*found, "$"])


def _literal(char: str) -> str:
    return char if char.isalnum() or char in "_-/ " or ord(char) > 127 else f"\\{char}"
