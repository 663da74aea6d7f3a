"""What `drift` found, as people and programs get it; `python -m checks schema drift` prints the JSON's schema."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Self

from pydantic import Field

from checks.drift.findings.finding import Absorbed, DriftFinding, Ignored, Kind
from checks.drift.findings.severity import ORDER
from checks.report import Part

CLEAN, ERROR, DRIFT, PENDING = 0, 1, 2, 3
"""Exit codes: nothing differs; something could not be checked; something was changed outside; only a deploy is due."""


class State(StrEnum):
    """How a stack stands."""

    CLEAN = "clean"
    DRIFT = "drift"
    PENDING = "pending"
    EXPIRY = "expiry"
    UNCHECKED = "unchecked"


class StackReport(Part, title="Stack"):
    """One stack that was asked for."""

    name: str
    state: State
    problem: str = Field(default="", description="Why it could not be checked, as a sentence without a full stop.")
    compared_with: str = Field(default="", description="Which files it was compared with, where that needs saying.")


class DriftReport(Part):
    """All of one run."""

    command: str = "drift"
    project: str
    at: datetime
    stacks: tuple[StackReport, ...]
    findings: tuple[DriftFinding, ...] = Field(description="By stack, the worst first.")
    absorbed: tuple[Absorbed, ...] = ()
    ignored: tuple[Ignored, ...] = ()
    notes: tuple[str, ...] = Field(default=(), description="What else is to be told about this run.")
    fail_on: tuple[Kind, ...] = Field(description="Which kinds of findings count for the exit code.")
    exit_code: int = Field(
        description="0 clean, 1 something could not be checked, 2 drift, 3 configuration that is not deployed."
    )

    @classmethod
    def of(
        cls,
        *,
        project: str,
        at: datetime,
        stacks: Iterable[tuple[str, str, str]],
        findings: Iterable[DriftFinding],
        absorbed: Iterable[Absorbed],
        ignored: Iterable[Ignored],
        notes: Iterable[str],
        fail_on: Iterable[Kind],
    ) -> Self:
        """The report of a run; `stacks` are name, problem and what each was compared with, in order."""
        asked = tuple(stacks)
        order = {name: position for position, (name, *_) in enumerate(asked)}
        found = tuple(
            sorted(
                findings,
                key=lambda one: (order[one.stack], ORDER.index(one.severity), one.what.kind, one.address),
            )
        )
        shown = tuple(
            StackReport(
                name=name,
                state=_state(problem, [one.what.kind for one in found if one.stack == name]),
                problem=problem,
                compared_with=compared_with,
            )
            for name, problem, compared_with in asked
        )
        counted = tuple(fail_on)
        return cls(
            project=project,
            at=at,
            stacks=shown,
            findings=found,
            absorbed=tuple(absorbed),
            ignored=tuple(ignored),
            notes=tuple(notes),
            fail_on=counted,
            exit_code=_exit_code(shown, found, counted),
        )

    def of_stack(self, name: str) -> tuple[DriftFinding, ...]:
        """The findings of one stack."""
        return tuple(finding for finding in self.findings if finding.stack == name)

    def counted(self, kind: Kind) -> int:
        """How many findings are of a kind."""
        return sum(finding.what.kind is kind for finding in self.findings)


def _state(problem: str, kinds: Iterable[Kind]) -> State:
    found = set(kinds)
    if problem or Kind.ERROR in found:
        return State.UNCHECKED
    for kind, state in ((Kind.DRIFT, State.DRIFT), (Kind.PENDING, State.PENDING), (Kind.EXPIRY, State.EXPIRY)):
        if kind in found:
            return state
    return State.CLEAN


def _exit_code(stacks: Iterable[StackReport], findings: Iterable[DriftFinding], fail_on: Iterable[Kind]) -> int:
    if any(stack.state is State.UNCHECKED for stack in stacks):
        return ERROR
    found = {finding.what.kind for finding in findings} & set(fail_on)
    if found & {Kind.DRIFT, Kind.EXPIRY}:
        return DRIFT
    return PENDING if Kind.PENDING in found else CLEAN
