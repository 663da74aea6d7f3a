"""Stages 12 and 20: local paths, first relative to the bundle's root, then as paths in the workspace.

A relative path starts at the file in which it is written. Rules: databricks/cli v0.280.0, bundle/config/mutator/paths
and translate_paths*.go.
"""

# Paths are text here, joined and cleaned as Go's filepath does.
# ruff: noqa: PTH110, PTH112, PTH117, PTH118, PTH120

import os
import posixpath
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum, auto

from bundle.diagnostics import StopError, place_text
from bundle.draft import Draft
from bundle.libraries import has_local_pip_flag, is_local_library, pip_flag, scheme_of
from bundle.limits import RefusedError
from bundle.notebooks import EXTENSIONS, UnreadableError, is_notebook
from bundle.sync_settings import is_local
from bundle.value import Path, ShapeError, Value, exact_matches, path_text, pattern_of


class Mode(Enum):
    """What a path must lead to, and what becomes of it."""

    NOTEBOOK = auto()
    FILE = auto()
    DIRECTORY = auto()
    GLOB = auto()
    LOCAL_DIRECTORY = auto()
    LOCAL = auto()
    LOCAL_MARKED = auto()  # with ./ in front, so that nobody takes it for a package
    PIP_FLAG = auto()


@dataclass(frozen=True, slots=True)
class _Rule:
    pattern: str
    mode: Mode
    applies: Callable[[str], bool] = lambda _: True


def _in_tasks(rules: list[tuple[str, Mode]]) -> list[_Rule]:
    return [
        _Rule(f"resources.jobs.*.tasks[*].{nested}{field}", mode)
        for nested in ("", "for_each_task.task.")
        for field, mode in rules
    ]


_JOBS = _in_tasks(
    [
        ("notebook_task.notebook_path", Mode.NOTEBOOK),
        ("spark_python_task.python_file", Mode.FILE),
        ("dbt_task.project_directory", Mode.DIRECTORY),
        ("sql_task.file.path", Mode.FILE),
        ("libraries[*].requirements", Mode.FILE),
    ]
)
_TASK_LIBRARIES = _in_tasks([("libraries[*].whl", Mode.LOCAL), ("libraries[*].jar", Mode.LOCAL)])
_JOB_LIBRARIES = [
    *_TASK_LIBRARIES[:2],
    _Rule("resources.jobs.*.environments[*].spec.dependencies[*]", Mode.LOCAL_MARKED, is_local_library),
    _Rule("resources.jobs.*.environments[*].spec.dependencies[*]", Mode.PIP_FLAG, has_local_pip_flag),
    *_TASK_LIBRARIES[2:],
]
_PIPELINES = [
    _Rule("resources.pipelines.*.libraries[*].notebook.path", Mode.NOTEBOOK),
    _Rule("resources.pipelines.*.libraries[*].file.path", Mode.FILE),
    _Rule("resources.pipelines.*.libraries[*].glob.include", Mode.GLOB),
    _Rule("resources.pipelines.*.root_path", Mode.DIRECTORY),
]
_PIPELINE_LIBRARIES = [
    _Rule("resources.pipelines.*.environment.dependencies[*]", Mode.LOCAL_MARKED, is_local_library),
    _Rule("resources.pipelines.*.environment.dependencies[*]", Mode.PIP_FLAG, has_local_pip_flag),
]
_ARTIFACTS = [_Rule("artifacts.*.path", Mode.LOCAL_DIRECTORY)]
_APPS = [_Rule("resources.apps.*.source_code_path", Mode.DIRECTORY)]
_DASHBOARDS = [_Rule("resources.dashboards.*.file_path", Mode.LOCAL)]
_IN_ORDER_OF_NORMALIZING = [
    *_JOBS, *_JOB_LIBRARIES, *_APPS, *_ARTIFACTS, *_DASHBOARDS, *_PIPELINES, *_PIPELINE_LIBRARIES
]  # fmt: skip


