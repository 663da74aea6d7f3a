"""What there is to say about a bundle, in the Databricks CLI's words and form."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from bundle.limits import RefusedError
from bundle.value import Path, path_text
from bundle.yaml_source import Position
from safe_text.media import line


class Severity(Enum):
    """How bad; the value is what the CLI prints."""

    ERROR = "Error"
    WARNING = "Warning"
    RECOMMENDATION = "Recommendation"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One message.

    `paths` and `places` are printed as the CLI prints them. `origin` is the place to look at where the CLI names none:
    the start of the entry file when nothing closer is known.
    """

    severity: Severity
    summary: str
    origin: Position
    detail: str = ""
    paths: tuple[str, ...] = ()
    places: tuple[Position, ...] = ()

    @property
    def position(self) -> Position:
        """Where to look: file, line, column."""
        return next((place for place in self.places if place.file), self.origin)

    def __str__(self) -> str:
        lines = [f"{self.severity.value}: {self.summary}"]
        if self.paths and self.paths[0]:
            lines += [f"  {'at' if not index else '  '} {line(path)}" for index, path in enumerate(self.paths)]
        lines += [f"  {'in' if not index else '  '} {place_text(place)}" for index, place in enumerate(self.places)]
        if self.detail:
            lines += ["", self.detail]
        return "\n".join(lines)


class StopError(Exception):
    """Ends the stage that raises it with one error, as a Go error does; the pipeline reports it."""

    def __init__(self, summary: str, *, origin: Position | None = None, detail: str = "") -> None:
        self.origin = origin
        self.detail = detail
        super().__init__(summary)

    @classmethod
    def refused(cls, error: RefusedError, places: Iterable[Position]) -> "StopError":
        """What is not read, with the place where it is named."""
        return cls(str(error), origin=next(iter(places), None), detail=error.remedy)


def place_text(place: Position) -> str:
    """`file:line:column`."""
    return f"{line(place.file)}:{place.line}:{place.column}"


class Report:
    """Collects diagnostics in the order in which the stages speak, with files relative to the bundle's root."""

    def __init__(self, root: str) -> None:
        self.root = root
        self.entry = Position(f"{root}/databricks.yml", 1, 1)
        self.diagnostics: list[Diagnostic] = []
        self.errors = 0
        self._relative: dict[str, str] = {}

    def add(
        self,
        severity: Severity,
        summary: str,
        *,
        detail: str = "",
        paths: Iterable[Path] = (),
        places: Iterable[Position] = (),
        origin: Position | None = None,
    ) -> None:
        self.errors += severity is Severity.ERROR
        self.diagnostics.append(
            Diagnostic(
                severity,
                summary,
                self.relative(origin or self.entry),
                detail,
                tuple(path_text(path) for path in paths),
                tuple(self.relative(place) for place in places),
            )
        )

    def relative(self, place: Position) -> Position:
        if not place.file:
            return place
        file = self._relative.get(place.file)
        if file is None:
            file = self._relative[place.file] = os.path.relpath(place.file, self.root)
        return Position(file, place.line, place.column)
