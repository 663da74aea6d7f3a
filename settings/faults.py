"""One format for everything that is wrong with what a user wrote: all faults at once, each with its remedy."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from safe_text.media import joined, line


class Place(Protocol):
    """Where something was written: a file, and line and column counted from 1."""

    @property
    def file(self) -> str: ...

    @property
    def line(self) -> int: ...

    @property
    def column(self) -> int: ...


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing wrong in one place.

    `line` and `column` count from 1; 0 means that the fault concerns the file as a whole.
    `key` is the dotted path of the setting, `allowed` what would be accepted, `remedy` what to do. The text of a fault
    has one line for each of them, whatever they hold.
    """

    file: str
    line: int
    column: int
    key: str
    found: str
    allowed: str
    remedy: str

    @classmethod
    def at(cls, place: Place, key: str, *, found: str, allowed: str, remedy: str) -> "Fault":
        """A fault where something was written."""
        return cls(place.file, place.line, place.column, key, found, allowed, remedy)

    @classmethod
    def of_file(cls, file: str, *, found: str, allowed: str, remedy: str) -> "Fault":
        """A fault of a file as a whole, or of what has no lines, such as a variable of the environment."""
        return cls(file, 0, 0, "", found, allowed, remedy)

    def __str__(self) -> str:
        place = line(self.file) if not self.line else f"{line(self.file)}:{self.line}:{self.column}"
        lines = [f"{place}: {line(self.key)}" if self.key else place]
        lines += [
            f"  {label:<8} {joined(text)}"
            for label, text in (("found", self.found), ("allowed", self.allowed), ("to do", self.remedy))
            if text
        ]
        return "\n".join(lines)


class FaultsError(Exception):
    """Carries every fault of one reading; its text is what the user sees."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(set(faults)))
        super().__init__(str(self))

    def __str__(self) -> str:
        count = f"{len(self.faults)} fault{'s' if len(self.faults) > 1 else ''}"
        return "\n\n".join([*map(str, self.faults), f"{count}; nothing was changed."])
