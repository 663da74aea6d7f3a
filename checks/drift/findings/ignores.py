"""drift-ignore.yaml: what is known to differ, why, and until when."""

import difflib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path

from bundle.limits import RefusedError
from bundle.yaml_source import (
    MalformedError,
    MappingNode,
    Node,
    Position,
    ScalarNode,
    SequenceNode,
    compose,
    core_scalar,
)
from checks.drift import remedies
from checks.drift.findings.finding import Class, DriftFinding, Ignored
from checks.drift.findings.severity import severity_of
from checks.drift.plan.difference import attribute_of, covers
from settings.faults import Fault, FaultsError
from settings.forbidden import masked

IGNORE_FILE = "drift-ignore.yaml"
_REQUIRED = ("stack", "address", "reason", "until")
_KEYS = (*_REQUIRED, "attribute")
# A stack that is not where mlops.yaml points says nothing about single resources, and cannot be looked away from.
_NEVER_IGNORED = {Class.STACK_GONE}


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
        root = compose(path.read_text(encoding="utf-8"), file=name)
    except OSError as error:
        raise FaultsError([Fault(name, 0, 0, "", error.strerror or "no file", "a readable YAML file", "")]) from None
    except UnicodeDecodeError:
        raise FaultsError([Fault(name, 0, 0, "", "bytes that are not UTF-8", "", remedies.SAVE_AS_UTF8)]) from None
    except MalformedError as error:
        place = error.position
        raise FaultsError(
            [_fault(place, "", f"text that is not YAML: {error.problem}", "one YAML document", remedies.CORRECT_YAML)]
        ) from None
    except RefusedError as error:
        raise FaultsError([Fault(name, 0, 0, "", str(error), "", error.remedy)]) from None
    if root is None:
        return ()
    if not isinstance(root, SequenceNode):
        raise FaultsError(
            [_fault(root.position, "", "something other than a list", "a list of entries", remedies.BEGIN_WITH_DASH)]
        )
    faults: list[Fault] = []
    entries = [_entry(node, f"[{n}]", stacks, faults) for n, node in enumerate(root.items)]
    if faults:
        raise FaultsError(faults)
    return tuple(entry for entry in entries if entry is not None)


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


def _entry(node: Node, key: str, stacks: Collection[str], faults: list[Fault]) -> Ignore | None:
    if not isinstance(node, MappingNode):
        faults.append(
            _fault(
                node.position,
                key,
                "something other than a map",
                f"a map with {', '.join(_REQUIRED)}",
                remedies.WRITE_MAP,
            )
        )
        return None
    values: dict[str, tuple[Position, str]] = {}
    before = len(faults)
    for name, place, value in _pairs(node):
        here = f"{key}.{name}"
        if name in values:
            faults.append(_fault(place, here, "the key a second time", "each key once", remedies.KEEP_ONE_KEY))
        elif name not in _KEYS:
            near = difflib.get_close_matches(name, _KEYS, n=1)
            remedy = remedies.write_key(near[0]) if near else remedies.REMOVE_KEY
            faults.append(_fault(place, here, "a key that does not exist", ", ".join(_KEYS), remedy))
        elif value is None:
            faults.append(_fault(place, here, "no text", "text that is not blank", remedies.WRITE_TEXT))
            values[name] = (place, "")
        else:
            values[name] = (place, value)
    for name in _REQUIRED:
        if name not in values:
            faults.append(_fault(node.position, f"{key}.{name}", "nothing", _MEANINGS[name], remedies.add_key(name)))
    until = _day(values, key, faults)
    if "stack" in values and values["stack"][1] and values["stack"][1] not in stacks:
        place, stack = values["stack"]
        faults.append(_fault(place, f"{key}.stack", stack, ", ".join(stacks), remedies.CORRECT_STACK))
    if len(faults) > before or until is None:
        return None
    text = {name: value for name, (_, value) in values.items()}
    place = node.position
    return Ignore(
        place=f"{place.file}:{place.line}:{place.column}",
        stack=text["stack"],
        address=text["address"],
        attribute=text.get("attribute", ""),
        reason=masked(text["reason"]),
        until=until,
    )


_MEANINGS = {
    "stack": "the stack's name",
    "address": "a resource's address in Terraform; * matches anything",
    "reason": "why this is left out, for whoever reads it next",
    "until": "the last day on which it is left out, as 2026-12-31",
}


def _pairs(node: MappingNode) -> Iterator[tuple[str, Position, str | None]]:
    """Keys with their places and their texts; None for what is no text."""
    for key, value in node.entries:
        name = key.text if isinstance(key, ScalarNode) else "?"
        scalar = isinstance(value, ScalarNode) and core_scalar(value) is not None and value.text.strip()
        yield name, key.position, value.text if scalar and isinstance(value, ScalarNode) else None


def _day(values: dict[str, tuple[Position, str]], key: str, faults: list[Fault]) -> date | None:
    place, text = values.get("until", (None, ""))
    if place is None or not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        faults.append(_fault(place, f"{key}.until", text, _MEANINGS["until"], remedies.WRITE_DAY))
        return None


def _fault(place: Position, key: str, found: str, allowed: str, remedy: str) -> Fault:
    return Fault(place.file, place.line, place.column, key, masked(found), allowed, remedy)
