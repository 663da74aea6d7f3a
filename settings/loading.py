"""From a folder and a process environment to Settings."""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bundle.confinement import Confinement
from bundle.limits import YAML_BYTES, RefusedError
from settings.declared import Addition, Difference, differences
from settings.entitled import lacking_entitlements
from settings.faults import Fault, FaultsError
from settings.invocation import (
    CONFIG_VARIABLE,
    DEPLOYER_VARIABLE,
    DESTROY_VARIABLE,
    Invocation,
    read_invocation,
    variable_fault,
)
from settings.leftovers import leftovers
from settings.ml_project import MlProject, claimed_twice, read_ml_project
from settings.model import Config
from settings.naming import REPOSITORY_STACK, bundle_stack, is_bundle_stack
from settings.placeholder import fault_in_authors_words
from settings.reading import Path as Key
from settings.reading import Source, read, refusal
from settings.resolved import Settings, resolve
from settings.validation import check


def load(*, folder: Path, environ: Mapping[str, str] | None = None) -> Settings:
    """Read mlops.yaml, or the file that MLOPS_CONFIG names, relative to `folder`.

    `environ` is the process environment unless given.
    Raises FaultsError with every fault of the file and of the MLOPS_ variables.
    """
    read_files = _read(folder, environ)
    if faults := [*read_files.faults, *(one.fault for one in read_files.differences)]:
        raise _refused(faults)
    settings = resolve(
        read_files.config,
        source=read_files.source,
        path=read_files.path,
        invocation=read_files.invocation,
        ml_project=read_files.ml_project,
    )
    if claims := [*_claims(settings, read_files.ml_project, read_files.source), *_shared_states(settings)]:
        raise _refused(claims)
    return settings


def _refused(faults: Iterable[Fault]) -> FaultsError:
    """Every fault that a bundle has a part in leaves here."""
    return FaultsError(map(fault_in_authors_words, faults))


@dataclass(frozen=True, slots=True)
class Undeclared:
    """What databricks.yml declares and mlops.yaml, which lies at `path`, does not say yet."""

    path: Path
    additions: tuple[Addition, ...]


def undeclared(*, folder: Path, environ: Mapping[str, str] | None = None) -> Undeclared:
    """What would have to be written into mlops.yaml so that it says what databricks.yml declares.

    Raises FaultsError with every fault that no addition cures, above all what belongs to another environment.
    """
    read_files = _read(folder, environ)
    if faults := [*read_files.faults, *(one.fault for one in read_files.differences if not one.additions)]:
        raise _refused(faults)
    return Undeclared(read_files.path, tuple(one for found in read_files.differences for one in found.additions))


@dataclass(frozen=True, slots=True)
class _Files:
    path: Path
    source: Source
    config: Config
    invocation: Invocation
    ml_project: MlProject | None
    faults: tuple[Fault, ...]
    differences: tuple[Difference, ...]


def _read(folder: Path, environ: Mapping[str, str] | None) -> _Files:
    """Both files and what is wrong with them; FaultsError where they cannot be read that far."""
    environ = os.environ if environ is None else environ
    invocation = read_invocation(environ, clock=datetime.now(UTC))
    if left := leftovers(environ, invocation):
        raise FaultsError(left)
    path = folder / invocation.config
    source = read(_text(path, invocation.config), file=invocation.config)
    config, faults = check(source)
    faults += _of_this_run(source, invocation)
    if config is None:
        raise FaultsError(faults)
    ml_project = read_ml_project(config, source=source, folder=path.parent, invocation=invocation)
    found: tuple[Difference, ...] = ()
    if ml_project is not None:
        faults += ml_project.faults
        faults += lacking_entitlements(ml_project, config.environments, source=source)
        found = differences(config, ml_project, source=source)
    return _Files(path, source, config, invocation, ml_project, tuple(faults), found)


