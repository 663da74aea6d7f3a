"""The ML project, as mlops.yaml and the databricks.yml of its checkout describe it together."""

import os
import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from bundle import Diagnostic, Git, Identity, ResolvedBundle, Severity, resolve, target_names
from bundle.facts import read_git
from bundle.yaml_source import Position
from deployed_kinds import KINDS
from settings.deployability import clashes, notebooks_of, undeployable
from settings.faults import Fault
from settings.implied import targets_of
from settings.invocation import BRANCH_VARIABLE, PROJECT_VARIABLE, Invocation, variable_fault
from settings.model import Config
from settings.naming import principal_name
from settings.newer_kinds import NEWER_KINDS, newer_kinds_of
from settings.placeholder import PLACEHOLDER_PRINCIPAL, in_authors_words
from settings.reading import Path as Key
from settings.reading import Source
from settings.unity_names import Use, same, uses

_ENTRY_FILE = "databricks.yml"


@dataclass(frozen=True, slots=True)
class Target:
    """One target of databricks.yml for whoever deploys it; `environment` is None for a person's own.

    `notebooks` are those of its files that become notebooks, where files are uploaded.
    """

    name: str
    environment: str | None
    resolved: ResolvedBundle
    notebooks: frozenset[str]

    @property
    def host(self) -> str:
        """The workspace's address as https:// and a name, or an empty string where databricks.yml is silent.

        Without a scheme it is https, as the Databricks CLI and SDK take it.
        """
        stated = str(self.resolved.workspace.get("host") or "").strip()
        if not stated:
            return ""
        whole = stated if "://" in stated else f"https://{stated}"
        try:
            parts = urlsplit(whole)
        except ValueError:
            return whole
        return f"{parts.scheme}://{parts.netloc}".lower() if parts.netloc else whole

    @property
    def uses(self) -> tuple[Use, ...]:
        """Where its resources lie in Unity Catalog."""
        return tuple(uses(self.resolved))

    @property
    def schemas(self) -> tuple[tuple[str, str], ...]:
        """Catalog and schema of what the target works with, without the schemas that it makes itself."""
        found = self.uses
        own = {(same(use.catalog), same(use.schema)) for use in found if use.makes == "schema" and use.schema}
        pairs = ((use.catalog, use.schema) for use in found if use.catalog and use.schema and use.table is None)
        return tuple(dict.fromkeys(pair for pair in pairs if (same(pair[0]), same(pair[1])) not in own))

    @property
    def declared_schemas(self) -> tuple[tuple[str, str, str], ...]:
        """Catalog, name and address of the schemas that the target makes."""
        return tuple(
            (use.catalog, use.schema, use.address) for use in self.uses if use.makes == "schema" and use.schema
        )


@dataclass(frozen=True, slots=True)
class Checkout:
    """The ML project's folder as mlops.yaml names it, and what Git says there."""

    name: str
    git: Git
    branch: str

    def place(self, position: Position | None) -> Position:
        """A place in the bundle, as seen from mlops.yaml."""
        found = position or Position(_ENTRY_FILE, 0, 0)
        return Position(posixpath.normpath(f"{self.name}/{found.file}"), found.line, found.column)

    def position(self, resolved: ResolvedBundle, path: str) -> Position:
        """Where a value of the bundle was written."""
        found = resolved.position(path)
        if found is None:
            return self.place(None)
        file = os.path.relpath(found.file, resolved.directory).replace(os.sep, "/")
        return self.place(Position(file, found.line, found.column))

    def says(self, diagnostic: Diagnostic) -> str:
        """A warning as one line, its place first."""
        place = self.place(diagnostic.position)
        about = f"{', '.join(diagnostic.paths)}: " if any(diagnostic.paths) else ""
        return in_authors_words(f"{place.file}:{place.line}:{place.column}: {about}{diagnostic.summary}")


@dataclass(frozen=True, slots=True)
class MlProject:
    """Every target that becomes a stack, and all that is wrong with them; `declared` are all that there are."""

    folder: Path
    checkout: Checkout
    declared: tuple[str, ...]
    targets: tuple[Target, ...]
    faults: tuple[Fault, ...]

    def of(self, environment: str) -> tuple[Target, ...]:
        """The targets of one environment."""
        return tuple(target for target in self.targets if target.environment == environment)


def read_ml_project(config: Config, *, source: Source, folder: Path, invocation: Invocation) -> MlProject | None:
    """Resolve every target for its deployer; None without `ml_project`. `folder` is that of mlops.yaml."""
    section = config.ml_project
    if section is None:
        return None
    path = invocation.ml_project or section.path
    directory = _folder(Path(path) if invocation.ml_project else folder / path)
    git = read_git(str(directory))
    checkout = Checkout(posixpath.normpath(path), git, invocation.branch or git.branch)
    if (
        not _exists(directory / _ENTRY_FILE)
        and not resolve(directory, identity=Identity.user(""), confined=True).located
    ):
        found = f"{path}, where no {_ENTRY_FILE} is"
        remedy = "correct the path, or check the ML repository out there"
        if invocation.ml_project:
            allowed = f"the folder of a checkout with {_ENTRY_FILE}, relative to the current folder"
            missing = variable_fault(PROJECT_VARIABLE, found=found, allowed=allowed, remedy=remedy)
        else:
            allowed = f"the folder of a checkout with {_ENTRY_FILE}, relative to this file"
            missing = source.fault(("ml_project", "path"), found=found, allowed=allowed, remedy=remedy)
        return MlProject(directory, checkout, (), (), (missing,))
    if section.code == "git" and not git.worktree:
        missing = source.fault(
            ("ml_project", "code"),
            found=f"git, and {path} lies in no checkout",
            allowed="git in a checkout, where the paths of the code in its repository are known",
            remedy="check the ML repository out with Git, or choose upload",
        )
        return MlProject(directory, checkout, (), (), (missing,))
    if section.code == "git" and invocation.deployer and not checkout.branch:
        missing = source.fault(
            ("ml_project", "code"),
            found=f"git, and {path} has no branch checked out",
            allowed="git with a branch, which jobs of your own targets take their code from",
            remedy=f"check a branch out, or set {BRANCH_VARIABLE}",
        )
        return MlProject(directory, checkout, (), (), (missing,))
    return _Reader(config, source, directory, checkout, invocation).read()


