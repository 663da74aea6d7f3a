"""One workflow of the ML repository, as GitHub reads it: what starts it, which secrets it reads, what it deploys.

https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from checks.check import UncheckableError
from checks.workflows import triggers
from checks.workflows.expressions import (
    ALL_SECRETS,
    UNKNOWN,
    ExpressionError,
    Scope,
    condition,
    filled,
    literals,
    parts,
    secrets_read,
    text_of,
)
from checks.workflows.matrix import combinations
from checks.workflows.running import (
    Budget,
    JobRun,
    job_runs,
    jobs_of,
    mapping,
    names,
    place,
    step_runs,
    steps_of,
    strings,
)
from checks.workflows.shell import BundleDeploy, deploys
from checks.workflows.strangers import fetches_of_strangers
from settings import MAIN_BRANCH
from settings.reading import Path as Key
from settings.reading import Source

_PINNED = re.compile(r"@[0-9a-f]{40}$|@sha256:[0-9a-f]{64}$")
_OURS = re.compile(r"/\.github/workflows/bundle\.yml@")
_UNIX_SHELLS = ("bash", "sh", "dash", "zsh")


@dataclass(frozen=True, slots=True)
class Deployment:
    """What a job deploys, with which secrets (in capitals), and from where: `branches` surely, `perhaps` possibly.

    Beside names of branches these say `pull requests`, `tags` and `other branches`; what is started by hand says
    nothing. `target` is None where only a run knows it, and `why` says so.
    """

    place: str
    target: str | None
    secrets: frozenset[str]
    branches: tuple[str, ...] = ()
    perhaps: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class Workflow:
    """One workflow file. `called` are the workflows and actions of its repository, by what `uses` says: ./folder."""

    source: Source
    called: Mapping[str, Source] = field(default_factory=dict)

    @property
    def triggers(self) -> Mapping[str, Any]:
        """What starts it, with its filters."""
        return triggers.triggers(self.source.data.get("on"))

    def place(self, *path: str | int) -> str:
        """Where something stands: file, line and column."""
        return place(self.source, path)

    def secrets(self) -> Iterator[tuple[str, str]]:
        """Every secret that it reads, in capitals, and where; ALL_SECRETS where it may read any."""
        passed = self._passed_secrets()
        scopes: dict[str, list[Scope]] = {}
        for path, text in strings(self.source.data):
            if "secrets" not in text.casefold():
                if text == "inherit" and path[-1] == "secrets" and len(path) == 3 and self._is_of_others(path):
                    yield ALL_SECRETS, self.place(*path)
                continue
            key = str(path[1]) if len(path) > 1 and path[0] == "jobs" else ""
            if key not in scopes:
                scopes[key] = self._scopes(key)
            for name in _read(path, text, scopes[key]):
                if name not in passed:
                    yield name, self.place(*path)

    def reporting(self, branch: str) -> Iterator[str]:
        """The names of the checks that it reports for every pull request into a branch."""
        return (name for name, whole in self.reports(branch) if whole)

    def reports(self, branch: str) -> Iterator[tuple[str, bool]]:
        """The same, and with False the beginnings of names whose rest is known in a run alone."""
        for event in triggers.PULL_REQUESTS:
            if event in self.triggers and triggers.for_every_pull_request(self.triggers[event], branch):
                github = {"event_name": event, "base_ref": branch}
                yield from names(self.source, Scope({"github": github, "inputs": {}}), self.called, Budget())

    def unpinned(self) -> Iterator[tuple[str, str]]:
        """Every action or workflow of others that is not named by a full commit, and where."""
        return (one for one in self.others() if not _PINNED.search(one[0]))

    def others(self) -> Iterator[tuple[str, str]]:
        """Every action or workflow of others that it uses, and where."""
        for key, job in jobs_of(self.source).items():
            named: list[tuple[Any, Key]] = [(job.get("uses"), ("jobs", key, "uses"))]
            for index, step in steps_of(job):
                named.append((step.get("uses"), ("jobs", key, "steps", index, "uses")))
            for name, path in named:
                if isinstance(name, str) and not name.startswith("./"):
                    yield name, self.place(*path)

    def open_to_strangers(self) -> tuple[str, ...]:
        """The events that start it with secrets, whoever causes them."""
        return tuple(event for event in triggers.OPEN_TO_STRANGERS if event in self.triggers)

    def trusts_strangers(self) -> Iterator[str]:
        """Where it runs a stranger's code with the repository's secrets: the place of each such checkout."""
        return (where for where, certain in self.strangers() if certain)

    def strangers(self) -> Iterator[tuple[str, bool]]:
        """The same, and with False the places of checkouts of which only a run knows what they fetch."""
        if not self.open_to_strangers():
            return
        seen, budget = set[tuple[str, bool]](), Budget()
        for situation in triggers.situations(self.triggers, (), MAIN_BRANCH):
            if situation.event not in triggers.OPEN_TO_STRANGERS:
                continue
            scope = Scope({"github": situation.github, "inputs": {}})
            for job in job_runs(self.source, scope, self.called, budget):
                steps = list(step_runs(job, self.called, budget))
                if not job.secrets and not any(step.secrets for step in steps):
                    continue
                for step in steps:
                    fetched = fetches_of_strangers(step)
                    found = step.place, fetched is True
                    if fetched is not False and found not in seen:
                        seen.add(found)
                        yield found

    def readers(self, branches: Iterable[str] = ()) -> Iterator[tuple[str, frozenset[str], str | None]]:
        """Every job that may read secrets: its place, their names in capitals, the GitHub environment that it enters.

        The environment is "" where it enters none, None where only a run knows. A workflow that is only called is
        looked at where it is called. UncheckableError for more than can be followed.
        """
        if set(self.triggers) == {"workflow_call"}:
            return
        seen, budget = set[tuple[str, frozenset[str], str | None]](), Budget()
        for situation in triggers.situations(self.triggers, [*branches, *self._named_branches()], MAIN_BRANCH):
            by_hand = situation.event == "workflow_dispatch"
            scope = Scope({"github": situation.github, "inputs": UNKNOWN if by_hand else {}})
            for job in job_runs(self.source, scope, self.called, budget):
                read = job.secrets.union(*(step.secrets for step in step_runs(job, self.called, budget)))
                found = job.place(), read, _entered(job)
                if read and found not in seen:
                    seen.add(found)
                    yield found

    def deployments(self, branches: Iterable[str] = ()) -> Iterator[Deployment]:
        """What it deploys, by the Databricks CLI or by our reusable workflow, from these branches, from those that it
        names, and from others.

        A workflow that is only called is looked at where it is called.
        """
        found: dict[tuple[str, str | None, frozenset[str], str], tuple[dict[str, None], dict[str, None]]] = {}
        if set(self.triggers) == {"workflow_call"}:
            return
        budget, named = Budget(), [*branches, *self._named_branches()]
        try:
            for situation in triggers.situations(self.triggers, named, MAIN_BRANCH):
                by_hand = situation.event == "workflow_dispatch"
                scope = Scope({"github": situation.github, "inputs": UNKNOWN if by_hand else {}})
                for job in job_runs(self.source, scope, self.called, budget):
                    for deploy, secrets, certain in self._deployed(job, budget):
                        sure, perhaps = found.setdefault((job.place(), deploy.target, secrets, deploy.why), ({}, {}))
                        if situation.source is not None:
                            (sure if certain and situation.certain else perhaps)[situation.source] = None
        except UncheckableError as reason:
            yield Deployment(self.place("jobs"), None, frozenset(), why=str(reason))
            return
        for (where, target, secrets, why), (sure, perhaps) in found.items():
            rest = tuple(one for one in perhaps if one not in sure)
            yield Deployment(where, target, secrets, tuple(sure), rest, why)

    def _deployed(self, job: JobRun, budget: Budget) -> Iterator[tuple[BundleDeploy, frozenset[str], bool]]:
        uses = str(job.job.get("uses", ""))
        if _OURS.search(uses):
            target = filled(mapping(job.job.get("with")).get("target", ""), job.scope)
            if target is UNKNOWN:
                yield BundleDeploy(None, False, "its target is known in a run alone"), job.secrets, job.certain
            elif target:
                yield BundleDeploy(text_of(target), False), job.secrets, job.certain
            return
        if uses:
            if job.secrets - {"GITHUB_TOKEN"}:
                why = f"what {uses} does with the secrets that it is given cannot be read"
                yield BundleDeploy(None, False, why), job.secrets, job.certain
            return
        steps = list(step_runs(job, self.called, budget))
        scripts = [_deploys_of(step.script(), step.variables(), job, step.step) for step in steps]
        shared = job.secrets.union(*(step.secrets for step, own in zip(steps, scripts, strict=True) if not own))
        for step, own in zip(steps, scripts, strict=True):
            for deploy in own:
                yield deploy, shared | step.secrets, step.certain and not deploy.conditional
            if step.missing:
                yield BundleDeploy(None, False, f"{step.missing} is not there to be read"), shared, step.certain

    def _named_branches(self) -> Iterator[str]:
        """The branches that stand in conditions."""
        for path, text in strings([self.source.data, [one.data for one in self.called.values()]]):
            if path[-1] == "if" or "${{" in text:
                try:
                    nodes = (
                        [condition(text)] if path[-1] == "if" else [x for x in parts(text) if not isinstance(x, str)]
                    )
                except ExpressionError:
                    continue
                for literal in (one for node in nodes for one in literals(node)):
                    if literal.startswith("refs/heads/"):
                        name = literal.removeprefix("refs/heads/")
                        yield f"{name}x" if name.endswith("/") else name

    def _passed_secrets(self) -> set[str]:
        """What it calls the secrets that its callers hand it one by one."""
        declared = mapping(mapping(self.triggers.get("workflow_call")).get("secrets"))
        own = f"./{self.source.file}"
        for source in self.called.values():
            for job in jobs_of(source).values():
                if job.get("uses") == own and job.get("secrets") == "inherit":
                    return set()
        return {name.upper() for name in declared}

    def _scopes(self, key: str) -> list[Scope]:
        """A scope for each combination of a job's matrix."""
        job = jobs_of(self.source).get(key)
        found = combinations(job, Scope({})) if job else [{}]
        return [Scope({}) if found is None else Scope({"matrix": one}) for one in found or [{}]]

    def _is_of_others(self, path: Key) -> bool:
        job = jobs_of(self.source).get(str(path[1]))
        return path[0] == "jobs" and job is not None and str(job.get("uses")) not in self.called


