"""The ML project, as mlops.yaml and the databricks.yml of its checkout describe it together."""

import os
import posixpath
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic_core import PydanticCustomError

from bundle import Diagnostic, Git, Identity, ResolvedBundle, Severity, resolve, target_names
from bundle.facts import read_git
from faults import Fault
from settings.deployability import undeployable
from settings.invocation import BRANCH_VARIABLE, PROJECT_VARIABLE, Invocation, variable_fault
from settings.model import Config, Environment, https_host
from settings.naming import principal_name
from settings.reading import Path as Key
from settings.reading import Source, dotted
from yaml_source import Position

# Who a CI principal is, only its workspace knows. Until then this stands for its application id: a service principal's
# name is a UUID, and nobody has this one.
UNKNOWN_PRINCIPAL = "0c0ffee0-0000-4000-8000-00000000c1c1"

_ENTRY_FILE = "databricks.yml"


@dataclass(frozen=True, slots=True)
class Target:
    """One target of databricks.yml for whoever deploys it; `environment` is None for a person's own."""

    name: str
    environment: str | None
    resolved: ResolvedBundle

    @property
    def host(self) -> str:
        """The workspace's address, or an empty string where databricks.yml is silent."""
        stated = self.resolved.workspace.get("host") or ""
        try:
            parts = urlsplit(str(stated))
        except ValueError:
            return str(stated)
        return f"{parts.scheme}://{parts.netloc}".lower() if parts.scheme and parts.netloc else str(stated)

    @property
    def schemas(self) -> tuple[tuple[str, str], ...]:
        """Catalog and schema of what the target works with, without the schemas that it makes itself."""
        own = {(catalog, schema) for catalog, schema, _ in self.declared_schemas}
        return tuple(dict.fromkeys(pair for pair, _ in self._used() if pair not in own))

    @property
    def catalogs(self) -> frozenset[str]:
        """The catalogs that the target works in."""
        return frozenset(catalog for catalog, *_ in (*self.schemas, *self.declared_schemas))

    @property
    def declared_schemas(self) -> tuple[tuple[str, str, str], ...]:
        """Catalog, name and address of the schemas that the target makes."""
        return tuple(
            (str(schema.settings.get("catalog_name")), str(schema.settings.get("name")), schema.address)
            for schema in self.resolved.of("schemas")
        )

    def used_at(self) -> dict[tuple[str, str], str]:
        """The address of the first resource in each schema."""
        first: dict[tuple[str, str], str] = {}
        for pair, address in self._used():
            first.setdefault(pair, address)
        return first

    def _used(self) -> Iterator[tuple[tuple[str, str], str]]:
        for resource in self.resolved.resources:
            settings = resource.settings
            if resource.kind in ("registered_models", "volumes"):
                names: list[Any] = [settings.get("catalog_name"), settings.get("schema_name")]
            elif resource.kind == "quality_monitors":
                names = str(settings.get("output_schema_name") or "").split(".")
            else:
                continue
            # A name that another resource gives is that resource's affair.
            if len(names) == 2 and all(name and "${" not in str(name) for name in names):
                yield (str(names[0]), str(names[1])), resource.address


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
        return f"{place.file}:{place.line}:{place.column}: {about}{diagnostic.summary}"


