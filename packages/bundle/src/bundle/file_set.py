"""The files of a bundle that go to the workspace: what Git would not ignore, plus sync.include, minus sync.exclude.

Patterns mean what they mean to the CLI, whose matcher (sabhiram/go-gitignore) is not quite Git's: `?` is literal, a
negated pattern cannot be undone by order alone. Unlike the CLI, nothing in .git is ever taken: a checkout may keep
credentials there.
"""

# Paths are text here, joined and cleaned as Go's filepath does.
# ruff: noqa: PTH110, PTH113, PTH114, PTH118

import errno
import os
import posixpath
from collections.abc import Callable, Iterator
from functools import lru_cache

from bundle.confinement import Confinement
from bundle.limits import GIT_BYTES, LISTED_FILES, PATTERNS, WALKED, RefusedError
from bundle.linear_matching import Matcher, PatternError
from bundle.sync_settings import patterns
from bundle.value import Value

_DOUBLE = "\x00"
_GIT = ".git"


class Rules:
    """The lines of one ignore file. `match` raises RefusedError for patterns that would take too long."""

    def __init__(self, lines: list[str]) -> None:
        self._patterns = [found for line in lines if (found := _expression(line))]
        PATTERNS.check(len(self._patterns), "an ignore file with {count} patterns")
        positive = [expression for expression, negated in self._patterns if not negated]
        self._any = Matcher(positive) if positive else None
        self._single = (
            [(Matcher([expression]), negated) for expression, negated in self._patterns]
            if len(positive) < len(self._patterns)
            else []
        )

    def __bool__(self) -> bool:
        return bool(self._patterns)

    def match(self, path: str) -> bool:
        if self._any is None or not self._any.search(path):
            return False
        matched = not self._single
        for pattern, negated in self._single:
            if matched == negated and pattern.search(path):
                matched = not negated
        return matched


@lru_cache(maxsize=4096)
def _expression(line: str) -> tuple[str, bool] | None:
    """A line as go-gitignore's expression, and whether it is negated; None for what it passes over."""
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
    if not line.startswith("/") and _is_of_a_folder(line):
        line = f"/{line}"
    line = line.replace(".", r"\.")
    if line.startswith("/**/"):
        line = line[1:]
    line = line.replace("/**/", "(/|/.+/)").replace("**/", f"(|.{_DOUBLE}/)").replace("/**", f"(|/.{_DOUBLE})")
    line = line.replace(r"\*", f"\\{_DOUBLE}").replace("*", "([^/]*)").replace("?", r"\?").replace(_DOUBLE, "*")
    expression = line + ("(|.*)$" if line.endswith("/") else "(|/.*)$")
    expression = f"^(|/){expression[1:]}" if expression.startswith("/") else f"^(|.*/){expression}"
    try:
        Matcher([expression])
    except PatternError:
        return None
    return expression, negated


def _is_of_a_folder(line: str) -> bool:
    """Whether a pattern of files with an extension stands below a folder: [^/+]/.*\\*\\."""
    slash = next((at for at in range(1, len(line)) if line[at] == "/" and line[at - 1] not in "/+"), -1)
    return slash >= 0 and "*." in line[slash + 1 :]


class _Worktree:
    """Ignore rules of every folder from a checkout's root down."""

    def __init__(self, root: str, confinement: Confinement) -> None:
        self.root = root
        self._confinement = confinement
        always = Rules([_GIT, ".databricks"])
        # What stands in .git is Git's own, and not the project's to lead elsewhere.
        own = _lines(os.path.join(root, _GIT, "info", "exclude"), Confinement())
        files = (own, _lines(os.path.join(root, ".gitignore"), confinement))
        self._rules: dict[str, list[Rules]] = {".": [always, *(rules for lines in files if (rules := Rules(lines)))]}

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
            lines = _lines(os.path.join(self.root, folder, ".gitignore"), self._confinement)
            rules = Rules(lines)
            held = self._rules[folder] = [rules] if rules else []
        return held


def _lines(file: str, confinement: Confinement) -> list[str]:
    try:
        return confinement.read(file, GIT_BYTES).decode("utf-8", errors="replace").split("\n")
    except OSError:
        return []


class Walk:
    """Looks through folders; what it has seen counts against one limit."""

    def __init__(self) -> None:
        self._seen = 0

    def files(self, top: str, path: str, skip_folder: Callable[[str], bool]) -> Iterator[str]:
        """Regular files below a path, relative to `top`; symbolic links are passed over, and so is .git.

        Raises RefusedError when there is too much to look through, and OSError where there is nothing.
        """
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
            prefix = "" if folder == "." else f"{folder}/"
            for entry in self._entries(top, folder):
                if entry.is_dir(follow_symlinks=False):
                    if entry.name != _GIT:
                        stack.append(prefix + entry.name)
                elif entry.is_file(follow_symlinks=False):
                    yield prefix + entry.name

    def _entries(self, top: str, folder: str) -> list[os.DirEntry[str]]:
        entries: list[os.DirEntry[str]] = []
        try:
            with os.scandir(os.path.join(top, folder)) as listing:
                for entry in listing:
                    self._seen += 1
                    if self._seen > WALKED.most:
                        raise WALKED.refusal(f"{top} holds more than {WALKED.most:,} files and folders")
                    entries.append(entry)
        except NotADirectoryError:
            return []
        return sorted(entries, key=lambda entry: entry.name)


def list_files(sync_root: str, worktree: str, root: Value, confinement: Confinement) -> tuple[str, ...]:
    """Sorted paths relative to the sync root.

    Raises OSError for a sync path that does not exist, RefusedError for what leads out of the checkout, for names that
    are no text, and beyond a limit.
    """
    tree = _Worktree(worktree, confinement)
    walk = Walk()
    below = os.path.relpath(sync_root, worktree).replace(os.sep, "/")

    def in_tree(path: str) -> str:
        return posixpath.normpath(f"{below}/{path}")

    def skip(folder: str) -> bool:
        within = in_tree(folder)
        return tree.ignores(within) or tree.ignores(f"{within}/")

    files: set[str] = set()
    for path in dict.fromkeys(posixpath.normpath(str(value.data)) for value in root.items("sync", "paths")):
        confinement.check(os.path.join(sync_root, path))
        files.update(file for file in walk.files(sync_root, path, skip) if not tree.ignores(in_tree(file)))
    include, exclude = patterns(root, "include"), patterns(root, "exclude")
    if include or exclude:
        everything = list(walk.files(sync_root, ".", lambda _: False))
        files.update(matching(include, everything))
        files.difference_update(matching(exclude, everything))
    LISTED_FILES.check(len(files), f"{sync_root} holds {{count}} files to synchronize")
    for file in files:
        _check_name(file)
    return tuple(sorted(files))


def matching(globs: list[str], files: list[str]) -> list[str]:
    """The files that patterns select."""
    if not globs:
        return []
    rules = Rules([posixpath.normpath(pattern) for pattern in globs])
    return [file for file in files if rules.match(file)]


def all_files(folder: str) -> list[str]:
    """Every regular file below a folder."""
    return list(Walk().files(folder, ".", lambda _: False))


def _check_name(file: str) -> None:
    try:
        file.encode()
    except UnicodeEncodeError:
        raise RefusedError(
            f"a file whose name is not UTF-8: {os.fsencode(file)!r}", "rename it, or list it under sync.exclude"
        ) from None
