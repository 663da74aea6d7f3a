"""The files that the entry file includes."""

# Paths are text here, joined and cleaned as Go's filepath does.
# ruff: noqa: PTH117, PTH118, PTH122, PTH206, PTH208

import os

from bundle.confinement import Confinement
from bundle.diagnostics import Severity, StopError
from bundle.draft import Draft
from bundle.entry import FILE_NAMES, read_file
from bundle.limits import INCLUDES, WALKED, RefusedError
from bundle.linear_matching import Matcher, PatternError
from bundle.merge import check_mergeable, merge
from bundle.resource_kinds import SINGULARS
from bundle.value import Value, exact_matches, path_text, pattern_of
from bundle.yaml_source import Position

_EXTENSIONS = (".yaml", ".yml", ".json")


def read_includes(draft: Draft) -> None:
    """Expands every entry of `include` in order and merges the files into the configuration."""
    for char in "*?[]^":
        if char in draft.directory:
            draft.error(
                "Bundle root path contains glob pattern characters",
                detail=f'The path to the bundle root {draft.directory} contains glob pattern character "{char}". '
                "Please remove the character from this path to use bundle commands.",
            )
            return
    files = _matching_files(draft)
    if files is None:
        return
    held = draft.root.get("include")
    if files or (held is not None and type(held.data) is list):
        _record(draft, files)
    for file in files:
        _read(draft, file)
        if draft.report.errors:
            return


def _matching_files(draft: Draft) -> list[str] | None:
    seen = set(FILE_NAMES)
    files: list[str] = []
    for entry in draft.root.items("include"):
        pattern = str(entry.data)
        if os.path.isabs(pattern):
            raise StopError(f"{pattern}: includes must be relative paths", origin=entry.places[0])
        try:
            found = glob(os.path.normpath(os.path.join(draft.directory, pattern)), draft.confinement)
        except RefusedError as error:
            raise StopError.refused(error, entry.places) from None
        if found is None:
            raise StopError("syntax error in pattern", origin=entry.places[0])
        if not found and not any(char in pattern for char in "*?["):
            raise StopError(f"{pattern} defined in 'include' section does not match any files", origin=entry.places[0])
        fresh = []
        for index, file in enumerate(found):
            name = draft.relative(file)
            if name in seen:
                continue
            seen.add(name)
            if os.path.splitext(name)[1] not in _EXTENSIONS:
                draft.error(
                    "Files in the 'include' configuration section must be YAML or JSON files.",
                    detail=f"The file {name} in the 'include' configuration section is not a YAML or JSON file, and "
                    "only such files are supported. To include files to sync, specify them in the 'sync.include' "
                    "configuration section instead.",
                    at=f"include[{index}]",
                )
                continue
            fresh.append(name)
        if draft.report.errors:
            return None
        files += sorted(fresh)
        INCLUDES.check(len(files), "`include` names {count} files")
    return files


def _record(draft: Draft, files: list[str]) -> None:
    """The expanded list takes the place of the patterns."""
    held = draft.root.get("include")
    places = [value.places for value in draft.root.items("include")]
    values = [Value(name, places[index] if index < len(places) else ()) for index, name in enumerate(files)]
    draft.root.data["include"] = Value(values or None, held.places if held else (), held.key_places if held else ())
    draft.settle()


def _read(draft: Draft, name: str) -> None:
    content = read_file(draft, os.path.join(draft.directory, name))
    _check_one_resource(draft, content, name)
    if content.items("include"):
        include = content.get("include")
        assert include is not None
        draft.report.add(
            Severity.WARNING,
            "Include section is defined outside root file",
            detail="An include section is defined in a file that is not databricks.yml.\n"
            "Only includes defined in databricks.yml are applied.",
            paths=[("include",)],
            places=include.places,
        )
    check_mergeable(draft.root, content)
    merge(draft.root, content)


def _check_one_resource(draft: Draft, content: Value, name: str) -> None:
    """A file such as x.job.yml should define one job and nothing else."""
    extension = next(
        (
            f".{singular}.{suffix}"
            for singular in SINGULARS.values()
            for suffix in ("yml", "yaml")
            if name.endswith(f".{singular}.{suffix}")
        ),
        None,
    )
    if extension is None:
        return
    singular = extension.split(".")[1]
    found = [
        (path, value, SINGULARS.get(str(path[-2]), ""))
        for pattern in ("resources.*.*", "targets.*.resources.*.*")
        for path, value in exact_matches(content, pattern_of(pattern))
    ]
    if all(kind == singular for _, _, kind in found) and len({path[-1] for path, _, _ in found}) <= 1:
        return
    lines = sorted({f"  - {path[-1]} ({kind})\n" for path, _, kind in found})
    places = [place for _, value, _ in found for place in value.places]
    draft.report.add(
        Severity.RECOMMENDATION,
        f"define a single {singular.replace('_', ' ')} in a file with the {extension} extension.",
        detail="The following resources are defined or configured in this file:\n" + "".join(lines),
        paths=sorted((path for path, _, _ in found), key=path_text),
        places=sorted(places, key=_text),
    )


def _text(place: Position) -> str:
    return f"{place.file}:{place.line}:{place.column}"


def glob(pattern: str, confinement: Confinement) -> list[str] | None:
    """Go's filepath.Glob: `*` and `?` stay within a folder and do match leading dots; None for a malformed pattern.

    Raises RefusedError for a folder outside of the checkout and when there is too much to look through.
    """
    if "\0" in pattern:
        return []
    folders = [os.sep if os.path.isabs(pattern) else ""]
    parts = [part for part in pattern.split(os.sep) if part]
    looked = 0
    for part in parts:
        if not any(char in part for char in "*?[\\"):
            folders = [joined for folder in folders if os.path.lexists(joined := os.path.join(folder, part))]
            continue
        matcher = _segment(part)
        if matcher is None:
            return None
        found = []
        for folder in folders:
            confinement.check(folder or ".")
            try:
                names = sorted(os.listdir(folder or "."))
            except OSError:
                continue
            looked += len(names)
            WALKED.check(looked, f"{pattern} looks through {{count}} files and folders")
            # A wildcard that meets Git's own folder does not mean it; what names it is refused.
            found += [os.path.join(folder, name) for name in names if name != ".git" and matcher.search(name)]
        folders = found
    return folders


def _segment(part: str) -> Matcher | None:
    out, index = [], 0
    while index < len(part):
        char = part[index]
        index += 1
        if char == "*":
            out.append("[^/]*")
        elif char == "?":
            out.append("[^/]")
        elif char == "\\":
            if index == len(part):
                return None
            out.append(_literal(part[index]))
            index += 1
        elif char == "[":
            end = part.find("]", index + 2 if part[index : index + 1] == "^" else index + 1)
            if end < 0:
                return None
            body = part[index:end]
            negated = body.startswith("^")
            body = body.removeprefix("^").replace("\\", r"\\").replace("[", r"\[").replace("^", r"\^")
            out.append(f"[{'^' if negated else ''}{body}]")
            index = end + 1
        else:
            out.append(_literal(char))
    try:
        return Matcher([f"^{''.join(out)}$"])
    except PatternError:
        return None


def _literal(char: str) -> str:
    return char if char.isalnum() or char == "_" else f"\\{char}"