def _entered(job: JobRun) -> str | None:
    """The GitHub environment of a job, which our reusable workflow is told; None where only a run knows it."""
    given = job.job.get("environment")
    if _OURS.search(str(job.job.get("uses", ""))):
        given = mapping(job.job.get("with")).get("environment")
    if isinstance(given, Mapping):
        given = given.get("name")
    found = "" if given is None else filled(given, job.scope)
    return None if found is UNKNOWN else text_of(found)


def _read(path: Key, text: str, scopes: list[Scope]) -> Iterator[str]:
    try:
        bare = path[-1] == "if"
        nodes = [condition(text)] if bare else [one for one in parts(text) if not isinstance(one, str)]
    except ExpressionError:
        yield ALL_SECRETS
        return
    for node in nodes:
        yield from dict.fromkeys(secrets_read(node, scopes))


def _deploys_of(script: str, variables: Mapping[str, str], job: JobRun, step: Mapping[str, Any]) -> list[BundleDeploy]:
    defaults = mapping(mapping(job.job.get("defaults")).get("run"))
    top = mapping(mapping(job.source.data.get("defaults")).get("run"))
    shell = str(step.get("shell") or defaults.get("shell") or top.get("shell") or "bash")
    if shell.split(" ")[0] in _UNIX_SHELLS:
        return list(deploys(script, variables))
    if "databricks" in script and "deploy" in script:
        return [BundleDeploy(None, True, f"a script for {shell} cannot be read")]
    return []