def _folder(path: Path) -> Path:
    """Where a path leads; text that is no path leads nowhere."""
    try:
        return path.resolve()
    except (OSError, RuntimeError, ValueError):
        return Path(os.devnull)


def _exists(file: Path) -> bool:
    try:
        return file.exists()
    except OSError:
        return False


class _Reader:
    """One reading; collects faults."""

    def __init__(
        self, config: Config, source: Source, directory: Path, checkout: Checkout, invocation: Invocation
    ) -> None:
        assert config.ml_project is not None
        self.config = config
        self.section = config.ml_project
        self.source = source
        self.directory = directory
        self.checkout = checkout
        self.invocation = invocation
        self.faults: list[Fault] = []
        # Targets mostly have the same files.
        self.notebooks: dict[tuple[Path, tuple[str, ...]], frozenset[str]] = {}

    def read(self) -> MlProject:
        declared = target_names(self.directory, confined=True)
        targets = [*self._of_environments(declared), *self._of_the_deployer(declared)]
        for target in targets:
            errors = [item for item in target.resolved.diagnostics if item.severity is Severity.ERROR]
            self.faults += [self._of_diagnostic(error) for error in errors]
            if not errors:
                place = partial(self._place, target)
                self.faults += [self._of_newer_kind(*found) for found in newer_kinds_of(target.resolved)]
                self.faults += undeployable(target.resolved, code=self.section.code, place=place)
                self.faults += clashes(target.resolved, target.notebooks, place=place)
        return MlProject(self.directory, self.checkout, declared, tuple(targets), tuple(self.faults))

    def _of_environments(self, declared: tuple[str, ...]) -> Iterator[Target]:
        for name, section in self.config.environments.items():
            identity = Identity.service_principal(
                PLACEHOLDER_PRINCIPAL, display_name=section.principal or principal_name(self.config.project, name)
            )
            for index, target in enumerate(targets_of(name, section)):
                if declared and target not in declared:
                    listed = section.targets is not None
                    self.faults.append(
                        self.source.fault(
                            ("environments", name, "targets", index) if listed else ("environments", name),
                            found=f"target {target}, which {self.checkout.place(None).file} does not have",
                            allowed=", ".join(declared),
                            remedy="correct the name" if listed else "add `targets:` with one or more of these",
                        )
                    )
                else:
                    yield self._target(target, name, identity)

    def _of_the_deployer(self, declared: tuple[str, ...]) -> Iterator[Target]:
        if self.invocation.deployer is None:
            return
        taken = {target for name, section in self.config.environments.items() for target in targets_of(name, section)}
        for target in declared:
            if target not in taken:
                yield self._target(target, None, Identity.user(self.invocation.deployer))

    def _target(self, name: str, environment: str | None, identity: Identity) -> Target:
        resolved = self._resolved(name, identity)
        files = (resolved.sync_root, resolved.files if self.section.code == "upload" else ())
        if files not in self.notebooks:
            self.notebooks[files] = notebooks_of(*files)
        return Target(name, environment, resolved, self.notebooks[files])

    def _resolved(self, target: str, identity: Identity) -> ResolvedBundle:
        git = replace(self.checkout.git, branch=self.checkout.branch)
        if self.section.git_metadata == "none":
            git = Git(worktree=git.worktree)
        return resolve(
            self.directory,
            target=target,
            identity=identity,
            git=git,
            environ=self.invocation.bundle_variables,
            confined=True,
        )

    def _place(self, target: Target, path: str) -> Position:
        return self.checkout.position(target.resolved, path)

    def _of_newer_kind(self, kind: str, warning: Diagnostic) -> Fault:
        known = NEWER_KINDS[kind]
        return Fault.at(
            self.checkout.place(warning.position),
            f"resources.{kind}",
            found=f"{kind}, which the Databricks CLI knows since {known.since} and no stack deploys",
            allowed=", ".join(KINDS),
            remedy=f"leave them out of this bundle; beside `databricks bundle deploy`, {known.instead} deploys them",
        )

    def _of_diagnostic(self, error: Diagnostic) -> Fault:
        return Fault.at(
            self.checkout.place(error.position),
            ", ".join(path for path in error.paths if path),
            found=error.summary,
            allowed="",
            remedy=" ".join(error.detail.split()) or "correct the bundle; docs/bundles.md says how it is read",
        )


def claimed_twice(project: MlProject, created: Mapping[Key, tuple[str, str]], *, source: Source) -> Iterator[Fault]:
    """Schemas that an environment creates and a bundle declares as well; `created` has them by key of mlops.yaml."""
    for target in project.targets:
        for catalog, schema, address in target.declared_schemas:
            for path, pair in created.items():
                if tuple(map(same, pair)) == (same(catalog), same(schema)):
                    place = project.checkout.position(target.resolved, address)
                    yield source.fault(
                        path,
                        found=f"schema {catalog}.{schema}, which {address} of "
                        f"{place.file}:{place.line}:{place.column} declares as well",
                        allowed="each schema made by one of the two",
                        remedy="set `create_schema: false` here with an existing catalog, or remove it from the bundle",
                    )
