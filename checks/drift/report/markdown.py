"""The report as Markdown: for a job's summary, and for an issue; cut at findings where GitHub would refuse it."""

from collections.abc import Iterable, Sequence

from checks.drift.findings.finding import Class, Difference, DriftFinding
from checks.drift.findings.severity import Severity
from checks.drift.report.model import DriftReport, StackReport, State
from checks.drift.report.sentences import STATES, consequences, ignored, summary
from checks.notes import MAX_CHARACTERS
from safe_text.media import cell, code
from safe_text.media import markdown as marked_down

# https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#step-isolation-and-limits: 1 MiB a
# step.
SUMMARY_BYTES = 1024 * 1024
# Room for the sentence that says how much was left out.
_LEFT_OUT = 200
# What is told in one line each, at the end.
_MOST_LINES = 200

_SIGNS = {
    State.CLEAN: "✅",
    State.DRIFT: "❌",
    State.PENDING: "🟡",
    State.EXPIRY: "⏳",
    State.UNCHECKED: "❔",
}
_SEVERITIES = {Severity.HIGH: "🔴 high", Severity.MEDIUM: "🟠 medium", Severity.LOW: "🔵 low"}


def markdown(report: DriftReport, *, limit: int = SUMMARY_BYTES) -> str:
    """The whole report, in no more than so many bytes."""
    head = [f"## Drift: {marked_down(report.project)}", "", summary(report), "", *_table(report)]
    problems = [stack for stack in report.stacks if stack.problem or stack.compared_with]
    if problems:
        head += ["", *map(_about, problems)]
    several = len(report.stacks) > 1
    return _fitted(head, [_block(finding, several) for finding in report.findings], _tail(report), limit)


def findings_of(report: DriftReport, stack: str, *, head: Sequence[str], tail: Sequence[str]) -> str:
    """The findings on one stack as the body of an issue, between what begins and what ends it."""
    blocks = [_block(finding, several=False) for finding in report.of_stack(stack)]
    return _fitted(head, blocks, tail, MAX_CHARACTERS)


def _fitted(head: Sequence[str], blocks: Sequence[str], tail: Sequence[str], limit: int) -> str:
    """As many blocks as there is room for; how many were left out is said."""
    beginning, ending = "\n".join(head), "\n".join(tail)
    room = limit - _size(beginning) - _size(ending) - _LEFT_OUT
    shown: list[str] = []
    for block in blocks:
        room -= _size(block) + 2
        if room < 0:
            break
        shown.append(block)
    if left := len(blocks) - len(shown):
        them = "1 finding is" if left == 1 else f"{left} findings are"
        shown.append(f"**{them} not shown here** for lack of space: `python -m checks drift` shows all.")
    return "\n\n".join(filter(None, [beginning, *shown, ending])) + "\n"


def _size(text: str) -> int:
    return len(text.encode("utf-8"))


def _table(report: DriftReport) -> Iterable[str]:
    yield "| | stack | | high | medium | low |"
    yield "|---|---|---|--:|--:|--:|"
    for stack in report.stacks:
        counts = [
            sum(finding.severity is severity for finding in report.of_stack(stack.name)) or "" for severity in Severity
        ]
        yield (
            f"| {_SIGNS[stack.state]} | {cell(stack.name)} | {STATES[stack.state]} | "
            f"{' | '.join(str(count) for count in counts)} |"
        )


def _about(stack: StackReport) -> str:
    said = [f"could not be checked: {marked_down(stack.problem)}"] if stack.problem else []
    said += [f"compared with {marked_down(stack.compared_with)}"] if stack.compared_with else []
    return f"- {code(stack.name)}: {'; '.join(said)}."


def _block(finding: DriftFinding, several: bool) -> str:
    stack = f"{code(finding.stack)}: " if several else ""
    where = " · ".join(code(place) for place in (finding.path, finding.address) if place)
    lines = [f"### {_SEVERITIES[finding.severity]} · {stack}{marked_down(finding.resource)}", ""]
    lines.append(f"**{_title(finding.what)}**{f' · {where}' if where else ''}")
    if finding.detail:
        lines += ["", marked_down(finding.detail)]
    if finding.differences:
        lines += ["", *_differences(finding)]
    if finding.consequences:
        lines += ["", *(f"- {marked_down(consequence)}" for consequence in consequences(finding))]
    return "\n".join([*lines, "", f"To do: {marked_down(finding.remedy)}"])


def _title(what: Class) -> str:
    return what[0].upper() + what[1:]


def _differences(finding: DriftFinding) -> Iterable[str]:
    values = [one for one in finding.differences if not (one.added or one.removed or one.secret)]
    if values:
        yield "| | is there | is wanted |"
        yield "|---|---|---|"
        for one in values:
            yield f"| {_cell(one.attribute)} | {_cell(one.before)} | {_cell(one.after)} |"
    lists = [one for one in finding.differences if one not in values]
    if values and lists:
        yield ""
    for one in lists:
        yield f"- {code(one.attribute)}: {_list(one)}"


def _list(one: Difference) -> str:
    if one.secret:
        return "differs (secret)"
    parts = [f"added {', '.join(map(code, one.added))}"] if one.added else []
    parts += [f"removed {', '.join(map(code, one.removed))}"] if one.removed else []
    return "; ".join(parts)


def _tail(report: DriftReport) -> list[str]:
    absorbed = [
        f"{code(one.stack)} {marked_down(one.resource)}: {', '.join(map(code, one.attributes)) or 'gone'}"
        for one in report.absorbed
    ]
    left_out = [f"{code(one.stack)} {marked_down(ignored(one))}" for one in report.ignored]
    return [
        *_folded("absorbed: changed outside, and not undone by a deploy", absorbed),
        *_folded("ignored", left_out),
        *(f"- {marked_down(note)}" for note in report.notes),
    ]


def _folded(title: str, lines: Sequence[str]) -> list[str]:
    if not lines:
        return []
    shown = [f"- {line}" for line in lines[:_MOST_LINES]]
    if len(lines) > _MOST_LINES:
        shown.append(f"- and {len(lines) - _MOST_LINES} more")
    return ["<details>", f"<summary>{len(lines)} {title}</summary>", "", *shown, "", "</details>", ""]


def _cell(value: str | None) -> str:
    return "nothing" if value is None else cell(value)
