"""A report in the form that was asked for: lines in a terminal, Markdown for a job's summary, JSON for programs."""

from collections.abc import Callable
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Generic, TypeVar

from rich.console import Console

from checks.report import Part
from safe_text.media import json_document
from safe_text.terminal import show

R = TypeVar("R", bound=Part)

FORMS = ("text", "markdown", "json")
# Plain text goes to files and programs, which wrap no lines.
_WIDTH = 10_000


class UnwritableError(Exception):
    """A report cannot be written where it was asked for; the text is a sentence without a full stop."""


@dataclass(frozen=True, slots=True)
class Writer(Generic[R]):
    """What writes one kind of report: its lines to a console, and it as Markdown."""

    print_text: Callable[[R, Console], None]
    markdown: Callable[[R], str]

    def text(self, report: R) -> str:
        """The report as plain text."""
        written = StringIO()
        self.print_text(report, Console(file=written, color_system=None, width=_WIDTH))
        return written.getvalue()

    def written(self, report: R, form: str) -> str:
        """The report in one of FORMS."""
        match form:
            case "markdown":
                return self.markdown(report)
            case "json":
                return json_document(report.model_dump_json(indent=2)) + "\n"
            case _:
                return self.text(report)

    def deliver(self, report: R, form: str, output: Path | None) -> None:
        """Write the report into a file, or without one to standard output; UnwritableError where the file refuses."""
        if output is not None:
            try:
                output.write_text(self.written(report, form), encoding="utf-8")
            except OSError as error:
                raise UnwritableError(f"The report cannot be written into {output}: {error.strerror}") from None
        elif form == "text":
            self.print_text(report, Console())
        else:
            show(self.written(report, form))