@dataclass(frozen=True, slots=True)
class MlProject:
    """Every target that becomes a stack, and all that is wrong with them; `declared` are all that there are."""

    folder: Path
    checkout: Checkout
    declared: tuple[str, ...]
    targets: tuple[Target, ...]
    hosts: Mapping[str, str]
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
            missing = _fault(source, ("ml_project", "path"), found=found, allowed=allowed, remedy=remedy)
        return MlProject(directory, checkout, (), (), {}, (missing,))
    if section.code == "git" and not git.worktree:
        missing = _fault(
            source,
            ("ml_project", "code"),
            found=f"git, and {path} lies in no checkout",
            allowed="git in a checkout, where the paths of the code in its repository are known",
            remedy="check the ML repository out with Git, or choose upload",
        )
        return MlProject(directory, checkout, (), (), {}, (missing,))
    if section.code == "git" and invocation.deployer and not checkout.branch:
        missing = _fault(
            source,
            ("ml_project", "code"),
            found=f"git, and {path} has no branch checked out",
            allowed="git with a branch, which jobs of your own targets take their code from",
            remedy=f"check a branch out, or set {BRANCH_VARIABLE}",
        )
        return MlProject(directory, checkout, (), (), {}, (missing,))
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

    def read(self) -> MlProject:
        declared = target_names(self.directory, confined=True)
        targets = [*self._of_environments(declared), *self._of_the_deployer(declared)]
        for target in targets:
            errors = [item for item in target.resolved.diagnostics if item.severity is Severity.ERROR]
            self.faults += [self._of_diagnostic(error) for error in errors]
            if not errors:
                place = partial(self._place, target)
                self.faults += undeployable(target.resolved, code=self.section.code, place=place)
        sound = [target for target in targets if target.resolved.ok]
        unsound = {target.environment for target in targets if not target.resolved.ok}
        hosts = {name: self._host(name, section, sound, unsound) for name, section in self.config.environments.items()}
        for target in sound:
            if target.environment is None:
                self._host_of_a_person(target)
        for name, section in self.config.environments.items():
            self._schemas_are_listed(name, section, [target for target in sound if target.environment == name])
        return MlProject(self.directory, self.checkout, declared, tuple(targets), hosts, tuple(self.faults))

    def _of_environments(self, declared: tuple[str, ...]) -> Iterator[Target]:
        for name, section in self.config.environments.items():
            identity = Identity.service_principal(
                UNKNOWN_PRINCIPAL, display_name=section.principal or principal_name(self.config.project, name)
            )
            for index, target in enumerate(section.targets or (name,)):
                if declared and target not in declared:
                    listed = section.targets is not None
                    self.faults.append(
                        _fault(
                            self.source,
                            ("environments", name, "targets", index) if listed else ("environments", name),
                            found=f"target {target}, which {self.checkout.place(None).file} does not have",
                            allowed=", ".join(declared),
                            remedy="correct the name" if listed else "add `targets:` with one or more of these",
                        )
                    )
                else:
                    yield Target(target, name, self._resolved(target, identity))

    def _of_the_deployer(self, declared: tuple[str, ...]) -> Iterator[Target]:
        if self.invocation.deployer is None:
            return
        taken = {
            target for name, section in self.config.environments.items() for target in (section.targets or (name,))
        }
        for target in declared:
            if target not in taken:
                yield Target(target, None, self._resolved(target, Identity.user(self.invocation.deployer)))

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

    def _of_diagnostic(self, error: Diagnostic) -> Fault:
        place = self.checkout.place(error.position)
        summary, detail = (
            text.replace(UNKNOWN_PRINCIPAL, "<principal>") for text in (error.summary, " ".join(error.detail.split()))
        )
        return Fault(
            place.file,
            place.line,
            place.column,
            key=", ".join(path for path in error.paths if path),
            found=summary,
            allowed="",
            remedy=detail or "correct the bundle; docs/bundles.md says how it is read",
        )

    def _host(self, name: str, section: Environment, targets: list[Target], unsound: Collection[str | None]) -> str:
        """The environment's address; a fault where the two files contradict each other or are both silent."""
        stated = section.host
        for target in (target for target in targets if target.environment == name and target.host):
            place = self._place(target, "workspace.host")
            if stated is None:
                stated = self._valid(target.host, place)
            elif target.host != stated:
                self.faults.append(
                    _fault(
                        self.source,
                        ("environments", name, "host") if section.host else ("environments", name),
                        found=f"{stated}, and {target.host} for target {target.name} in "
                        f"{place.file}:{place.line}:{place.column}",
                        allowed="one workspace for all targets of an environment",
                        remedy="correct one of the two, or leave `host` out to take that of databricks.yml"
                        if section.host
                        else "move the target to an environment of its own, or correct its host",
                    )
                )
        if stated is None and name not in unsound:
            file = self.checkout.place(None).file
            self.faults.append(
                _fault(
                    self.source,
                    ("environments", name, "host"),
                    found=f"nothing, nor a workspace.host of its targets in {file}",
                    allowed="The workspace's address.",
                    remedy="add `host:` here, or `workspace.host` there",
                )
            )
        return stated or ""

    def _host_of_a_person(self, target: Target) -> None:
        if not target.host:
            place = self._place(target, "bundle")
            self.faults.append(
                Fault(
                    place.file, 0, 0, f"targets.{target.name}.workspace.host", "nothing", "The workspace's address.",
                    f"add it: target {target.name} belongs to no environment that could tell",
                )
            )  # fmt: skip
        else:
            self._valid(target.host, self._place(target, "workspace.host"))

    def _valid(self, host: str, place: Position) -> str:
        try:
            return https_host(host)
        except PydanticCustomError as error:
            context = error.context or {}
            self.faults.append(
                Fault(
                    place.file, place.line, place.column, "workspace.host", host,
                    str(context["allowed"]), str(context["remedy"]),
                )
            )  # fmt: skip
            return host

    def _schemas_are_listed(self, name: str, section: Environment, targets: list[Target]) -> None:
        """With `catalogs`, mlops.yaml says where the principal may work: its bundle must not work elsewhere."""
        if section.catalogs is None:
            return
        for target in targets:
            for (catalog, schema), address in target.used_at().items():
                if (catalog, schema) not in target.schemas:
                    continue
                listed = section.catalogs.get(catalog)
                if listed is not None and listed.name_of_schema in (None, schema):
                    continue
                place = self._place(target, address)
                at: Key = ("environments", name, "catalogs", *((catalog, "schema") if listed else ()))
                what = f"schema {listed.name_of_schema}" if listed else ", ".join(section.catalogs)
                self.faults.append(
                    _fault(
                        self.source,
                        at,
                        found=f"{what}, and {address} of {place.file}:{place.line}:{place.column} lies in "
                        f"{catalog}.{schema}",
                        allowed="every catalog and schema that a target of the environment uses",
                        remedy="correct one of the two, or leave it out here to take that of databricks.yml",
                    )
                )


def claimed_twice(project: MlProject, created: Mapping[Key, tuple[str, str]], *, source: Source) -> Iterator[Fault]:
    """Schemas that an environment creates and a bundle declares as well; `created` has them by key of mlops.yaml."""
    for target in project.targets:
        for catalog, schema, address in target.declared_schemas:
            for path, pair in created.items():
                if pair == (catalog, schema):
                    place = project.checkout.position(target.resolved, address)
                    yield _fault(
                        source,
                        path,
                        found=f"schema {catalog}.{schema}, which {address} of "
                        f"{place.file}:{place.line}:{place.column} declares as well",
                        allowed="each schema made by one of the two",
                        remedy="set `create_schema: false` here with an existing catalog, or remove it from the bundle",
                    )


def _fault(source: Source, path: Key, *, found: str, allowed: str, remedy: str) -> Fault:
    place = source.position(path)
    return Fault(place.file, place.line, place.column, dotted(path), found, allowed, remedy)
