"""The files of a bundle that go to the workspace: what Git would not ignore, plus sync.include, minus sync.exclude.

Patterns mean what they mean to the CLI, whose matcher (sabhiram/go-gitignore) is not quite Git's: `?` is literal, a
negated pattern cannot be undone by order alone.
"""

# Paths are text here, joined and cleaned as Go's filepath does.
# ruff: noqa: PTH110, PTH113, PTH114, PTH118, PTH123

import errno
import os
import posixpath
import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from bundle.sync_settings import patterns
from bundle.value import Value

_DOUBLE = "\x00"


class Rules:
    """The lines of one ignore file."""

    def __init__(self, lines: list[str]) -> None:
        self._patterns = [pattern for line in lines if (pattern := _compile(line))]
        positive = [pattern.pattern for pattern, negated in self._patterns if not negated]
        self._any = re.compile("|".join(f"(?:{one})" for one in positive)) if positive else None

    def __bool__(self) -> bool:
        return bool(self._patterns)

    def match(self, path: str) -> bool:
        if self._any is None or not self._any.search(path):
            return False
        matched = False
        for pattern, negated in self._patterns:
            if matched == negated and pattern.search(path):
                matched = not negated
        return matched


@lru_cache(maxsize=4096)
def _compile(line: str) -> tuple[re.Pattern[str], bool] | None:
    line = line.rstrip("\r")
    if line.startswith("#"):
        return None
    line = line.strip(" ")
    if not line:
        return None
    negated = line.startswith("!")
    if negated:
        line = line[1:]
    if line[:1] in ("#", "!"):
        line = line[1:]
    if re.search(r"[^/+]/.*\*\.", line) and not line.startswith("/"):
        line = f"/{line}"
    line = line.replace(".", r"\.")
    if line.startswith("/**/"):
        line = line[1:]
    line = line.replace("/**/", "(/|/.+/)").replace("**/", f"(|.{_DOUBLE}/)").replace("/**", f"(|/.{_DOUBLE})")
    line = line.replace(r"\*", f"\\{_DOUBLE}").replace("*", "([^/]*)").replace("?", r"\?").replace(_DOUBLE, "*")
    expression = line + ("(|.*)$" if line.endswith("/") else "(|/.*)$")
    expression = f"^(|/){expression[1:]}" if expression.startswith("/") else f"^(|.*/){expression}"
    try:
        return re.compile(expression), negated
    except re.error:
        return None


class _Worktree:
    """Ignore rules of every folder from a checkout's root down."""

    def __init__(self, root: str) -> None:
        self.root = root
        always = Rules([".git", ".databricks"])
        files = (os.path.join(root, ".git", "info", "exclude"), os.path.join(root, ".gitignore"))
        self._rules: dict[str, list[Rules]] = {
            ".": [always, *(rules for file in files if (rules := Rules(_lines(file))))]
        }

    def ignores(self, path: str) -> bool:
        """`path` is relative to the root; a folder's ends with a slash when it is asked about as a folder."""
        slash = "/" if path.endswith("/") else ""
        parts = posixpath.normpath(path).split("/")
        if parts == ["."]:
            return False  # the root never is, whatever a pattern says (libs/git/repository.go)
        for index in range(len(parts)):
            prefix = "/".join(parts[:index]) or "."
            rules = self._in(prefix)
            if rules:
                suffix = "/".join(parts[index:]) + slash
                if any(one.match(suffix) for one in rules):
                    return True
        return False

    def _in(self, folder: str) -> list[Rules]:
        held = self._rules.get(folder)
        if held is None:
            lines = _lines(os.path.join(self.root, folder, ".gitignore"))
            rules = Rules(lines)
            held = self._rules[folder] = [rules] if rules else []
        return held


def _lines(file: str) -> list[str]:
    try:
        with open(file, encoding="utf-8", errors="replace") as stream:
            return stream.read().split("\n")
    except OSError:
        return []


def _walk(top: str, path: str, skip_folder: Callable[[str], bool]) -> Iterator[str]:
    """Regular files below a path, relative to `top`; symbolic links are passed over."""
    start = os.path.join(top, path) if path != "." else top
    if not os.path.exists(start):
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
    if os.path.isfile(start) and not os.path.islink(start):
        yield path
        return
    stack = [path]
    while stack:
        folder = stack.pop()
        if skip_folder(folder):
            continue
        try:
            with os.scandir(os.path.join(top, folder)) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except NotADirectoryError:
            continue
        prefix = "" if folder == "." else f"{folder}/"
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                stack.append(prefix + entry.name)
            elif entry.is_file(follow_symlinks=False):
                yield prefix + entry.name


def list_files(sync_root: str, worktree: str, root: Value) -> tuple[str, ...]:
    """Sorted paths relative to the sync root. Raises OSError for a sync path that does not exist."""
    tree = _Worktree(worktree)
    below = os.path.relpath(sync_root, worktree).replace(os.sep, "/")

    def in_tree(path: str) -> str:
        return posixpath.normpath(f"{below}/{path}")

    def skip(folder: str) -> bool:
        within = in_tree(folder)
        return tree.ignores(within) or tree.ignores(f"{within}/")

    files: set[str] = set()
    for path in dict.fromkeys(posixpath.normpath(str(value.data)) for value in root.items("sync", "paths")):
        files.update(file for file in _walk(sync_root, path, skip) if not tree.ignores(in_tree(file)))
    include, exclude = patterns(root, "include"), patterns(root, "exclude")
    if include or exclude:
        everything = list(_walk(sync_root, ".", lambda _: False))
        files.update(matching(include, everything))
        files.difference_update(matching(exclude, everything))
    return tuple(sorted(files))


def matching(globs: list[str], files: list[str]) -> list[str]:
    """The files that patterns select."""
    if not globs:
        return []
    rules = Rules([posixpath.normpath(pattern) for pattern in globs])
    return [file for file in files if rules.match(file)]


def all_files(folder: str) -> list[str]:
    """Every regular file below a folder."""
    return list(_walk(folder, ".", lambda _: False))
