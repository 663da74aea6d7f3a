"""The bundle while it is being resolved: what the stages read and change."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from bundle.confinement import Confinement
from bundle.diagnostics import Report, Severity
from bundle.facts import Git, Identity
from bundle.limits import EXPANDED, VALUES, Tally
from bundle.normalize import settle
from bundle.schema import root_type
from bundle.value import Path, Places, Value, parse_path


@dataclass(slots=True)
class Draft:
    """Given: `directory` (absolute), the target asked for, identity, Git facts, variables, and what may be read of the
    files. The rest is found.
    """

    directory: str
    wanted_target: str
    identity: Identity
    git: Git | None
    assignments: tuple[str, ...]
    environ: Mapping[str, str]
    report: Report
    confinement: Confinement
    root: Value = field(default_factory=lambda: Value({}))
    target: str = ""
    explicit_root_path: bool = False
    sync_root: str = ""
    worktree: str = ""
    values: Tally = field(default_factory=lambda: Tally(VALUES))
    expanded: Tally = field(default_factory=lambda: Tally(EXPANDED))

    @property
    def remote_files(self) -> str:
        """Where the bundle's files will stand in the workspace."""
        return self.root.text("workspace", "file_path")

    @property
    def mode(self) -> str:
        return self.root.text("bundle", "mode")

    def resources(self, plural: str) -> dict[str, Value]:
        """The resources of one kind that are more than null."""
        return {key: value for key, value in self.root.entries("resources", plural).items() if type(value.data) is dict}

    def places(self, path: str) -> Places:
        """Every place of what stands at a path."""
        found = self.root.get(*parse_path(path))
        return found.places if found else ()

    def settle(self) -> None:
        """Drops what a typed configuration does not keep."""
        settle(self.root, root_type())

    def error(self, summary: str, *, detail: str = "", at: str = "", paths: tuple[Path, ...] = ()) -> None:
        self._say(Severity.ERROR, summary, detail, at, paths)

    def warn(self, summary: str, *, detail: str = "", at: str = "", paths: tuple[Path, ...] = ()) -> None:
        self._say(Severity.WARNING, summary, detail, at, paths)

    def _say(self, severity: Severity, summary: str, detail: str, at: str, paths: tuple[Path, ...]) -> None:
        self.report.add(severity, summary, detail=detail, paths=paths, places=self.places(at) if at else ())

    def relative(self, file: str) -> str:
        """A file as the bundle's root sees it."""
        return os.path.relpath(file, self.directory)
