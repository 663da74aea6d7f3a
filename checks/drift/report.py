"""What `drift` found, as people and programs get it; `python -m checks schema drift` prints the JSON's schema."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Self

from pydantic import Field

from checks.drift.severity import ORDER, Severity
from checks.report import Part

CLEAN, ERROR, DRIFT, PENDING = 0, 1, 2, 3
"""Exit codes: nothing differs; something could not be checked; something was changed outside; only a deploy is due."""


class Kind(StrEnum):
    """What --fail-on takes; an error always counts."""

    DRIFT = "drift"
    PENDING = "pending"
    EXPIRY = "expiry"
    ERROR = "error"


class Class(StrEnum):
    """What happened, or what is due."""

    CHANGED_OUTSIDE = "changed outside"
    DELETED_OUTSIDE = "deleted outside"
    SECRET_RESET = "secret reset"
    TOKEN_GONE = "token gone"
    PENDING_CREATE = "pending create"
    PENDING_UPDATE = "pending update"
    PENDING_REPLACE = "pending replace"
    PENDING_DELETE = "pending delete"
    PENDING_IMPORT = "pending import"
    PENDING_OUTPUT = "pending output"
    NOT_DEPLOYED = "not deployed"
    ROTATION_DUE = "rotation due"
    EXPIRY_AHEAD = "expiry ahead"
    STACK_GONE = "stack gone"

    @property
    def kind(self) -> Kind:
        """Which of the exit codes it counts for."""
        if self in _DRIFT:
            return Kind.DRIFT
        if self is Class.EXPIRY_AHEAD:
            return Kind.EXPIRY
        return Kind.ERROR if self is Class.STACK_GONE else Kind.PENDING


_DRIFT = {Class.CHANGED_OUTSIDE, Class.DELETED_OUTSIDE, Class.SECRET_RESET, Class.TOKEN_GONE}


class State(StrEnum):
    """How a stack stands."""

    CLEAN = "clean"
    DRIFT = "drift"
    PENDING = "pending"
    EXPIRY = "expiry"
    UNCHECKED = "unchecked"


class Difference(Part):
    """One attribute. Values are texts, shortened; a secret is never among them."""

    attribute: str = Field(description="Down to the leaf, such as schedule.pause_status.")
    before: str | None = Field(default=None, description="What is there now; null for nothing.")
    after: str | None = Field(default=None, description="What a deploy makes of it; null for nothing.")
    added: tuple[str, ...] = Field(
        default=(), description="Of a list: what was added outside, or what a deploy will add."
    )
    removed: tuple[str, ...] = Field(
        default=(), description="Of a list: what was removed outside, or what a deploy will remove."
    )
    secret: bool = Field(default=False, description="Whether the values are secret, and so not here.")


class Finding(Part):
    """Something that is not as it should be."""

    stack: str
    what: Class = Field(description="The class of the finding.")
    severity: Severity
    path: str = Field(default="", description="Where in the app the resource comes from.")
    address: str = Field(default="", description="The resource's address in Terraform; empty for a stack as a whole.")
    resource: str = Field(description="The resource in human words.")
    detail: str = Field(default="", description="What else is to be said, as a sentence.")
    differences: tuple[Difference, ...] = ()
    consequences: tuple[str, ...] = Field(default=(), description="What follows from it, and is no finding of its own.")
    remedy: str = Field(description="What to do.")


class Absorbed(Part):
    """What changed outside and no deploy would change back: nobody has configured it."""

    stack: str
    address: str
    resource: str
    attributes: tuple[str, ...]


class Ignored(Part):
    """A finding, or a part of it, that drift-ignore.yaml leaves out."""

    stack: str
    address: str
    what: Class
    attributes: tuple[str, ...] = Field(default=(), description="Which attributes; none when it is the whole finding.")
    reason: str
    until: str


class Stack(Part):
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
    stacks: tuple[Stack, ...]
    findings: tuple[Finding, ...] = Field(description="By stack, the worst first.")
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
        findings: Iterable[Finding],
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
            Stack(
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

    def of_stack(self, name: str) -> tuple[Finding, ...]:
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


def _exit_code(stacks: Iterable[Stack], findings: Iterable[Finding], fail_on: Iterable[Kind]) -> int:
    if any(stack.state is State.UNCHECKED for stack in stacks):
        return ERROR
    found = {finding.what.kind for finding in findings} & set(fail_on)
    if found & {Kind.DRIFT, Kind.EXPIRY}:
        return DRIFT
    return PENDING if Kind.PENDING in found else CLEAN
