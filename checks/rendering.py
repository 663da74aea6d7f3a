"""A report as text for a terminal, and as Markdown for a job's summary."""

from collections.abc import Iterator
from io import StringIO

from rich.console import Console
from rich.text import Text

from checks.check import Status
from checks.report import Line, Report

_MARKS = {
    Status.PASSED: ("ok", "green"),
    Status.FINDING: ("FOUND", "bold red"),
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
    Status.FINDING: "found wrong",
    Status.BLOCKED: "not checkable because of others",
    Status.UNCHECKED: "could not be checked",
    Status.SKIPPED: "skipped",
}


def print_text(report: Report, console: Console) -> None:
    """Write the report: a line per check, and below each finding what to do; colours where the console has them."""
    for line in report.lines:
        mark, style = _MARKS[line.status]
        # What is not looked at is told in its line: one reads the others.
        aside = f" {' '.join(line.detail.split())}" if line.status in (Status.BLOCKED, Status.SKIPPED) else ""
        parts = ((f"{mark:>5}", style), "  ", line.about, (f"  [{line.id}]{aside}", "dim"))
        console.print(Text.assemble(*parts), soft_wrap=True)
        if line.detail and not aside:
            shown = " ".join(line.detail.split())
            console.print(Text(f"       {shown}", style="" if line.status is Status.FINDING else "dim"), soft_wrap=True)
        for text in _what_to_do(line):
            console.print(Text(f"       {text}"), soft_wrap=True)
    console.print(f"\n{summary(report)}", soft_wrap=True, highlight=False)


def text(report: Report) -> str:
    """The report as plain text."""
    written = StringIO()
    print_text(report, Console(file=written, color_system=None, width=10_000))
    return written.getvalue()


def markdown(report: Report) -> str:
    """The report for a job's summary: a table of all lines, and below it what to do about each finding."""
    parts = [f"## {report.command}: {report.project}", "", summary(report), "", "| | check | |", "|---|---|---|"]
    parts += [
        f"| {_SIGNS[line.status]} | {_cell(line.about)}<br>`{line.id}` | {_cell(line.detail)} |"
        for line in report.lines
    ]
    for line in report.lines:
        if line.status is Status.FINDING and line.remedy is not None:
            who = "" if line.remedy.by == "you" else f" ({line.remedy.by})"
            parts += ["", f"### {line.about}", "", f"{line.detail}.", "", f"**To do{who}:** {line.remedy.text}"]
            if line.remedy.commands:
                parts += ["", "```sh", *line.remedy.commands, "```"]
    return "\n".join([*parts, ""])


def summary(report: Report) -> str:
    """One sentence: how many lines of each status."""
    counts = ((report.counted(status), _WORDS[status]) for status in Status)
    return f"{len(report.lines)} checks: {', '.join(f'{count} {words}' for count, words in counts if count)}."


def _what_to_do(line: Line) -> Iterator[str]:
    if line.remedy is None:
        return
    who = "to do" if line.remedy.by == "you" else f"to do, by {line.remedy.by}"
    yield f"{who}: {line.remedy.text}"
    yield from (f"  $ {command}" for command in line.remedy.commands)


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
