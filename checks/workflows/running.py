"""What a workflow runs in one situation: its jobs, those of the workflows that it calls, and the steps of both."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from checks.check import UncheckableError
from checks.workflows.expressions import (
    ALL_SECRETS,
    UNKNOWN,
    ExpressionError,
    Scope,
    asks_for_status,
    condition,
    evaluate,
    filled,
    text_of,
    truth,
)
from checks.workflows.matrix import combinations, shown
from checks.workflows.shell import BLANK
from settings.reading import Path as Key
from settings.reading import Source

# GitHub's own limit (https://docs.github.com/actions/reference/workflows-and-actions/reusing-workflow-configurations).
_DEEPEST = 10
_MOST_NEEDS = 50
_MOST_RUNS = 30_000
_MOST_FILLED = 1_000_000


@dataclass(slots=True)
class Budget:
    """How much of jobs and steps is looked at before one gives up."""

    left: int = _MOST_RUNS

    def spend(self, source: Source, on: Any) -> None:
        """Takes off what it costs to look at a value; UncheckableError once that was too much."""
        self.left -= 1 + sum(20 + len(text) for _, text in strings(on)) // 1_000
        if self.left < 0:
            raise UncheckableError(f"{source.file} has too many jobs, combinations and steps to follow")


@dataclass(frozen=True, slots=True)
class JobRun:
    """A job with one combination of its matrix. `certain` is False where its conditions are known in a run alone."""

    source: Source
    key: str
    job: Mapping[str, Any]
    scope: Scope
    certain: bool
    environment: Mapping[str, Any]
    # Where the environment's values come from, by name.
    origins: Mapping[str, frozenset[str]]
    # What is read outside of its steps.
    secrets: frozenset[str]

    def place(self, *path: str | int) -> str:
        """Where something of it stands."""
        return place(self.source, ("jobs", self.key, *path))


@dataclass(frozen=True, slots=True)
class StepRun:
    """A step of a job, or of an action that lies in the repository."""

    place: str
    step: Mapping[str, Any]
    scope: Scope
    certain: bool
    environment: Mapping[str, Any]
    origins: Mapping[str, frozenset[str]]
    secrets: frozenset[str]
    # An action of the repository that is not there to be read.
    missing: str = ""

    def variables(self) -> dict[str, str]:
        """Its environment for a shell."""
        github = mapping(self.scope.contexts.get("github"))
        own = {f"GITHUB_{name.upper()}": value for name, value in github.items()} | dict(self.environment)
        return {name: BLANK if value is UNKNOWN else text_of(value) for name, value in own.items()}

    def script(self) -> str:
        """What it runs, BLANK in place of what is not known."""
        return with_blanks(self.step.get("run"), self.scope)


def place(source: Source, path: Key) -> str:
    """File, line and column."""
    found = source.position(path)
    return f"{found.file}:{found.line}:{found.column}"


def job_runs(
    source: Source, scope: Scope, called: Mapping[str, Source], budget: Budget, *, depth: int = 0, certain: bool = True
) -> Iterator[JobRun]:
    """Every job that may run, with those of called workflows of the repository in place of their callers."""
    jobs = jobs_of(source)
    decided = decisions(jobs, scope)
    everywhere, origins, top = _environment(source.data.get("env"), scope, {}, {})
    for key, job in jobs.items():
        runs = decided[key]
        if runs is False:
            continue
        budget.spend(source, job)
        found = combinations(job, scope)
        rest = {name: value for name, value in job.items() if name not in ("steps", "if")}
        for combination in [UNKNOWN] if found is None else found:
            budget.spend(source, rest)
            inner = scope.with_contexts(matrix=combination)
            sure = certain and runs is True
            inside = called.get(str(job.get("uses")))
            if inside is not None and depth < _DEEPEST:
                below = called_scope(inside, job, inner)
                yield from job_runs(inside, below, called, budget, depth=depth + 1, certain=sure)
                continue
            environment, own_origins, _ = _environment(job.get("env"), inner, everywhere, origins)
            secrets = read_in(rest, inner.with_contexts(env=environment)) | top
            if job.get("secrets") == "inherit":
                inner.reads(ALL_SECRETS)
                secrets |= inner.secrets
            if _sets_variables(job):
                environment = dict.fromkeys(environment, UNKNOWN)
            yield JobRun(source, key, job, inner, sure, environment, own_origins, frozenset(secrets))


def called_scope(inside: Source, job: Mapping[str, Any], scope: Scope) -> Scope:
    """What a called workflow sees: the caller's events, the inputs and the secrets that it is given."""
    on = mapping(mapping(inside.data.get("on")).get("workflow_call"))
    passed = scope.passed
    if job.get("secrets") != "inherit":
        passed = {}
        for name, given in mapping(job.get("secrets")).items():
            asked = scope.with_contexts()
            filled(given, asked)
            passed[name.upper()] = frozenset(asked.secrets)
    contexts = {"github": scope.contexts.get("github", UNKNOWN), "inputs": _inputs(on.get("inputs"), job, scope)}
    return Scope(contexts, passed=passed)


