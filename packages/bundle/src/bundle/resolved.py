"""The public face: `resolve` and what it returns."""

# Paths are text here, joined and cleaned as Go's filepath does.
# ruff: noqa: PTH100, PTH110

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from bundle.confinement import Confinement
from bundle.diagnostics import Diagnostic, Report, Severity
from bundle.draft import Draft
from bundle.entry import FILE_NAMES
from bundle.facts import Git, Identity, worktree_of
from bundle.final_checks import check_artifact_volume, check_tasks, list_sync_files
from bundle.rendering import to_json
from bundle.stages import FINISH, INITIALIZE, LOAD, RESOURCES, run
from bundle.targets import select_target
from bundle.value import Value, parse_path
from bundle.yaml_source import Position


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource: its kind as under `resources`, its key, its settings, and where it is defined."""

    kind: str
    key: str
    settings: Mapping[str, Any]
    position: Position | None

    @property
    def address(self) -> str:
        """`resources.jobs.train`."""
        return f"resources.{self.kind}.{self.key}"


@dataclass(frozen=True, slots=True)
class ResolvedBundle:
    """A bundle for one target. Maps are read-only, lists are tuples.

    With errors the configuration is as far as it came, as the CLI prints it too.
    """

    directory: Path
    target: str
    configuration: Mapping[str, Any]
    resources: tuple[Resource, ...]
    diagnostics: tuple[Diagnostic, ...]
    sync_root: Path
    files: tuple[str, ...]
    identity: Identity
    _tree: Value = field(repr=False, compare=False)

    @property
    def name(self) -> str:
        return str(_section(self.configuration, "bundle").get("name", ""))

    @property
    def mode(self) -> str:
        return str(_section(self.configuration, "bundle").get("mode", ""))

    @property
    def workspace(self) -> Mapping[str, Any]:
        """Host, folders and current user."""
        return _section(self.configuration, "workspace")

    @property
    def variables(self) -> Mapping[str, Any]:
        """The values of variables; one that only a lookup could give is missing."""
        declared = _section(self.configuration, "variables")
        return {name: variable["value"] for name, variable in declared.items() if variable and "value" in variable}

    @property
    def lookups(self) -> Mapping[str, Mapping[str, Any]]:
        """What has to be looked up in the workspace, by variable."""
        declared = _section(self.configuration, "variables")
        return {
            name: variable["lookup"]
            for name, variable in declared.items()
            if variable and variable.get("lookup") and "value" not in variable
        }

    @property
    def located(self) -> bool:
        """Whether the folder is one bundle at all."""
        return sum(os.path.exists(self.directory / name) for name in FILE_NAMES) == 1

    @property
    def ok(self) -> bool:
        return not any(diagnostic.severity is Severity.ERROR for diagnostic in self.diagnostics)

    def of(self, kind: str) -> Iterator[Resource]:
        """The resources of one kind."""
        return (resource for resource in self.resources if resource.kind == kind)

    def position(self, path: str) -> Position | None:
        """Where the value at a path such as `resources.jobs.train.tasks[0].task_key` was written, file and all."""
        found = self._tree.get(*parse_path(path))
        return found.places[0] if found is not None and found.places else None

    def to_json(self) -> str:
        """What `databricks bundle validate -o json` prints."""
        return to_json(self._tree)


def resolve(
    path: str | os.PathLike[str],
    *,
    target: str = "",
    identity: Identity,
    git: Git | None = None,
    variables: Mapping[str, str] | tuple[str, ...] = (),
    environ: Mapping[str, str] = MappingProxyType({}),
    confined: bool = False,
) -> ResolvedBundle:
    """Reads the bundle in a folder as the Databricks CLI does.

    Nothing outside of the Git checkout around the folder is read or uploaded; where there is none, `confined` makes the
    folder itself the border.

    `variables` are what --var gives, `environ` is where BUNDLE_VAR_* is looked for. Without `git`, facts are read from
    .git. Nothing is asked of a workspace, nothing is written, and no script of the bundle runs.
    """
    directory = os.path.abspath(path)
    assignments = (
        tuple(f"{name}={text}" for name, text in variables.items())
        if isinstance(variables, Mapping)
        else tuple(variables)
    )
    confinement = _confinement(directory, git, confined=confined)
    draft = Draft(directory, target, identity, git, assignments, environ, Report(directory), confinement)
    files: tuple[str, ...] = ()
    if run(draft, LOAD) and run(draft, INITIALIZE) and _resources(draft) and run(draft, FINISH):
        check_tasks(draft)
        check_artifact_volume(draft)
        files = list_sync_files(draft)
    draft.settle()
    return _freeze(draft, files)


def target_names(path: str | os.PathLike[str], *, confined: bool = False) -> tuple[str, ...]:
    """The targets of the bundle in a folder, in the order of its files; none when it cannot be read that far.

    `confined` as for `resolve`.
    """
    directory = os.path.abspath(path)
    confinement = _confinement(directory, None, confined=confined)
    draft = Draft(directory, "", Identity.user(""), Git(), (), {}, Report(directory), confinement)
    return tuple(draft.root.entries("targets")) if run(draft, LOAD[: LOAD.index(select_target)]) else ()


def _confinement(directory: str, git: Git | None, *, confined: bool) -> Confinement:
    """The border: the checkout's root, or else the folder where it is wanted."""
    real = os.path.realpath(directory)
    for worktree in ((git.worktree if git else ""), worktree_of(directory), worktree_of(real)):
        border = os.path.realpath(worktree) if worktree else ""
        if border and (real == border or real.startswith(border.rstrip(os.sep) + os.sep)):
            return Confinement(border)
    return Confinement(real if confined else "")


def _resources(draft: Draft) -> bool:
    kinds = draft.root.entries("resources")
    return run(draft, RESOURCES) if any(draft.root.entries("resources", kind) for kind in kinds) else True


def _freeze(draft: Draft, files: tuple[str, ...]) -> ResolvedBundle:
    configuration: Mapping[str, Any] = _frozen(draft.root)
    resources = tuple(
        Resource(kind, key, settings, _first(draft, draft.root.get("resources", kind, key)))
        for kind, group in _section(configuration, "resources").items()
        if isinstance(group, Mapping)
        for key, settings in group.items()
        if isinstance(settings, Mapping)
    )
    return ResolvedBundle(
        Path(draft.directory),
        draft.target,
        configuration,
        resources,
        tuple(draft.report.diagnostics),
        Path(draft.sync_root or draft.directory),
        files,
        draft.identity,
        draft.root,
    )


def _section(configuration: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = configuration.get(name)
    return found if isinstance(found, Mapping) else {}


def _first(draft: Draft, value: Value | None) -> Position | None:
    return draft.report.relative(value.places[0]) if value is not None and value.places else None


def _frozen(value: Value) -> Any:
    data = value.data
    if type(data) is dict:
        return MappingProxyType({key: _frozen(inner) for key, inner in data.items()})
    if type(data) is list:
        return tuple(_frozen(inner) for inner in data)
    return value.plain()
