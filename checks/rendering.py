"""A report as text for a terminal, and as Markdown for a job's summary."""

from collections.abc import Iterator

from rich.console import Console

from checks.check import Status
from checks.forms import Writer
from checks.report import Report, ReportLine
from checks.screen import put
from safe_text.media import cell, fenced, joined
from safe_text.media import markdown as marked_down

_MARKS = {
    Status.PASSED: ("ok", "green"),
    Status.FINDING: ("FAIL", "bold red"),
    Status.BLOCKED: ("-", "dim"),
    Status.UNCHECKED: ("?", "yellow"),
    Status.SKIPPED: ("skip", "dim"),
}
_SIGNS = {
    Status.PASSED: "✅",
    Status.FINDING: "❌",
    Status.BLOCKED: "⬜",
    Status.UNCHECKED: "❔",
    Status.SKIPPED: "⏭️",
}
_WORDS = {
    Status.PASSED: "passed",
    Status.FINDING: "failed",
    Status.BLOCKED: "not checkable because of others",
    Status.UNCHECKED: "could not be checked",
    Status.SKIPPED: "skipped",
}


def print_text(report: Report, console: Console) -> None:
    """Write the report: a line per check, and below each finding what to do; colours where the console has them."""
    for line in report.lines:
        mark, style = _MARKS[line.status]
        # What is not looked at is told in its line: one reads the others.
        aside = f" {joined(line.detail)}" if line.status in (Status.BLOCKED, Status.SKIPPED) else ""
        put(console, (f"{mark:>5}", style), "  ", line.about, (f"  [{line.id}]{aside}", "dim"))
        if line.detail and not aside:
            put(console, (f"       {joined(line.detail)}", "" if line.status is Status.FINDING else "dim"))
        for text in _what_to_do(line):
            put(console, f"       {text}")
    put(console)
    put(console, summary(report))


def markdown(report: Report) -> str:
    """The report for a job's summary: a table of all lines, and below it what to do about each finding."""
    parts = [
        f"## {report.command}: {marked_down(report.project)}",
        "",
        summary(report),
        "",
        "| | check | |",
        "|---|---|---|",
    ]
    parts += [
        f"| {_SIGNS[line.status]} | {_cell(line.about)}<br>{cell(line.id)} | {_cell(line.detail)} |"
        for line in report.lines
    ]
    for line in report.lines:
        if line.status is Status.FINDING and line.remedy is not None:
            who = "" if line.remedy.by == "you" else f" ({marked_down(line.remedy.by)})"
            parts += ["", f"### {marked_down(line.about)}", "", f"{marked_down(line.detail)}."]
            parts += ["", f"**To do{who}:** {marked_down(line.remedy.text)}"]
            if line.remedy.commands:
                parts += ["", *fenced(line.remedy.commands, "sh")]
    return "\n".join([*parts, ""])


def summary(report: Report) -> str:
    """One sentence: how many lines of each status."""
    counts = ((report.counted(status), _WORDS[status]) for status in Status)
    return f"{len(report.lines)} checks: {', '.join(f'{count} {words}' for count, words in counts if count)}."


def _what_to_do(line: ReportLine) -> Iterator[str]:
    if line.remedy is None:
        return
    who = "to do" if line.remedy.by == "you" else f"to do, by {line.remedy.by}"
    yield f"{who}: {line.remedy.text}"
    yield from (f"  $ {command}" for command in line.remedy.commands)


def _cell(text: str) -> str:
    return marked_down(text, in_table=True)


WRITER = Writer(print_text, markdown)
"""What writes the reports of preflight, verify and audit."""
