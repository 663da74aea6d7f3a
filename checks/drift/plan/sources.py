"""What stacks are compared with: the app run once as it is, and once more for each further branch of the ML project."""

import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from checks.check import UncheckableError
from checks.drift import remedies
from checks.git_checkout import Checkout
from checks.synthesized import Stack, read_stack, synthesize_each
from settings import BundleSettings, Settings
from settings.invocation import BRANCH_VARIABLE, OUTPUT_VARIABLE, PROJECT_VARIABLE

_LOCK = ".terraform.lock.hcl"
_SYNTHESIZED = ("cdk.tf.json", "metadata.json", "code")


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
    """Stacks in the output folder, or the problem, a sentence without a full stop.

    `compared_with` says which files the stacks were made from, where that is not plain.
    """

    source: Source
    stacks: Mapping[str, Stack] = field(default_factory=dict)
    compared_with: str = ""
    problem: str = ""


def deployed_bundles(settings: Settings) -> dict[str, BundleSettings]:
    """The bundle stacks of environments by name; those of people are theirs."""
    return {bundle.stack: bundle for bundle in settings.bundles if bundle.environment is not None}


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
    sources: Iterable[Source], *, settings: Settings, environ: Mapping[str, str], output: Path
) -> Iterator[Prepared]:
    """Synthesize the sources' stacks into the output folder, and give each source out as it is there.

    The files at hand come first: a run of the app writes all stacks, and those of other branches take their places.
    """
    with ExitStack() as until_synthesized:
        runs: list[_AppRun] = []
        for source in sorted(sources, key=lambda one: bool(one.branch)):
            try:
                runs.append(_app_run(source, settings, environ, output, until_synthesized))
            except UncheckableError as problem:
                yield Prepared(source, problem=str(problem))
        for run, refusal in zip(runs, synthesize_each([run.environ for run in runs]), strict=True):
            if refusal is not None:
                yield Prepared(run.source, problem=" ".join(str(refusal).split()))
                continue
            output.mkdir(mode=0o700, parents=True, exist_ok=True)
            for name in run.source.stacks:
                if run.output != output:
                    _take(run.output / "stacks" / name, output / "stacks" / name)
            yield Prepared(
                run.source, {name: read_stack(output, name) for name in run.source.stacks}, run.compared_with
            )


@dataclass(frozen=True, slots=True)
class _AppRun:
    source: Source
    environ: Mapping[str, str] = field(repr=False)
    output: Path
    compared_with: str = ""


def _app_run(
    source: Source, settings: Settings, environ: Mapping[str, str], output: Path, until_synthesized: ExitStack
) -> _AppRun:
    """How the app has to be run for a source; UncheckableError when the branch is not available."""
    if not source.branch:
        return _AppRun(source, environ, output)
    repository = Checkout.around(source.folder, environ)
    commit = repository.commit(source.branch, environ) if repository is not None else None
    changes = {BRANCH_VARIABLE: source.branch}
    if repository is not None and commit is not None:
        folder = until_synthesized.enter_context(repository.checked_out(commit, environ))
        changes[PROJECT_VARIABLE] = str(folder)
        compared_with = f"branch {source.branch} at {commit[:8]}"
    elif repository is not None and settings.invocation.branch is None:
        raise UncheckableError(
            f"it is deployed from branch {source.branch}, which {source.name} does not have: "
            f"{remedies.fetch(source.branch)}"
        )
    else:
        compared_with = f"the files that are checked out: branch {source.branch} is not available"
    # Into a folder of its own: of what this run makes, only the source's stacks are wanted.
    made = Path(until_synthesized.enter_context(tempfile.TemporaryDirectory(prefix="synthesized-"))) / "cdktf.out"
    return _AppRun(source, {**environ, **changes, OUTPUT_VARIABLE: str(made)}, made, compared_with)


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
    # Of a real run; without one, that of an earlier `terraform init` is as good.
    if (made / _LOCK).exists():
        shutil.move(made / _LOCK, kept / _LOCK)
