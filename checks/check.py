"""The vocabulary: a check, what may come of it, and how a list of checks is performed."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from enum import StrEnum

from checks.refusals import ServiceError, said

_AT_ONCE = 8


class Status(StrEnum):
    """What came of a check."""

    PASSED = "passed"
    FINDING = "finding"
    BLOCKED = "blocked"  # not checkable because of other lines
    UNCHECKED = "unchecked"  # not checkable for a reason of its own
    SKIPPED = "skipped"  # the user said so, or it is not looked at here


@dataclass(frozen=True, slots=True)
class Remedy:
    """What to do: a sentence, and where there are any, shell commands that do it, for whoever `by` names.

    Commands use the Databricks CLI and GitHub's, whose credentials are those of the person who runs them.
    """

    text: str
    commands: tuple[str, ...] = ()
    by: str = "you"


@dataclass(frozen=True, slots=True)
class Fix:
    """Something that can be removed at once: what it is, in human words, and how."""

    what: str
    act: Callable[[], object]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it should be. `remedy` takes the place of the check's own where it is known better."""

    found: str
    remedy: Remedy | None = None
    fixes: tuple[Fix, ...] = ()


class UncheckableError(Exception):
    """A check that cannot tell; its text is the reason, a sentence without a full stop. `remedy` says who could."""

    def __init__(self, reason: str, *, remedy: Remedy | None = None) -> None:
        super().__init__(reason)
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that is not looked at here, and why."""

    why: str


# A text says what was looked at when all is well; an empty one, that nothing was.
Outcome = str | Finding | Skipped


@dataclass(frozen=True, slots=True)
class Check:
    """One line of a command: something that should be true.

    `about` says what, `needs` names the checks without whose success this one could not tell, `docs` the section of
    docs/checks.md. `run` raises UncheckableError where it cannot tell; a service that refuses is as good as that.
    """

    id: str
    about: str
    needs: tuple[str, ...]
    run: Callable[[], Outcome]
    remedy: Remedy
    docs: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A check that was performed. `detail` says what was found, or why it could not be checked."""

    id: str
    about: str
    status: Status
    detail: str = ""
    remedy: Remedy | None = None
    blocked_by: tuple[str, ...] = ()
    docs: str = ""
    fixes: tuple[Fix, ...] = ()


@dataclass(slots=True)
class _Run:
    """One performance of a list: lines as they come, by the ids of their checks."""

    checks: dict[str, Check]
    skip: frozenset[str]
    lines: dict[str, Line] = field(default_factory=dict)

    def ready(self) -> list[Check]:
        """The checks whose needs are all settled."""
        return [
            check
            for check in self.checks.values()
            if check.id not in self.lines and all(need in self.lines for need in check.needs)
        ]

    def perform(self, check: Check) -> Line:
        """One check; whatever it meets becomes its line."""

        def line(status: Status, detail: str = "", remedy: Remedy | None = None, by: tuple[str, ...] = ()) -> Line:
            return Line(check.id, check.about, status, detail, remedy, by, check.docs)

        if check.id in self.skip:
            return line(Status.SKIPPED, "not looked at: --skip")
        # What stands at the root of it, not every line between.
        roots = dict.fromkeys(root for need in check.needs for root in self._roots(need))
        if roots and all(self.lines[root].status is Status.SKIPPED for root in roots):
            return line(Status.SKIPPED, f"not looked at, as {', '.join(roots)} is not", by=tuple(roots))
        if roots:
            return line(Status.BLOCKED, f"not checkable because of {', '.join(roots)}", by=tuple(roots))
        try:
            outcome = check.run()
        except UncheckableError as reason:
            return line(Status.UNCHECKED, str(reason), reason.remedy)
        except ServiceError as error:
            return line(Status.UNCHECKED, said(error))
        if isinstance(outcome, Skipped):
            return line(Status.SKIPPED, outcome.why)
        if isinstance(outcome, Finding):
            found = line(Status.FINDING, outcome.found, outcome.remedy or check.remedy)
            return replace(found, fixes=outcome.fixes)
        # A check that looked at nothing proves nothing.
        return line(Status.PASSED, outcome) if outcome else line(Status.UNCHECKED, "there was nothing to look at")

    def _roots(self, need: str) -> tuple[str, ...]:
        found = self.lines[need]
        if found.status is Status.PASSED:
            return ()
        return found.blocked_by or (need,)


def perform(checks: Sequence[Check], *, skip: frozenset[str] = frozenset()) -> tuple[Line, ...]:
    """The line of every check, in the order of the list; what does not need one another is checked at the same time.

    ValueError for a check that needs one that is not in the list, or itself.
    """
    run = _Run({check.id: check for check in checks}, skip)
    if len(run.checks) != len(checks):
        raise ValueError("two checks have one id")
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        while ready := run.ready():
            for line in pool.map(run.perform, ready):
                run.lines[line.id] = line
    if missing := [check.id for check in checks if check.id not in run.lines]:
        raise ValueError(f"what {', '.join(missing)} need is not there")
    return tuple(run.lines[check.id] for check in checks)
