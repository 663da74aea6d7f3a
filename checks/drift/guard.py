"""Between plan and apply: whether a deploy would take what production cannot lose, or give somebody more rights."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from types import MappingProxyType
from typing import Any

from checks.drift import remedies
from checks.drift.findings.classify import About, classify
from checks.drift.findings.finding import Class
from checks.drift.findings.values import difference
from checks.drift.findings.widening import Widening, widenings
from checks.drift.findings.wording import Names, describe, names_of
from checks.drift.plan.document import Plan, UnreadablePlanError, read_plan
from checks.drift.plan.saved import read_plans
from deployed_kinds import KINDS
from settings import Settings

# What bundles do not deploy: what holds data, what others rely on by name, and what keeps the branches that production
# runs from.
OF_ADMINISTRATORS: Mapping[str, str] = {
    "databricks_catalog": "its schemas, with all that is in them",
    "databricks_service_principal": "its tokens and its privileges",
    "github_branch": "the commits that are on no other branch",
    "github_branch_protection": "the rules of who may push there",
    "github_repository": "its branches, issues and secrets",
}
PROTECTED: Mapping[str, str] = MappingProxyType(
    {**OF_ADMINISTRATORS, **{one.type: one.loss.what for one in KINDS.values() if one.protected}}
)
"""The types whose loss stops a deploy, each with what goes for good with an object of it."""


@dataclass(frozen=True, slots=True)
class Stop:
    """A reason not to deploy, and what to do."""

    reason: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be said about one stack: reasons to stop, or a problem where its plan cannot be read."""

    stack: str
    stops: tuple[Stop, ...] = ()
    problem: str = ""

    @property
    def passed(self) -> bool:
        """Whether the deploy may go on."""
        return not self.stops and not self.problem

    def lines(self) -> Iterator[str]:
        """The verdict as text."""
        if self.problem:
            yield f"{self.stack}: could not be checked: {self.problem}"
        for stop in self.stops:
            yield f"{self.stack}: stop: {stop.reason}"
            yield f"  to do: {stop.remedy}"
        if self.passed:
            yield f"{self.stack}: nothing protected would be lost, and nobody would get more rights"


def verdicts(
    settings: Settings,
    environ: Mapping[str, str],
    *,
    output: Path,
    stacks: Sequence[str],
    allowed: Sequence[str],
    vanished_allowed: bool,
    only_rotation: bool,
) -> Iterator[Verdict]:
    """A verdict on each stack, from the plan that `cdktf diff` has left in the output folder."""
    for one in read_plans(stacks, output=output, environ=environ, jobs=len(stacks)):
        if one.document is None:
            yield Verdict(one.name, problem=one.problem)
            continue
        try:
            found = stops(
                one.document,
                allowed=allowed,
                destroy_allowed=one.name in settings.invocation.allow_destroy,
                vanished_allowed=vanished_allowed,
            )
            if only_rotation:
                environment = settings.stacks[one.name].environment
                about = About(rotation=environment.token.rotation if environment else None, now=settings.invocation.now)
                found += more_than_rotation(one.document, stack=one.name, about=about)
        except UnreadablePlanError as problem:
            yield Verdict(one.name, problem=str(problem))
        else:
            yield Verdict(one.name, found)


def stops(
    document: Mapping[str, Any],
    *,
    allowed: Iterable[str] = (),
    destroy_allowed: bool = False,
    vanished_allowed: bool = False,
) -> tuple[Stop, ...]:
    """Why a stack's plan should not be applied.

    `allowed` are addresses, or patterns of them, that may be destroyed or give more rights; `destroy_allowed` says that
    all may be destroyed; `vanished_allowed` that what is not there any more is known to be gone. UnreadablePlanError
    for a plan that Terraform could not finish.
    """
    plan, patterns = read_plan(document), tuple(allowed)
    found: list[Stop] = []
    if not destroy_allowed:
        found += _losses(plan, patterns)
    if not vanished_allowed:
        found += _vanished(plan)
    found += _widened(plan, patterns, destroy_allowed=destroy_allowed)
    return tuple(found)


def more_than_rotation(document: Mapping[str, Any], *, stack: str, about: About) -> tuple[Stop, ...]:
    """Why a stack's plan should not be applied by a deploy that nobody has approved, which may rotate tokens."""
    classified = classify(document, stack=stack, about=about)
    others = [f"{one.resource}: {one.what}" for one in classified.findings if one.what is not Class.ROTATION_DUE]
    if not others:
        return ()
    return (
        Stop(
            f"the deploy would do more than rotate tokens ({'; '.join(others)})",
            remedies.have_approved(stack),
        ),
    )


def _losses(plan: Plan, allowed: tuple[str, ...]) -> Iterator[Stop]:
    names = names_of(plan)
    destroyed = [
        change
        for change in (*plan.planned.values(), *plan.deposed)
        if change.deletes and not any(fnmatchcase(change.address, pattern) for pattern in allowed)
    ]
    for change in destroyed:
        if change.type in PROTECTED:
            does = "replace" if change.replaces else "destroy"
            yield Stop(
                f"the deploy would {does} {describe(change.type, change.before or {}, names)} ({change.address}); "
                f"with it go {PROTECTED[change.type]}",
                remedies.allow_loss(change.address),
            )
    gone = {change.address for change in destroyed if not change.deposed}
    if plan.much_of(gone):
        yield Stop(
            f"the deploy would destroy {len(gone)} of {len(plan.deployed)} resources",
            remedies.ALLOW_MANY,
        )


def _widened(plan: Plan, allowed: tuple[str, ...], *, destroy_allowed: bool) -> Iterator[Stop]:
    """What would give somebody more, unless it was allowed by its address."""
    names = names_of(plan)
    for one in widenings(plan):
        address = one.change.address
        gone = one.change.after is None
        if any(fnmatchcase(address, pattern) for pattern in allowed) or (gone and destroy_allowed):
            continue
        what = describe(one.change.type, one.change.after or one.change.before or {}, names)
        yield Stop(
            f"the deploy would give more rights: {one.why}: {what} ({address}){_told(one, names)}",
            remedies.allow_more(address),
        )


def _told(widening: Widening, names: Names) -> str:
    """The differences in words."""
    if widening.change.after is None:
        return ", which goes"
    told = []
    for leaf in widening.leaves:
        one = difference(leaf, names)
        if one.secret:
            told.append(f"{one.attribute} changes")
        elif one.added or one.removed:
            told.append(
                f"{one.attribute}: {', '.join([*(f'+{x}' for x in one.added), *(f'-{x}' for x in one.removed)])}"
            )
        else:
            told.append(f"{one.attribute}: {one.before or 'nothing'} -> {one.after or 'nothing'}")
    return f"; {'; '.join(told)}" if told else ""


def _vanished(plan: Plan) -> Iterator[Stop]:
    gone = {address for address, change in plan.drift.items() if change.deletes}
    if plan.much_of(gone):
        yield Stop(
            f"{len(gone)} of {len(plan.deployed)} resources are not where mlops.yaml points, and the deploy would "
            "create them a second time",
            remedies.ALLOW_VANISHED,
        )
