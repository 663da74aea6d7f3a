"""drift-ignore.yaml: what is known to differ, why, and until when."""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, model_validator

from checks.drift.findings.finding import Class, DriftFinding, Ignored
from checks.drift.findings.severity import severity_of
from checks.drift.plan.difference import attribute_of, covers
from settings.faults import Fault, FaultsError
from settings.forbidden import masked
from settings.problem import problem
from settings.reading import read_plain
from settings.validation import validated

IGNORE_FILE = "drift-ignore.yaml"
# A stack that is not where mlops.yaml points says nothing about single resources, and cannot be looked away from.
_NEVER_IGNORED = {Class.STACK_GONE}


def _text(value: object) -> object:
    """Text that is not blank; a number or a word that YAML knows is text as well."""
    text = json.dumps(value) if isinstance(value, bool | int | float) else value
    if not isinstance(text, str) or not text.strip():
        raise problem(found="no text", allowed="text that is not blank", remedy="write a value, in quotes if need be")
    return text


def _day(value: object) -> object:
    text = str(_text(value))
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise problem(found=text, allowed=_UNTIL, remedy="write the day like this") from None


def _known(stack: str, info: ValidationInfo) -> str:
    known: tuple[str, ...] = info.context or ()
    if stack not in known:
        raise problem(found=stack, allowed=", ".join(known), remedy="correct the name of the stack")
    return stack


_UNTIL = "the last day on which it is left out, as 2026-12-31"
_Text = Annotated[str, BeforeValidator(_text)]


class _Entry(BaseModel):
    """One entry as the file has it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    stack: Annotated[_Text, AfterValidator(_known)] = Field(description="the stack's name")
    address: _Text = Field(description="a resource's address in Terraform; * matches anything")
    reason: _Text = Field(description="why this is left out, for whoever reads it next")
    until: Annotated[date, BeforeValidator(_day)] = Field(description=_UNTIL)
    attribute: _Text = Field(default="", description="the attribute that is left out; without one, all of them are")

    @model_validator(mode="before")
    @classmethod
    def _is_a_map(cls, value: object) -> object:
        if not isinstance(value, dict):
            required = ", ".join(name for name, field in cls.model_fields.items() if field.is_required())
            raise problem(
                found="something other than a map", allowed=f"a map with {required}", remedy="write it as a map"
            )
        return value


@dataclass(frozen=True, slots=True)
class Ignore:
    """One entry: findings on addresses of a stack, or only an attribute of them, are left out until a day's end."""

    place: str
    stack: str
    address: str
    attribute: str
    reason: str
    until: date


@dataclass(frozen=True, slots=True)
class Sifted:
    """Findings without what is ignored, what that is, and what is to be told about the entries."""

    findings: tuple[DriftFinding, ...]
    ignored: tuple[Ignored, ...]
    notes: tuple[str, ...]


def read_ignores(path: Path, *, stacks: Collection[str], name: str) -> tuple[Ignore, ...]:
    """The entries of an ignore file; FaultsError with all that is wrong in it.

    `name` is what the file is called in messages; stacks other than those given are faults.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        found, allowed, remedy = error.strerror or "no file", "a readable YAML file", ""
        raise FaultsError([Fault.of_file(name, found=found, allowed=allowed, remedy=remedy)]) from None
    except UnicodeDecodeError:
        found, remedy = "bytes that are not UTF-8", "save it as UTF-8"
        raise FaultsError([Fault.of_file(name, found=found, allowed="", remedy=remedy)]) from None
    source, faults = read_plain(text, file=name)
    if source.data is None:
        return ()
    if not isinstance(source.data, list):
        found, remedy = "something other than a list", "begin each entry with `- `"
        raise FaultsError([source.fault((), found=found, allowed="a list of entries", remedy=remedy)])
    entries, wrong = validated(source, list[_Entry], context=tuple(stacks))
    if entries is None or faults:
        raise FaultsError([*faults, *wrong])
    places = [source.position((index,)) for index in range(len(entries))]
    return tuple(
        Ignore(
            place=f"{place.file}:{place.line}:{place.column}",
            stack=entry.stack,
            address=entry.address,
            attribute=entry.attribute,
            reason=masked(entry.reason),
            until=entry.until,
        )
        for entry, place in zip(entries, places, strict=True)
    )


def sift(
    findings: Iterable[DriftFinding], ignores: Iterable[Ignore], *, stacks: Collection[str], today: date
) -> Sifted:
    """Leave out what is ignored. Entries for stacks that were not looked at are not held against anything."""
    entries = [entry for entry in ignores if entry.stack in stacks]
    live = [entry for entry in entries if entry.until >= today]
    kept: list[DriftFinding] = []
    ignored: list[Ignored] = []
    used: set[Ignore] = set()
    for finding in findings:
        left: DriftFinding | None = finding
        for entry in live:
            if left is not None and _meets(entry, left):
                left, taken = _taken(entry, left)
                if taken is not None:
                    ignored.append(taken)
                    used.add(entry)
        if left is not None:
            kept.append(left)
    notes = [
        f"{entry.place}: this entry expired on {entry.until} and ignores nothing"
        for entry in entries
        if entry not in live
    ]
    notes += [f"{entry.place}: this entry matched nothing" for entry in live if entry not in used]
    return Sifted(tuple(kept), tuple(ignored), tuple(notes))


def _meets(entry: Ignore, finding: DriftFinding) -> bool:
    return (
        finding.stack == entry.stack
        and finding.what not in _NEVER_IGNORED
        and fnmatchcase(finding.address, entry.address)
    )


def _taken(entry: Ignore, finding: DriftFinding) -> tuple[DriftFinding | None, Ignored | None]:
    """What an entry leaves of a finding, and what it takes."""

    def ignored(*attributes: str) -> Ignored:
        return Ignored(
            stack=finding.stack,
            address=finding.address,
            what=finding.what,
            attributes=attributes,
            reason=entry.reason,
            until=entry.until.isoformat(),
        )

    if not entry.attribute:
        return None, ignored()
    taken = [one for one in finding.differences if covers(entry.attribute, one.attribute)]
    if not taken:
        return finding, None
    left = tuple(one for one in finding.differences if one not in taken)
    took = ignored(*(one.attribute for one in taken))
    if not left:
        return None, took
    severity = severity_of(finding.address.partition(".")[0], [attribute_of(one.attribute) for one in left])
    return finding.model_copy(update={"differences": left, "severity": severity}), took
