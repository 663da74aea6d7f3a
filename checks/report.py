"""What a command found, as people and programs get it; `python -m checks schema` prints the JSON's schema."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic.json_schema import GenerateJsonSchema

from checks.check import Line, Remedy, Status
from safe_text.media import whole

PASSED, UNCHECKED, FOUND = 0, 1, 2
"""Exit codes: all is well; something could not be checked; something is not as it should be."""


class Part(BaseModel):
    """A part of a report. Its texts are as they were met, apart from what no encoding knows."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @field_validator("*", mode="before")
    @classmethod
    def _encodable(cls, value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(whole(one) if type(one) is str else one for one in value)
        return whole(value) if type(value) is str else value


class PublishedSchema(GenerateJsonSchema):
    """A report's schema, in which each part is called by its title: names of classes are no promise to programs."""

    def normalize_name(self, name: str) -> str:
        """The name of a definition."""
        return super().normalize_name(_titles().get(name, name))


def _titles() -> dict[str, str]:
    return {part.__name__: part.model_config.get("title") or part.__name__ for part in Part.__subclasses__()}


class ReportRemedy(Part, title="Remedy"):
    """What to do about a finding."""

    text: str = Field(description="One or more sentences.")
    commands: tuple[str, ...] = Field(default=(), description="Shell commands that do it, in order.")
    by: str = Field(description="Who can do it.")


class ReportLine(Part, title="Line"):
    """One check."""

    id: str = Field(description="Stable: what --skip takes.")
    about: str = Field(description="What should be true.")
    status: Status
    detail: str = Field(description="What was found, or why it could not be checked.")
    remedy: ReportRemedy | None = None
    blocked_by: tuple[str, ...] = Field(default=(), description="The ids of the checks that stand at the root of it.")
    docs: str = Field(default="", description="A section of docs/checks.md.")


class Report(Part):
    """All lines of one command."""

    command: str
    project: str
    at: datetime
    lines: tuple[ReportLine, ...]
    exit_code: int = Field(description="0 all is well, 1 something could not be checked, 2 there are findings.")

    @classmethod
    def of(cls, command: str, *, project: str, at: datetime, lines: Iterable[Line]) -> Self:
        """The report of a command."""
        shown = tuple(
            ReportLine(
                id=line.id,
                about=line.about,
                status=line.status,
                detail=line.detail,
                remedy=_remedy(line.remedy),
                blocked_by=line.blocked_by,
                docs=line.docs,
            )
            for line in lines
        )
        return cls(command=command, project=project, at=at, lines=shown, exit_code=_exit_code(shown))

    def counted(self, status: Status) -> int:
        """How many lines have that status."""
        return sum(line.status is status for line in self.lines)


def _remedy(remedy: Remedy | None) -> ReportRemedy | None:
    return None if remedy is None else ReportRemedy(text=remedy.text, commands=remedy.commands, by=remedy.by)


def _exit_code(lines: Iterable[ReportLine]) -> int:
    statuses = {line.status for line in lines}
    if Status.FINDING in statuses:
        return FOUND
    return UNCHECKED if statuses & {Status.BLOCKED, Status.UNCHECKED} else PASSED
