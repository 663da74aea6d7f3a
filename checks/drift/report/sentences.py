"""What all forms of the report say in the same words."""

from checks.drift.findings.finding import Difference, DriftFinding, Ignored, Kind
from checks.drift.report.model import DriftReport, State

_FEW = 8
STATES = {
    State.CLEAN: "clean",
    State.DRIFT: "drift",
    State.PENDING: "to be deployed",
    State.EXPIRY: "a token expires soon",
    State.UNCHECKED: "could not be checked",
}
_KINDS = {
    Kind.DRIFT: "changed outside",
    Kind.PENDING: "to be deployed",
    Kind.EXPIRY: "expiry ahead",
    Kind.ERROR: "mostly gone",
}


def summary(report: DriftReport) -> str:
    """One sentence: how many findings of which kind, in how many stacks."""
    stacks = _counted(len(report.stacks), "stack")
    unchecked = sum(stack.state is State.UNCHECKED for stack in report.stacks)
    said = [f"{stacks}: {_counted(len(report.findings), 'finding') if report.findings else 'nothing differs'}"]
    kinds = [f"{count} {words}" for kind, words in _KINDS.items() if (count := report.counted(kind))]
    if kinds:
        said[0] += f" ({', '.join(kinds)})"
    if unchecked:
        said.append(f"{unchecked} could not be checked")
    if report.ignored:
        said.append(f"{len(report.ignored)} ignored")
    return f"{', '.join(said)}."


def changed(difference: Difference, finding: DriftFinding) -> str:
    """What differs in one attribute of a finding, without its name."""
    if difference.secret:
        return "differs (secret)"
    if difference.added or difference.removed:
        parts = [f"added {', '.join(difference.added)}"] if difference.added else []
        parts += [f"removed {', '.join(difference.removed)}"] if difference.removed else []
        return "; ".join(parts)
    before, after = _or_nothing(difference.before), _or_nothing(difference.after)
    return f"is {before}, should be {after}" if finding.what.kind is Kind.DRIFT else f"{before} -> {after}"


def ignored(one: Ignored) -> str:
    """One ignored finding."""
    attributes = f" ({', '.join(one.attributes)})" if one.attributes else ""
    return f"{one.address or one.stack}{attributes}: {one.reason} (until {one.until})"


def place(finding: DriftFinding) -> str:
    """Where it comes from, in the app and in Terraform."""
    return "  ".join(filter(None, (finding.path, finding.address)))


def consequences(finding: DriftFinding) -> tuple[str, ...]:
    """What follows from a finding; of many, the first ones and how many more."""
    told = finding.consequences
    if len(told) <= _FEW:
        return told
    return (*told[: _FEW - 1], f"and {len(told) - _FEW + 1} more")


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _or_nothing(value: str | None) -> str:
    return "nothing" if value is None else value