def step_runs(job: JobRun, called: Mapping[str, Source], budget: Budget) -> Iterator[StepRun]:
    """The steps that a job may run."""
    scope = job.scope.with_contexts(env=job.environment)
    yield from _steps(job.source, ("jobs", job.key), job.job, scope, job, called, budget, job.certain, 0)


def _steps(
    source: Source,
    path: Key,
    holder: Mapping[str, Any],
    scope: Scope,
    job: JobRun,
    called: Mapping[str, Source],
    budget: Budget,
    certain: bool,
    depth: int,
) -> Iterator[StepRun]:
    outer = mapping(scope.contexts.get("env"))
    for index, step in steps_of(holder):
        budget.spend(source, step)
        environment, origins, _ = _environment(step.get("env"), scope, outer, job.origins)
        inner = scope.with_contexts(env=environment)
        runs = _holds(step.get("if"), inner)
        if runs is False:
            continue
        sure = certain and runs is True
        secrets = frozenset(read_in({name: given for name, given in step.items() if name != "if"}, inner))
        here = place(source, (*path, "steps", index))
        uses = str(step.get("uses", ""))
        inside = called.get(uses.rstrip("/"))
        missing = uses if uses.startswith("./") and inside is None else ""
        yield StepRun(here, step, inner, sure, environment, origins, secrets, missing)
        if inside is not None and depth < _DEEPEST:
            contexts = {**inner.contexts, "inputs": _inputs(inside.data.get("inputs"), step, inner)}
            below = Scope(contexts, passed={})
            runs_of = mapping(inside.data.get("runs"))
            yield from _steps(inside, ("runs",), runs_of, below, job, called, budget, sure, depth + 1)


def decisions(jobs: Mapping[str, Mapping[str, Any]], scope: Scope) -> dict[str, bool | None]:
    """Whether each job runs; None where only a run knows."""
    found: dict[str, bool | None] = {}

    def runs(key: str, depth: int) -> bool | None:
        if key not in jobs:
            return True
        if key in found:
            return found[key]
        if depth > _MOST_NEEDS:
            return None
        found[key] = None  # a job that needs itself
        job = jobs[key]
        own = _holds(job.get("if"), scope)
        needs = job.get("needs")
        before = [runs(str(one), depth + 1) for one in (needs if isinstance(needs, list) else [needs]) if one]
        if own is not False and not _asks(job.get("if")):
            # It waits for the success of what it needs; what was passed over has none.
            own = False if False in before else None if None in before else own
        found[key] = own
        return own

    for key in jobs:
        runs(key, 0)
    return found