def _visit(root: Value, rules: list[_Rule], failure: str = "") -> Iterator[tuple[Path, Value, Mode]]:
    for rule in rules:
        try:
            found = exact_matches(root, pattern_of(rule.pattern))
        except ShapeError as error:
            raise StopError(f"{failure}{error}", origin=error.origin) from None
        for path, value in found:
            if type(value.data) is str and rule.applies(value.data):
                yield path, value, rule.mode


def _git_jobs(draft: Draft) -> set[str]:
    """Jobs whose code comes from a repository: their paths are that repository's."""
    return {
        key
        for key, job in draft.resources("jobs").items()
        if (source := job.get("git_source")) is not None and type(source.data) is dict
    }


def normalize_paths(draft: Draft) -> None:
    """Rewrites every relative path so that it starts at the bundle's root."""
    remote = _git_jobs(draft)
    normalized: dict[int, tuple[Value, str]] = {}
    for path, value, _ in _visit(draft.root, _IN_ORDER_OF_NORMALIZING, "failed to normalize paths: "):
        if path[:2] != ("resources", "jobs") or path[2] not in remote:
            normalized[id(value)] = value, _normalized(draft, value.data, value)
    for value, text in normalized.values():
        value.data = text


def _normalized(draft: Draft, text: str, value: Value) -> str:
    flagged = pip_flag(text)
    if flagged is not None:
        return f"{flagged[0]} {_normalized(draft, flagged[1], value)}"
    _check_url(text, value, "failed to normalize paths: ")
    if scheme_of(text) or os.path.isabs(text):
        return text
    if not value.places or not value.places[0].file:
        raise StopError(
            f"failed to normalize paths: unable to determine directory for a value at {text}: no file in location"
        )
    folder = os.path.dirname(value.places[0].file)
    return os.path.normpath(os.path.join(draft.relative(folder), text)).replace(os.sep, "/")


def _check_url(text: str, value: Value, prefix: str = "") -> None:
    """What Go's url.Parse refuses among the paths that people write."""
    origin = next(iter(value.places), None)
    head = text.partition("/")[0]
    if ":" in head and not scheme_of(text):
        reason = "missing protocol scheme" if head.startswith(":") else "first path segment in URL cannot contain colon"
        raise StopError(f'{prefix}parse "{text}": {reason}', origin=origin)


def translate_dashboards(draft: Draft) -> None:
    """Dashboard files are read, so their paths stay local."""
    translation = _Translation(draft)
    translation.apply(_DASHBOARDS, outside=False)
    translation.finish()


def translate_paths(draft: Draft) -> None:
    """Turns local paths into paths in the workspace."""
    translation = _Translation(draft)
    translation.apply(_JOBS, outside=False, fallback="jobs")
    translation.apply(_JOB_LIBRARIES, outside=True, fallback="jobs")
    translation.apply(_PIPELINES, outside=False, fallback="pipelines")
    translation.apply(_PIPELINE_LIBRARIES, outside=True, fallback="pipelines")
    translation.apply(_ARTIFACTS, outside=True)
    translation.apply(_APPS, outside=False)
    translation.finish()


