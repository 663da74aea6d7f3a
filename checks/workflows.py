"""The ML repository's workflows, as GitHub reads them: what they react to, which secrets they read, what they deploy.

https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax
"""

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bundle.confinement import Confinement
from bundle.limits import YAML_BYTES, RefusedError
from checks.check import UncheckableError
from settings import Project
from settings.faults import FaultsError
from settings.reading import Path as Key
from settings.reading import Source, read

_SECRET = re.compile(r"\bsecrets\.([A-Za-z_][A-Za-z0-9_]*)")
_EXPRESSION = re.compile(r"\$\{\{\s*matrix\.([\w-]+)\s*\}\}")
_HEAD = re.compile(r"github\.(event\.pull_request\.head|head_ref)|refs/pull/")
_BUNDLE = re.compile(r"databricks\s+bundle\s")
_COMMAND_END = re.compile(r"[\n|;&]")
_TARGET = re.compile(r"(?:-t|--target)[ =]+[\"']?([\w-]+)")
_PINNED = re.compile(r"@[0-9a-f]{40}$|@sha256:[0-9a-f]{64}$")
_OURS = re.compile(r"/\.github/workflows/bundle\.yml@")


@dataclass(frozen=True, slots=True)
class Deployment:
    """A job that deploys a target of the bundle, the secrets that it reads, and the branches whose pushes start it."""

    place: str
    target: str
    secrets: frozenset[str]
    branches: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Workflow:
    """One workflow file."""

    source: Source

    @property
    def triggers(self) -> Mapping[str, Any]:
        """What starts it, with its filters."""
        on = self.source.data.get("on")
        if isinstance(on, str):
            return {on: {}}
        if isinstance(on, list):
            return {str(event): {} for event in on}
        return {str(event): given or {} for event, given in on.items()} if isinstance(on, dict) else {}

    @property
    def jobs(self) -> Mapping[str, Mapping[str, Any]]:
        """Its jobs, by key."""
        jobs = self.source.data.get("jobs")
        return {key: job for key, job in jobs.items() if isinstance(job, dict)} if isinstance(jobs, dict) else {}

    def place(self, *path: str | int) -> str:
        """Where something stands: file, line and column."""
        found = self.source.position(path)
        return f"{found.file}:{found.line}:{found.column}"

    def secrets(self) -> Iterator[tuple[str, str]]:
        """Every secret that it reads, and where."""
        for path, text in _strings(self.source.data, ()):
            for name in _SECRET.findall(text):
                yield name, self.place(*path)

    def reporting(self, branch: str) -> Iterator[str]:
        """The names of the checks that it reports for every pull request into a branch."""
        given = self.triggers.get("pull_request", self.triggers.get("pull_request_target"))
        if given is None or any(name in given for name in ("paths", "paths-ignore")):
            return
        branches = given.get("branches")
        if isinstance(branches, list) and branch not in branches and "**" not in branches and "*" not in branches:
            return
        for key, job in self.jobs.items():
            if "uses" in job:
                continue  # what a called workflow reports is named by that one
            yield from _named(key, job)

    def unpinned(self) -> Iterator[tuple[str, str]]:
        """Every action or workflow of others that is not named by a full commit, and where."""
        return (one for one in self.others() if not _PINNED.search(one[0]))

    def others(self) -> Iterator[tuple[str, str]]:
        """Every action or workflow of others that it uses, and where."""
        for key, job in self.jobs.items():
            named: list[tuple[Any, Key]] = [(job.get("uses"), ("jobs", key, "uses"))]
            for index, step in enumerate(job.get("steps") or ()):
                if isinstance(step, dict):
                    named.append((step.get("uses"), ("jobs", key, "steps", index, "uses")))
            for name, path in named:
                if isinstance(name, str) and not name.startswith("./"):
                    yield name, self.place(*path)

    def trusts_strangers(self) -> Iterator[str]:
        """Where it runs a stranger's code with the repository's secrets: the place of each such checkout.

        `pull_request_target` runs with secrets; with a checkout of the head, so does whatever the pull request brings
        (https://securitylab.github.com/resources/github-actions-preventing-pwn-requests).
        """
        if "pull_request_target" not in self.triggers:
            return
        for key, job in self.jobs.items():
            reads = any(_SECRET.search(text) for _, text in _strings(job, ())) or self._reads_at_the_top()
            for index, step in enumerate(job.get("steps") or ()):
                if not isinstance(step, dict) or not reads:
                    continue
                checks_out = str(step.get("uses", "")).startswith("actions/checkout@")
                if any(_HEAD.search(text) for _, text in _strings(step, ())) and (checks_out or "git " in str(step)):
                    yield self.place("jobs", key, "steps", index)

    def deployments(self) -> Iterator[Deployment]:
        """The jobs that deploy a target, by the Databricks CLI or by our reusable workflow."""
        push = self.triggers.get("push")
        given = push.get("branches") if isinstance(push, dict) else None
        branches = tuple(str(branch) for branch in given) if isinstance(given, list) else ()
        for key, job in self.jobs.items():
            secrets = frozenset(name for _, text in _strings(job, ()) for name in _SECRET.findall(text))
            targets = {target for _, text in _strings(job, ()) for target in _targets(text)}
            if _OURS.search(str(job.get("uses", ""))):
                targets |= {str((job.get("with") or {}).get("target", ""))}
            for target in sorted(targets - {""}):
                if "${{" not in target:
                    yield Deployment(self.place("jobs", key), target, secrets, branches)

    def _reads_at_the_top(self) -> bool:
        return any(_SECRET.search(text) for _, text in _strings(self.source.data.get("env"), ()))