def names(
    source: Source, scope: Scope, called: Mapping[str, Source], budget: Budget, *, depth: int = 0
) -> Iterator[tuple[str, bool]]:
    """The names under which jobs report; with False the beginning of one whose rest is not known."""
    jobs = jobs_of(source)
    decided = decisions(jobs, scope)
    for key, job in jobs.items():
        given = job.get("name")
        budget.spend(source, job)
        found = combinations(job, scope)
        if found is None:
            yield ("" if given else key), False
            continue
        if decided[key] is False and (found != [{}] or "uses" in job):
            found = [{}]  # what is passed over reports once, before there is a matrix
        for combination in found:
            budget.spend(source, given)
            name = _name(key, given, combination, scope)
            if name is None:
                yield "", False
                continue
            inside = called.get(str(job.get("uses")))
            if "uses" not in job or decided[key] is False:
                yield name, True
            elif inside is None or depth >= _DEEPEST:
                yield f"{name} / ", False
            else:
                below = called_scope(inside, job, scope.with_contexts(matrix=combination))
                for one, whole in names(inside, below, called, budget, depth=depth + 1):
                    yield f"{name} / {one}", whole


def _name(key: str, given: Any, combination: dict[str, Any], scope: Scope) -> str | None:
    if given and "${{" in str(given):
        name = filled(given, scope.with_contexts(matrix=combination))
        return None if name is UNKNOWN else text_of(name)
    values = shown(combination)
    if values is None:
        return None
    return f"{given or key} ({values})" if combination else str(given or key)


def jobs_of(source: Source) -> Mapping[str, Mapping[str, Any]]:
    """The jobs of a workflow, by key."""
    return {key: job for key, job in mapping(source.data.get("jobs")).items() if isinstance(job, dict)}


def steps_of(holder: Mapping[str, Any]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The steps of a job or of a composite action."""
    steps = holder.get("steps")
    for index, step in enumerate(steps if isinstance(steps, list) else ()):
        if isinstance(step, dict):
            yield index, step


def mapping(value: Any) -> Mapping[str, Any]:
    """What GitHub would refuse as anything else says nothing."""
    return value if isinstance(value, dict) else {}


def strings(value: Any, path: Key = ()) -> Iterator[tuple[Key, str]]:
    """Every text in a value, and where."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from strings(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from strings(inner, (*path, index))
    elif isinstance(value, str):
        yield path, value


def read_in(value: Any, scope: Scope) -> set[str]:
    """The secrets that are read in a value."""
    asked = scope.with_contexts()
    for _, text in strings(value):
        filled(text, asked)
    return asked.secrets


def with_blanks(given: Any, scope: Scope) -> str:
    """A text with BLANK in place of each expression that is not known."""
    if not isinstance(given, str):
        return ""
    pieces, at, length = list[str](), 0, 0
    while (start := given.find("${{", at)) >= 0:
        end = given.find("}}", start)
        end = len(given) if end < 0 else end + 2
        value = filled(given[start:end], scope)
        text = BLANK if value is UNKNOWN else text_of(value)
        length += len(text)
        pieces += [given[at:start], text if length < _MOST_FILLED else BLANK]
        at = end
    return "".join([*pieces, given[at:]])


def _environment(
    given: Any, scope: Scope, outer: Mapping[str, Any], origins: Mapping[str, frozenset[str]]
) -> tuple[dict[str, Any], dict[str, frozenset[str]], set[str]]:
    found, sources, secrets = dict(outer), dict(origins), set[str]()
    for name, value in mapping(given).items():
        asked = scope.with_contexts(env=outer)
        found[name] = filled(value, asked)
        sources[name] = frozenset(asked.paths)
        secrets |= asked.secrets
    return found, sources, secrets


def _inputs(declared: Any, holder: Mapping[str, Any], scope: Scope) -> dict[str, Any]:
    found = {name: mapping(one).get("default") for name, one in mapping(declared).items()}
    return found | {name: filled(value, scope) for name, value in mapping(holder.get("with")).items()}


def _holds(given: Any, scope: Scope) -> bool | None:
    if given is None:
        return True
    try:
        return truth(evaluate(condition(given), scope.with_contexts()))
    except ExpressionError:
        return None


def _asks(given: Any) -> bool:
    try:
        return asks_for_status(condition(given))
    except ExpressionError:
        return True


def _sets_variables(job: Mapping[str, Any]) -> bool:
    return any("GITHUB_ENV" in str(step.get("run", "")) for _, step in steps_of(job))