class _Translation:
    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.seen: dict[str, str] = {}
        self.done: dict[int, tuple[Value, str]] = {}

    def apply(self, rules: list[_Rule], *, outside: bool, fallback: str = "") -> None:
        remote = _git_jobs(self.draft) if fallback == "jobs" else set()
        for path, value, mode in _visit(self.draft.root, rules):
            if fallback and path[2] in remote:
                continue
            try:
                self.done[id(value)] = value, self._rewritten(path, value.data, self.draft.directory, mode, outside)
            except RefusedError as error:
                raise StopError.refused(error, value.places) from None
            except _PathError as error:
                if fallback and self._found_beside_resource(path, value, mode, outside, fallback):
                    continue
                raise StopError(str(error), origin=next(iter(value.places), None)) from None

    def finish(self) -> None:
        """Writes the new paths, once all of them are known to be right."""
        for value, text in self.done.values():
            value.data = text

    def _found_beside_resource(self, path: Path, value: Value, mode: Mode, outside: bool, kind: str) -> bool:
        """Says so when the path would be right if it started where the resource is defined (older releases)."""
        resource = self.draft.root.get("resources", kind, path[2])
        if resource is None or not resource.places or not value.places:
            return False
        here = self.draft.relative(os.path.dirname(value.places[0].file))
        folder = os.path.dirname(resource.places[0].file)
        original = os.path.relpath(value.data, here)
        try:
            translated = self._rewritten(path, original, folder, mode, outside)
        except (RefusedError, _PathError):
            return False
        self.draft.error(
            f"path {original} is defined relative to the {folder} directory ({place_text(value.places[0])}). Please "
            "update the path to be relative to the file where it is defined or use earlier version of CLI (0.261.0 or "
            "earlier).",
            at=path_text(path),
        )
        self.done[id(value)] = value, translated
        return True

    def _rewritten(self, path: Path, given: str, folder: str, mode: Mode, outside: bool) -> str:
        text, flag = given, ""
        if has_local_pip_flag(text):
            flag, text = pip_flag(text) or ("", text)
        if posixpath.isabs(text) or scheme_of(text):
            return given
        local = os.path.normpath(os.path.join(folder, text))
        known = self.seen.get(local)
        if known is not None:
            return known
        below = os.path.relpath(local, self.draft.sync_root)
        if not outside and not is_local(below):
            raise _PathError(f"path {local} is not contained in sync root path")
        translated = self._translated(path, text, local, below.replace(os.sep, "/"), mode)
        if flag and mode is Mode.PIP_FLAG:
            translated = f"{flag} {translated}"
        self.seen[local] = translated
        return translated

    def _translated(self, path: Path, text: str, local: str, below: str, mode: Mode) -> str:
        remote = posixpath.normpath(f"{self.draft.remote_files}/{below}")
        self.draft.confinement.check(local)
        if mode is Mode.NOTEBOOK:
            self._expect_notebook(path, text, local, below)
            return posixpath.splitext(remote)[0] if posixpath.splitext(below)[1] else remote
        if mode in (Mode.FILE, Mode.PIP_FLAG):
            self._expect_file(path, text, local, below)
            return remote
        if mode is Mode.DIRECTORY:
            if not os.path.exists(local):
                raise _PathError(f"stat {below}: no such file or directory")
            if not os.path.isdir(local):
                raise _PathError(f"{local} is not a directory")
            return remote
        if mode is Mode.GLOB:
            return remote
        if mode is Mode.LOCAL_DIRECTORY:
            if not os.path.exists(local):
                raise _PathError(f"directory {text} not found")
            if not os.path.isdir(local):
                raise _PathError(f"expected {text} to be a directory but found a file")
            return local
        return below if mode is Mode.LOCAL or below.startswith(".") else f"./{below}"

    def _expect_notebook(self, path: Path, text: str, local: str, below: str) -> None:
        try:
            if not is_notebook(local, below, self.draft.confinement):
                raise _PathError(
                    f'expected a notebook for "{path_text(path)}" but got a file: file at {local} is not a notebook'
                )
        except FileNotFoundError:
            raise _PathError(_missing_notebook(text, local)) from None
        except UnreadableError as error:
            raise _PathError(f"unable to determine if {local} is a notebook: {error}") from None

    def _expect_file(self, path: Path, text: str, local: str, below: str) -> None:
        try:
            if is_notebook(local, below, self.draft.confinement):
                raise _PathError(
                    f'expected a file for "{path_text(path)}" but got a notebook: file at {local} is a notebook'
                )
        except FileNotFoundError:
            raise _PathError(f"file {text} not found") from None
        except UnreadableError as error:
            raise _PathError(f"unable to determine if {local} is not a notebook: {error}") from None


class _PathError(Exception):
    """A path that cannot be translated."""


def _missing_notebook(text: str, local: str) -> str:
    if posixpath.splitext(local)[1]:
        return f"notebook {text} not found"
    extensions = ", ".join(EXTENSIONS)
    for extension in EXTENSIONS:
        if os.path.exists(local + extension):
            return (
                f'notebook "{text}" not found. Did you mean "{text}{extension}"?\n'
                "Local notebook references are expected to contain one of the following\n"
                f"file extensions: [{extensions}]"
            )
    return (
        f'notebook "{text}" not found. Local notebook references are expected\nto contain one of the following file '
        f"extensions: [{extensions}]"
    )
