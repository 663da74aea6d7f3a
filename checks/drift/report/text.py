"""The report for a terminal."""

from collections.abc import Callable

from rich.console import Console

from checks.drift.findings.finding import Absorbed, DriftFinding
from checks.drift.findings.severity import Severity
from checks.drift.report.model import DriftReport, StackReport, State
from checks.drift.report.sentences import STATES, changed, consequences, ignored, place, summary
from checks.screen import put
from safe_text.media import joined

_SEVERITIES = {Severity.HIGH: "bold red", Severity.MEDIUM: "yellow", Severity.LOW: "cyan"}
_STATES = {
    State.CLEAN: "green",
    State.DRIFT: "bold red",
    State.PENDING: "yellow",
    State.EXPIRY: "yellow",
    State.UNCHECKED: "magenta",
}
_INDENT = " " * 10


def print_text(report: DriftReport, console: Console) -> None:
    """Write the report: stack by stack, the worst first, below each finding what differs and what to do."""

    def say(*parts: str | tuple[str, str]) -> None:
        put(console, *parts)

    width = max((len(stack.name) for stack in report.stacks), default=0)
    apart = True
    for stack in report.stacks:
        findings = report.of_stack(stack.name)
        if findings and not apart:
            say()
        say((stack.name.ljust(width), "bold"), "  ", (STATES[stack.state], _STATES[stack.state]), *_more(stack))
        for finding in findings:
            _finding(finding, say)
        apart = bool(findings)
        if apart:
            say()
    if not apart:
        say()
    for title, lines in (
        (
            "absorbed: changed outside, and not undone by a deploy",
            [_absorbed(one) for one in report.absorbed],
        ),
        ("ignored", [f"{one.stack}  {ignored(one)}" for one in report.ignored]),
        ("notes", list(report.notes)),
    ):
        if lines:
            say((title, "dim"))
            for line in lines:
                say((f"  {line}", "dim"))
            say()
    say(summary(report))


def _more(stack: StackReport) -> tuple[tuple[str, str], ...]:
    parts = []
    if stack.problem:
        parts.append((f": {joined(stack.problem)}", ""))
    if stack.compared_with:
        parts.append((f"  (compared with {stack.compared_with})", "dim"))
    return tuple(parts)


def _absorbed(one: Absorbed) -> str:
    return f"{one.stack}  {one.resource}: {', '.join(one.attributes) or 'gone'}"


def _finding(finding: DriftFinding, say: Callable[..., None]) -> None:
    mark = (f"  {finding.severity.upper():<8}", _SEVERITIES[finding.severity])
    say(mark, (finding.what, "bold"), "  ", finding.resource)
    if where := place(finding):
        say((f"{_INDENT}{where}", "dim"))
    if finding.detail:
        say(f"{_INDENT}{finding.detail}")
    for difference in finding.differences:
        say(f"{_INDENT}{difference.attribute}: ", (changed(difference, finding), "bold"))
    for consequence in consequences(finding):
        say(f"{_INDENT}{consequence}")
    say(f"{_INDENT}to do: {finding.remedy}")
