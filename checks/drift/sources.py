"""What stacks are compared with: the app run once as it is, and once more for each further branch of the ML project."""

import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from checks.check import UncheckableError
from checks.drift.branches import Repository
from checks.synthesized import Stack, read_stack, synthesize
from settings import BundleSettings, Settings
from settings.invocation import BRANCH_VARIABLE, OUTPUT_VARIABLE, PROJECT_VARIABLE

_SYNTHESIZED = ("cdk.tf.json", "metadata.json", "assets")


@dataclass(frozen=True, slots=True)
class Source:
    """Stacks that one run of the app makes: of the files at hand, as for a deploy, or of another branch of `folder`.

    `name` is the folder as mlops.yaml names it.
    """

    stacks: tuple[str, ...]
    branch: str = ""
    folder: Path = Path()
    name: str = ""


@dataclass(frozen=True, slots=True)
class Prepared:
    """Stacks in the output folder; `compared_with` says which files they were made from, where that is not plain."""

    stacks: Mapping[str, Stack] = field(default_factory=dict)
    compared_with: str = ""


def deployed_bundles(settings: Settings) -> dict[str, BundleSettings]:
    """The bundle stacks of environments by name; those of people are theirs."""
    return {bundle.stack: bundle for bundle in settings.bundles if bundle.branch is not None}


def sources_of(settings: Settings, stacks: Iterable[str]) -> tuple[Source, ...]:
    """Which runs of the app the stacks need."""
    bundles = deployed_bundles(settings)
    as_it_is: list[str] = []
    of_branches: dict[str, list[str]] = {}
    for stack in stacks:
        bundle = bundles.get(stack)
        if bundle is None or bundle.branch is None or bundle.branch == bundle.checked_out:
            as_it_is.append(stack)
        else:
            of_branches.setdefault(bundle.branch, []).append(stack)
    sources = [Source(tuple(as_it_is))] if as_it_is else []
    for branch, named in of_branches.items():
        bundle = bundles[named[0]]
        sources.append(Source(tuple(named), branch, bundle.resolved.directory, bundle.checkout))
    return tuple(sources)


def prepare(
    source: Source,
    *,
    settings: Settings,
    environ: Mapping[str, str],
    output: Path,
    at_hand: Callable[[], object],
) -> Prepared:
    """Synthesize a source's stacks into the output folder.

    A run of the app writes all stacks there, so those of other branches take their places when `at_hand` returns: when
    the files at hand have been synthesized. SynthesisError when the app refuses, UncheckableError when the branch
    cannot be had.
    """
    if not source.branch:
        synthesize(environ)
        return Prepared({name: read_stack(output, name) for name in source.stacks})
    repository = Repository.around(source.folder, environ)
    commit = repository.commit(source.branch, environ) if repository is not None else None
    with ExitStack() as until_synthesized:
        of_branch = {**environ, BRANCH_VARIABLE: source.branch}
        if repository is not None and commit is not None:
            folder = until_synthesized.enter_context(repository.checked_out(commit, environ))
            of_branch[PROJECT_VARIABLE] = str(folder)
            compared_with = f"branch {source.branch} at {commit[:8]}"
        elif repository is not None and settings.invocation.branch is None:
            raise UncheckableError(
                f"it is deployed from branch {source.branch}, which {source.name} does not have: run "
                f"`git fetch origin {source.branch}:{source.branch}` there"
            )
        else:
            compared_with = f"the files that are checked out: branch {source.branch} is not to be had"
        made = Path(until_synthesized.enter_context(tempfile.TemporaryDirectory(prefix="synthesized-"))) / "cdktf.out"
        synthesize({**of_branch, OUTPUT_VARIABLE: str(made)})
        at_hand()
        output.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in source.stacks:
            _take(made / "stacks" / name, output / "stacks" / name)
    return Prepared({name: read_stack(output, name) for name in source.stacks}, compared_with)


def _take(made: Path, kept: Path) -> None:
    kept.mkdir(parents=True, exist_ok=True)
    for name in _SYNTHESIZED:
        old, new = kept / name, made / name
        if old.is_dir():
            shutil.rmtree(old)
        else:
            old.unlink(missing_ok=True)
        if new.exists():
            shutil.move(new, old)