def named_repository(*, folder: Path, environ: Mapping[str, str] | None = None) -> str:
    """The ML repository that mlops.yaml names, as owner/name, for whoever has no checkout of it yet.

    Raises FaultsError with the faults of the file.
    """
    invocation = read_invocation(os.environ if environ is None else environ, clock=datetime.now(UTC))
    config, faults = check(read(_text(folder / invocation.config, invocation.config), file=invocation.config))
    if config is None or faults:
        raise FaultsError(faults)
    return f"{config.github.owner}/{config.github.repository}"


def _claims(settings: Settings, ml_project: MlProject | None, source: Source) -> list[Fault]:
    """What an environment creates and a bundle declares as well."""
    created: dict[Key, tuple[str, str]] = {
        ("environments", environment.name, "catalogs", catalog.name): (catalog.name, catalog.schema)
        for environment in settings.environments
        for catalog in environment.catalogs
        if catalog.create_schema and catalog.schema is not None
    }
    return list(claimed_twice(ml_project, created, source=source)) if ml_project else []


def _shared_states(settings: Settings) -> Iterator[Fault]:
    """A person's own target whose state would be another stack's: what one of the two made, the other would destroy."""
    held = {one.state: one for one in settings.bundles if one.branch is not None}
    for bundle in settings.bundles:
        if bundle.branch is None and bundle.state in held:
            yield variable_fault(
                DEPLOYER_VARIABLE,
                found=f"{bundle.state}, the name of the state of {bundle.stack} for you, which is that of "
                f"{held[bundle.state].stack} as well",
                allowed="a state of its own for each stack",
                remedy=f"rename target {bundle.target} in databricks.yml",
            )


def _text(path: Path, name: str) -> str:
    try:
        return Confinement().read(str(path), YAML_BYTES).decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
    except RefusedError as error:
        raise FaultsError([refusal(error, file=name)]) from None
    except FileNotFoundError:
        found, remedy = "no such file", f"create it, or set {CONFIG_VARIABLE} to the file to read"
    except IsADirectoryError:
        found, remedy = "a folder", f"set {CONFIG_VARIABLE} to the file itself"
    except UnicodeDecodeError:
        found, remedy = "bytes that are not UTF-8", "save it as UTF-8"
    except OSError as error:
        found, remedy = error.strerror or "a file that cannot be read", "make it readable"
    raise FaultsError([Fault.of_file(name, found=found, allowed="a readable YAML file", remedy=remedy)])


def _adopting_stacks(source: Source, stacks: set[str]) -> Iterator[Fault]:
    """Stacks under `adopt` that cannot be; which targets of a bundle are stacks depends on who deploys."""
    adopt, has_bundles = source.data.get("adopt"), "ml_project" in source.data
    for stack in adopt if isinstance(adopt, dict) else ():
        if stack not in stacks and not (has_bundles and is_bundle_stack(str(stack))):
            yield source.fault(
                ("adopt", stack),
                found="a stack that does not exist",
                allowed=", ".join([*sorted(stacks), *([bundle_stack("<target>")] if has_bundles else [])]),
                remedy="correct the name of the stack",
            )


def _of_this_run(source: Source, invocation: Invocation) -> list[Fault]:
    """Faults that depend on how the run was started."""
    faults = []
    state = source.data.get("state", {})
    kind = state.get("type", "local") if isinstance(state, dict) else None
    if kind == "local" and invocation.ci and not invocation.sandbox:
        faults.append(
            source.fault(
                ("state", "type"),
                found="local, with CI set in the environment",
                allowed="a remote state in CI: s3, azurerm, gcs or http",
                remedy="configure one: a local state dies with the runner, and the next run makes a second principal",
            )
        )
    environments = source.data.get("environments")
    stacks = {REPOSITORY_STACK, *(environments if isinstance(environments, dict) else ())}
    faults += _adopting_stacks(source, stacks)
    unknown = sorted(invocation.allow_destroy - stacks)
    if unknown:
        faults.append(
            variable_fault(
                DESTROY_VARIABLE,
                found=", ".join(unknown),
                allowed=", ".join(sorted(stacks)),
                remedy="list names of stacks, separated by commas",
            )
        )
    return faults
