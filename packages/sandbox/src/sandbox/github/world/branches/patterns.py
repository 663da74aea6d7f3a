"""Patterns of branch names, as protection rules and deployment policies write them.

https://docs.github.com/repositories/configuring-branches-and-merges-in-your-repository/managing-protected-branches/managing-a-branch-protection-rule
names Ruby's File.fnmatch with FNM_PATHNAME: a star stops at a slash, `**/` crosses it.
"""

import re


def matches(pattern: str, name: str) -> bool:
    """Whether a branch name fits the pattern."""
    return re.fullmatch(_expression(pattern), name) is not None


def is_literal(pattern: str) -> bool:
    """Whether the pattern is one branch's name."""
    return not re.search(r"[*?\[\\]", pattern)


def _expression(pattern: str) -> str:
    parts = re.findall(r"\*\*/|\*+|\?|\[[^\]]+\]|\\.|.", pattern, re.DOTALL)
    return "".join(map(_part, parts))


def _part(part: str) -> str:
    if part == "**/":
        return "(?:[^/]+/)*"
    if part.startswith("*"):
        return "[^/]*"
    if part == "?":
        return "[^/]"
    if part.startswith("[") and len(part) > 1:
        inside = part[1:-1].replace("\\", r"\\")
        return f"[^{inside[1:]}]" if inside[0] in "!^" and len(inside) > 1 else f"[{inside}]"
    return re.escape(part[-1])
