"""`sync`, relative to the root of what is uploaded rather than to the file in which it is written."""

# Paths are text here, joined and cleaned as Go's filepath does.
# ruff: noqa: PTH117, PTH118, PTH119, PTH120

import os

from bundle.diagnostics import Severity, StopError
from bundle.draft import Draft
from bundle.limits import RefusedError
from bundle.normalize import is_pure_reference
from bundle.value import Path, ShapeError, Value


def settle_sync(draft: Draft) -> None:
    """Rewrites paths and patterns, and finds the sync root: the bundle's, or the parent that contains all paths."""
    section = draft.root.get("sync")
    if section is not None and is_pure_reference(section.data):
        raise ShapeError(f'expected a map to index "paths", found {section.kind}', section)
    _rewrite(draft)
    if draft.root.get("sync", "paths") is None:
        draft.root.put(("sync", "paths"), ["."])
    root = draft.directory
    for value in draft.root.items("sync", "paths"):
        outer = _containing_root(str(value.data), draft.directory)
        if outer and len(outer) < len(root):
            root = outer
    below = os.path.relpath(draft.directory, root)
    for index, value in enumerate(draft.root.items("sync", "paths")):
        if not is_local(os.path.join(below, str(value.data))):
            path: Path = ("sync", "paths", index)
            draft.report.add(Severity.ERROR, f'invalid sync path "{value.data}"', paths=[path], places=value.places)
    if draft.report.errors:
        return
    for part in ("paths", "include", "exclude"):
        for value in draft.root.items("sync", part):
            value.data = _join(below, value.data)
    for value in draft.root.items("sync", "paths"):
        try:
            draft.confinement.check(os.path.join(root, str(value.data)))
        except RefusedError as error:
            raise StopError.refused(error, value.places) from None
    draft.sync_root = root


def _rewrite(draft: Draft) -> None:
    for part in ("paths", "include", "exclude"):
        for value in draft.root.items("sync", part):
            folder = os.path.dirname(value.places[0].file) if value.places else draft.directory
            value.data = _join(os.path.relpath(folder, draft.directory), value.data)


def _join(folder: str, path: str) -> str:
    """Go's filepath.Join, for which an absolute second part is not special."""
    return os.path.normpath(f"{folder}/{path}")


def _containing_root(path: str, root: str) -> str:
    while not is_local(path):
        parent = os.path.dirname(root)
        if parent == root:
            return ""
        path = os.path.normpath(os.path.join(os.path.basename(root), path))
        root = parent
    return root


def is_local(path: str) -> bool:
    """Whether a relative path stays below where it starts."""
    clean = os.path.normpath(path) if path else ""
    return bool(clean) and not os.path.isabs(clean) and clean != ".." and not clean.startswith("../")


def patterns(root: Value, part: str) -> list[str]:
    """The patterns of sync.include or sync.exclude."""
    return [str(value.data) for value in root.items("sync", part)]
