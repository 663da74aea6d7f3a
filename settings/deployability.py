"""What a stack cannot deploy of a bundle that the Databricks CLI accepts."""

import json
import math
import posixpath
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from bundle import ResolvedBundle
from bundle.confinement import Confinement
from bundle.libraries import is_local_library
from bundle.limits import UPLOADED_BYTES, UPLOADED_FILES, RefusedError
from bundle.notebooks import EXTENSIONS, UnreadableError, is_notebook
from bundle.resource_references import ResourceReference, split_references
from bundle.yaml_source import Position
from settings.code_folder import code_folder, names_folder
from settings.faults import Fault
from terraform_text import Reference, literal

# Where a job names code that it can also take from a Git repository (Jobs API, `source: GIT`).
GIT_CODE = re.compile(
    r"resources\.jobs\.[^.]+\.tasks\[\d+\](\.for_each_task\.task)?"
    r"\.(notebook_task\.notebook_path|spark_python_task\.python_file|dbt_task\.project_directory|sql_task\.file\.path)"
)

_VARIABLE = re.compile(r"\$\{var\.([^.}\[]+)")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_TARGET = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")

# A plan shows a text of several lines as it is, within a JSON text too (Terraform 1.11,
# internal/command/jsonformat/differ/renderers/primitive.go): these would move the cursor, clear the screen or turn the
# direction of what follows. In a text of one line, and in keys, Terraform escapes them.
_CONTROL = re.compile("\r(?!\n)|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
# Without an end it goes to the end of the text, so that nothing is read twice.
_JSON_STRING = re.compile(r'"(?:[^"\\]|\\.|\\\Z)*(?:"|\Z)', re.DOTALL)

Place = Callable[[str], Position]


def undeployable(resolved: ResolvedBundle, *, code: str, place: Place) -> Iterator[Fault]:
    """Every reason, with its place in the bundle's files."""
    yield from _target(resolved, place)
    yield from _resources(resolved, place)
    yield from _strings(resolved, code, place)
    yield from _numbers(resolved, place)
    if code == "upload":
        yield from _files(resolved, place)
        yield from _too_large(resolved, place)


def _target(resolved: ResolvedBundle, place: Place) -> Iterator[Fault]:
    """The name of a target is part of its stack's, of a folder's and of the state's."""
    if not _TARGET.fullmatch(resolved.target) or literal(f"-{resolved.target}") != f"-{resolved.target}":
        path = f"targets.{resolved.target}"
        yield Fault.at(
            place(path),
            path,
            found=resolved.target,
            allowed="letters, digits, _, - and ., no - or . first: the name is part of the stack's and its state's",
            remedy="rename the target",
        )


def _resources(resolved: ResolvedBundle, place: Place) -> Iterator[Fault]:
    for resource in resolved.resources:
        if not _NAME.fullmatch(resource.key) or literal(resource.key) != resource.key:
            yield Fault.at(
                place(resource.address),
                resource.address,
                found=resource.key,
                allowed="letters, digits, _ and -, no digit first: the key is the resource's address in Terraform",
                remedy="rename the key",
            )


def _strings(resolved: ResolvedBundle, code: str, place: Place) -> Iterator[Fault]:
    known = {(resource.kind, resource.key) for resource in resolved.resources}
    files = code_folder(resolved) if resolved.workspace.get("file_path") else ""
    for resource in resolved.resources:
        for path, text in _texts(resource.settings, resource.address):
            for reference in split_references(text):
                if isinstance(reference, ResourceReference):
                    yield from _reference(reference, known, path, place)
            for variable in _VARIABLE.findall(text):
                if variable in resolved.lookups:
                    yield Fault.at(
                        place(f"variables.{variable}"),
                        f"variables.{variable}",
                        found="a lookup, which only the workspace can answer",
                        allowed="a value that is known before Terraform runs",
                        remedy=f"give it one: `default:` in the bundle, or BUNDLE_VAR_{variable} in the environment",
                    )
            if control := _control_shown(text):
                yield _controlling(place(path), path, control)
            if _is_built(path, text):
                yield Fault.at(
                    place(path),
                    path,
                    found=f"{text}, which the Databricks CLI would build or upload as a library",
                    allowed="packages, and files that exist in the workspace",
                    remedy="publish the library, or import the code from beside the notebooks",
                )
            if code == "git" and files and names_folder(text, files) and not GIT_CODE.fullmatch(path):
                yield Fault.at(
                    place(path),
                    path,
                    found=f"{text.replace(f'{files}/', '')}, a file that `code: git` does not upload",
                    allowed="with `code: git` only the code of tasks, which jobs read from the repository",
                    remedy="set ml_project.code: upload in mlops.yaml, or name a file that exists in the workspace",
                )


def _control_shown(text: str) -> str:
    """The first character of a text that a plan would show as it is and a terminal would obey."""
    if "\n" in text and (control := _CONTROL.search(text)):
        return control[0]
    if text.lstrip()[:1] not in ("{", "["):
        return ""
    return next((found for inner in _json_strings(text) if (found := _control_shown(inner))), "")


def _json_strings(text: str) -> Iterator[str]:
    for written in _JSON_STRING.findall(text):
        with suppress(ValueError):
            yield json.loads(written)


def _controlling(place: Position, path: str, character: str) -> Fault:
    return Fault.at(
        place,
        path,
        found=f"several lines with the control character U+{ord(character):04X}",
        allowed="lines without control characters: a plan shows them as they are, and a terminal obeys",
        remedy="remove the character",
    )


def _reference(
    reference: ResourceReference, known: Collection[tuple[str, str]], path: str, place: Place
) -> Iterator[Fault]:
    if (reference.kind, reference.key) not in known:
        found = f"resources.{reference.kind}.{reference.key}, which the bundle does not have"
        allowed, remedy = ", ".join(sorted(f"resources.{kind}.{key}" for kind, key in known)), "correct the reference"
    elif not _is_plain(reference):
        found, allowed = f"{reference}, which names no attribute", "an attribute of a resource, such as its id"
        remedy = f"write ${{resources.{reference.kind}.{reference.key}.id}}, or another attribute"
    else:
        return
    yield Fault.at(place(path), path, found=found, allowed=allowed, remedy=remedy)


def _is_plain(reference: ResourceReference) -> bool:
    if not reference.attribute.startswith("."):
        return False
    try:
        Reference(f"databricks_job.{reference.key}{reference.attribute}")
    except ValueError:
        return False
    return True


def _numbers(resolved: ResolvedBundle, place: Place) -> Iterator[Fault]:
    for resource in resolved.resources:
        for path, value in _leaves(resource.settings, resource.address):
            if isinstance(value, float) and not math.isfinite(value):
                yield Fault.at(
                    place(path),
                    path,
                    found="infinity, or no number at all",
                    allowed="numbers that JSON has",
                    remedy="write the number",
                )


def _is_built(path: str, text: str) -> bool:
    field = path.rpartition(".")[2]
    return (".libraries[" in path and field in ("whl", "jar", "egg") and is_local_library(text)) or (
        ".dependencies[" in path and is_local_library(text)
    )


def _too_large(resolved: ResolvedBundle, place: Place) -> Iterator[Fault]:
    """More files, or larger ones, than go to a workspace."""
    refusals = []
    try:
        UPLOADED_FILES.check(len(resolved.files), "{count} files")
    except RefusedError as error:
        refusals.append(error)
    for file in resolved.files:
        try:
            UPLOADED_BYTES.check((resolved.sync_root / file).lstat().st_size, f"{file} has {{count}} bytes")
        except RefusedError as error:
            refusals.append(error)
        except OSError:
            refusals.append(RefusedError(f"{file}, which is gone", "read the bundle again"))
    for refusal in refusals:
        yield _of_files(place, found=str(refusal), allowed="", remedy=refusal.remedy)


def _of_files(place: Place, *, found: str, allowed: str, remedy: str) -> Fault:
    """A fault of the files that go to the workspace, which stand in no line of databricks.yml."""
    return Fault.at(Position(place("bundle").file, 0, 0), "sync", found=found, allowed=allowed, remedy=remedy)


def clashes(resolved: ResolvedBundle, notebooks: Collection[str], *, place: Place) -> Iterator[Fault]:
    """Files that would stand at one path: a notebook loses its extension."""
    seen: dict[str, str] = {}
    for file in resolved.files:
        remote = posixpath.splitext(file)[0] if file in notebooks else file
        if remote in seen:
            yield _of_files(
                place,
                found=f"{seen[remote]} and {file}, which both become {remote} in the workspace",
                allowed="one file for each path: notebooks lose their extension",
                remedy="rename one of the two, or list it under sync.exclude",
            )
        seen.setdefault(remote, file)


def _files(resolved: ResolvedBundle, place: Place) -> Iterator[Fault]:
    """Names that no plan can show."""
    for file in resolved.files:
        if control := _control_shown(file):
            yield _controlling(Position(place("bundle").file, 0, 0), "sync", control)


def notebooks_of(sync_root: Path, files: Iterable[str]) -> frozenset[str]:
    """Which files to upload become notebooks; one that only claims to be one stays a file."""
    confinement = Confinement()
    return frozenset(file for file in files if _becomes_notebook(f"{sync_root}/{file}", file, confinement))


def _becomes_notebook(path: str, file: str, confinement: Confinement) -> bool:
    # Of other files nothing is read.
    if not file.lower().endswith(EXTENSIONS):
        return False
    try:
        return is_notebook(path, file, confinement)
    except (UnreadableError, RefusedError, FileNotFoundError):
        return False


def _texts(value: Any, path: str) -> Iterator[tuple[str, str]]:
    return ((at, leaf) for at, leaf in _leaves(value, path) if isinstance(leaf, str))


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(inner, f"{path}.{key}")
    elif isinstance(value, tuple):
        for index, inner in enumerate(value):
            yield from _leaves(inner, f"{path}[{index}]")
    else:
        yield path, value