def workflows(project: Project) -> tuple[Workflow, ...]:
    """The workflows of the ML repository; UncheckableError when one cannot be read or there is no folder of them.

    They lie at the root of the repository. Where the project is a folder in a larger checkout, one of its own is meant.
    """
    roots = [project.folder, *([project.worktree] if project.worktree else [])]
    folder = next((root / ".github/workflows" for root in roots if (root / ".github/workflows").is_dir()), None)
    if folder is None:
        raise UncheckableError(f"there are no workflows in {roots[-1]}/.github/workflows")
    confinement = Confinement.within(str(roots[-1]))
    found = []
    paths = sorted([*folder.glob("*.yml"), *folder.glob("*.yaml")])
    if not paths:
        raise UncheckableError(f"there are no workflows in {folder}")
    for path in paths:
        name = f".github/workflows/{path.name}"
        try:
            found.append(Workflow(read(confinement.read(str(path), YAML_BYTES).decode("utf-8"), file=name)))
        except RefusedError as error:
            raise UncheckableError(f"{error}; {error.remedy}") from None
        except UnicodeDecodeError:
            raise UncheckableError(f"{name} cannot be read: it is not UTF-8") from None
        except OSError as error:
            raise UncheckableError(f"{name} cannot be read: {error.strerror}") from None
        except FaultsError as faults:
            first = faults.faults[0]
            raise UncheckableError(f"{first.file}:{first.line}:{first.column} cannot be read: {first.found}") from None
    return tuple(found)


def _targets(script: str) -> Iterator[str]:
    """The target of each `databricks bundle` command of a script."""
    at = 0
    while found := _BUNDLE.search(script, at):
        end = _COMMAND_END.search(script, found.end())
        at = end.start() if end else len(script)
        if target := _TARGET.search(script, found.end(), at):
            yield target[1]


def _named(key: str, job: Mapping[str, Any]) -> Iterator[str]:
    """The names under which a job reports: its own, or its key, for each combination of its matrix."""
    name = job.get("name")
    matrix = (job.get("strategy") or {}).get("matrix") if isinstance(job.get("strategy"), dict) else None
    axes = {
        str(axis): [str(value) for value in values]
        for axis, values in (matrix.items() if isinstance(matrix, dict) else ())
        if isinstance(values, list) and axis not in ("include", "exclude")
    }
    for values in itertools.product(*axes.values()):
        chosen = dict(zip(axes, values, strict=True))
        if name and "${{" in str(name):
            yield _EXPRESSION.sub(lambda found: chosen.get(found[1], found[0]), str(name))  # noqa: B023 - used at once
        elif axes:
            yield f"{name or key} ({', '.join(values)})"
        else:
            yield str(name or key)


def _strings(value: Any, path: Key) -> Iterator[tuple[Key, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _strings(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _strings(inner, (*path, index))
    elif isinstance(value, str):
        yield path, value
