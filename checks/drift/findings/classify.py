"""From the JSON of one ordinary plan, and what its objects have otherwise, to findings."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from checks.drift import remedies
from checks.drift.findings.consequences import Consequences
from checks.drift.findings.finding import Absorbed, Class, DriftFinding
from checks.drift.findings.origins import written_in
from checks.drift.findings.restoring import restoring
from checks.drift.findings.severity import Severity, severity_of
from checks.drift.findings.values import difference
from checks.drift.findings.wording import describe, names_of, token_period
from checks.drift.plan.difference import Leaf, covers
from checks.drift.plan.document import Change, Plan, read_plan
from checks.drift.plan.effective import effective, leaves_of
from checks.drift.remedies import Deploy

_TOKEN = "databricks_obo_token"
_POSITION = re.compile(r"\[[0-9]+\]")
_WHY_REPLACED = {
    "replace_because_tainted": "an earlier deploy was interrupted while creating it",
    "replace_by_request": "its replacement was requested",
    "replace_by_triggers": "what triggers its replacement changes",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What is known about a stack besides its plan.

    `paths` are construct paths by address, `deployer` the display name of the principal that deploys it, `rotation` the
    period of the settings' tokens, `now` the moment that rotations count from. `live` are the leaves, by address, in
    which the services differ from what is wanted, whether or not the plan shows them; `host` is the workspace.
    """

    paths: Mapping[str, str] = field(default_factory=dict)
    deployer: str | None = None
    rotation: timedelta | None = None
    now: datetime | None = None
    live: Mapping[str, tuple[Leaf, ...]] = field(default_factory=dict, repr=False)
    host: str = ""


@dataclass(frozen=True, slots=True)
class Classified:
    """What was found in one plan."""

    findings: tuple[DriftFinding, ...] = ()
    absorbed: tuple[Absorbed, ...] = ()


_NOTHING_KNOWN = About()


def classify(document: Mapping[str, Any], *, stack: str, about: About = _NOTHING_KNOWN) -> Classified:
    """The findings in a plan's JSON; UnreadablePlanError for one that Terraform could not finish."""
    return _Classification(read_plan(document), stack, about).classified()


class _Classification:
    def __init__(self, plan: Plan, stack: str, about: About) -> None:
        self.plan = plan
        self.stack = stack
        self.about = about
        self.names = names_of(plan, deployer=about.deployer)
        self.consequences = Consequences(plan)

    def classified(self) -> Classified:
        wanted = [change for change in self.plan.planned.values() if change.changes]
        if not self.plan.deployed and wanted:
            return Classified((self._not_deployed(len(wanted)),))
        if gone := self._mostly_gone():
            return Classified((self._stack_gone(gone),))
        findings: list[DriftFinding] = []
        absorbed: list[Absorbed] = []
        followers: dict[str, list[str]] = {}
        for address in {**self.plan.drift, **{change.address: change for change in wanted}, **self.about.live}:
            cause = self.consequences.cause(address)
            if cause is not None and self._is_found(cause):
                followers.setdefault(cause, []).append(self._follows(address))
                continue
            found, taken = self._of(address)
            findings += found
            absorbed += taken
        findings += map(self._left_over, self.plan.deposed)
        if not wanted and not self.plan.deposed:
            findings += self._outputs()
        return Classified(tuple(_with_consequences(findings, followers)), tuple(absorbed))

    # The stack as a whole.

    def _not_deployed(self, count: int) -> DriftFinding:
        things = "1 resource" if count == 1 else f"{count} resources"
        return DriftFinding(
            stack=self.stack,
            what=Class.NOT_DEPLOYED,
            severity=Severity.MEDIUM,
            resource=f"the stack {self.stack}",
            detail=f"Its state is empty; a deploy creates or takes over {things}.",
            remedy=f"{remedies.deploy_for_the_first_time(self.stack)}.",
        )

    def _mostly_gone(self) -> list[str]:
        """What is gone, where that is most of the stack.

        Losses that one other loss explains do not count: with a principal go its grants and tokens.
        """
        if not self.plan.much_of(self.consequences.gone_by_themselves):
            return []
        return sorted(address for address, change in self.plan.drift.items() if change.deletes)

    def _stack_gone(self, gone: list[str]) -> DriftFinding:
        return DriftFinding(
            stack=self.stack,
            what=Class.STACK_GONE,
            severity=Severity.HIGH,
            resource=f"most of the stack {self.stack}",
            detail=f"{len(gone)} of {len(self.plan.deployed)} resources are not where mlops.yaml points: "
            f"{', '.join(map(self._words, gone))}.",
            remedy=f"{remedies.LOOK_FOR_THE_STACK}.",
        )

    def _outputs(self) -> Iterator[DriftFinding]:
        for name, change in self.plan.outputs.items():
            leaves = leaves_of(change)
            if change.changes and leaves:
                yield DriftFinding(
                    stack=self.stack,
                    what=Class.PENDING_OUTPUT,
                    severity=Severity.LOW,
                    address=f"output.{name}",
                    resource=f"output {name}",
                    differences=tuple(difference(leaf, self.names) for leaf in leaves),
                    remedy=f"{remedies.deploy(self.stack, Deploy.WRITES_OUTPUT)}.",
                )

    # One resource.

    def _of(self, address: str) -> tuple[list[DriftFinding], list[Absorbed]]:
        findings, absorbed = self._in_plan(address)
        hidden = self._hidden(address)
        if not hidden:
            return findings, absorbed
        told = [leaf.path for leaf in hidden]
        left = [one.model_copy(update={"attributes": _beside(one.attributes, told)}) for one in absorbed]
        return [*findings, self._not_in_plan(address, hidden)], [one for one in left if one.attributes]

    def _hidden(self, address: str) -> list[Leaf]:
        """What the object has otherwise and the plan does not show as something that a deploy changes."""
        due = self.plan.planned.get(address)
        shown = [leaf.path for leaf in self._effective(due)] if due is not None and due.changes else []
        if due is not None and due.deletes and not due.replaces:
            return []
        return [leaf for leaf in self.about.live.get(address, ()) if not _is_near(leaf.path, shown)]

    def _not_in_plan(self, address: str, hidden: list[Leaf]) -> DriftFinding:
        change = self.plan.planned[address]
        attributes = [leaf.attribute for leaf in hidden]
        if change.changes and change.replaces:
            remedy = self._remedy(Deploy.RESTORES_BY_REPLACING, address, attributes)
        else:
            place = written_in(self.stack, address, attributes)
            how = restoring(
                change.type, change.before or {}, hidden, address=address, stack=self.stack, host=self.about.host
            )
            remedy = f"{remedies.restore(how, stack=self.stack, written_in=place)}."
        return self._finding(change, what=Class.CHANGED_OUTSIDE, leaves=hidden, outside=True, remedy=remedy)

    def _in_plan(self, address: str) -> tuple[list[DriftFinding], list[Absorbed]]:
        drift, planned = self.plan.drift.get(address), self.plan.planned.get(address)
        due = planned if planned is not None and planned.changes else None
        if drift is None:
            return (self._pending(due) if due else []), []
        if due is None or (drift.deletes and not due.renews and not due.imports):
            return [], self._absorbed(drift)
        if drift.deletes:
            return [self._lost(drift, due)], []
        if due.deletes and not due.replaces:
            return self._pending(due), self._absorbed(drift)
        outside, pending = self._divided(drift, due)
        findings = [self._changed(due, outside)] if outside else []
        findings += self._pending(due, pending) if pending or (due.replaces and not outside) else []
        return findings, [] if outside else self._absorbed(drift)

    def _divided(self, drift: Change, due: Change) -> tuple[list[Leaf], list[Leaf]]:
        """What a deploy would change: what was changed outside, and the rest."""
        changed = [leaf.path for leaf in leaves_of(drift)]
        outside: list[Leaf] = []
        pending: list[Leaf] = []
        for leaf in self._effective(due):
            near = any(covers(path, leaf.path) or covers(leaf.path, path) for path in changed)
            (outside if near else pending).append(leaf)
        return outside, pending

    def _lost(self, drift: Change, due: Change) -> DriftFinding:
        values = {**(due.after or {}), **(drift.before or {})}
        if drift.type.endswith("_secret"):
            what, detail = Class.SECRET_RESET, "It was overwritten or deleted; the service does not say which."
        elif drift.type == _TOKEN:
            what, detail = Class.TOKEN_GONE, self._why_gone(values)
        else:
            what, detail = Class.DELETED_OUTSIDE, ""
        restores = Deploy.CREATES_AGAIN
        if due.imports:
            detail, restores = "Somebody has created another one since.", Deploy.IMPORTS_ANOTHER
        return self._finding(
            due,
            what=what,
            values=values,
            detail=detail,
            remedy=self._remedy(restores, due.address, () if what is Class.DELETED_OUTSIDE else None),
        )

    def _changed(self, due: Change, leaves: list[Leaf]) -> DriftFinding:
        restores = Deploy.RESTORES_BY_REPLACING if due.replaces else Deploy.RESTORES
        overwritten = due.type.endswith("_secret")  # nothing else of one can be changed
        return self._finding(
            due,
            what=Class.SECRET_RESET if overwritten else Class.CHANGED_OUTSIDE,
            detail="It was overwritten." if overwritten else "",
            leaves=leaves,
            # By the name that it should have.
            values={**(due.before or {}), **{name: value for name, value in (due.after or {}).items() if value}},
            outside=True,
            remedy=self._remedy(restores, due.address, [leaf.path for leaf in leaves]),
        )

    def _pending(self, due: Change, leaves: list[Leaf] | None = None) -> list[DriftFinding]:
        what, does = self._due(due)
        shown = self._effective(due) if leaves is None else leaves
        if what is Class.PENDING_UPDATE and not shown:
            return []  # in another order, or nothing in place of something empty
        if what in (Class.PENDING_CREATE, Class.PENDING_DELETE):
            shown = []
        return [
            self._finding(
                due,
                what=what,
                leaves=shown,
                severity=Severity.LOW if what is Class.ROTATION_DUE else None,
                detail=f"Why: {_WHY_REPLACED[due.reason]}." if due.reason in _WHY_REPLACED else "",
                remedy=f"{remedies.deploy(self.stack, does)}.",
            )
        ]

    def _due(self, due: Change) -> tuple[Class, Deploy]:
        """What is due, and what a deploy does."""
        if due.imports:
            return Class.PENDING_IMPORT, Deploy.IMPORTS
        if due.replaces:
            if self._rotates(due):
                return Class.ROTATION_DUE, Deploy.ROTATES
            return Class.PENDING_REPLACE, Deploy.REPLACES
        if due.deletes:
            return Class.PENDING_DELETE, Deploy.DESTROYS_UNCONFIGURED
        if due.renews:
            return Class.PENDING_CREATE, Deploy.CREATES
        return Class.PENDING_UPDATE, Deploy.CHANGES

    def _left_over(self, change: Change) -> DriftFinding:
        return self._finding(
            change,
            what=Class.PENDING_DELETE,
            detail="An interrupted deploy left it behind when it replaced the resource.",
            remedy=f"{remedies.deploy(self.stack, Deploy.DESTROYS)}.",
        )

    def _finding(
        self,
        change: Change,
        *,
        what: Class,
        remedy: str,
        leaves: Iterable[Leaf] = (),
        values: Mapping[str, Any] | None = None,
        detail: str = "",
        severity: Severity | None = None,
        outside: bool = False,
    ) -> DriftFinding:
        shown = tuple(leaves)
        whole = what in (Class.PENDING_REPLACE, Class.PENDING_IMPORT)
        attributes = () if whole else [leaf.attribute for leaf in shown]
        return DriftFinding(
            stack=self.stack,
            what=what,
            severity=severity or severity_of(change.type, attributes),
            path=self.about.paths.get(change.address, ""),
            address=change.address,
            resource=describe(change.type, values or _values(change), self.names),
            detail=detail,
            differences=tuple(difference(leaf, self.names, outside=outside) for leaf in shown),
            remedy=remedy,
        )

    def _absorbed(self, drift: Change) -> list[Absorbed]:
        leaves = leaves_of(drift)
        if not leaves and not drift.deletes:
            return []
        return [
            Absorbed(
                stack=self.stack,
                address=drift.address,
                resource=describe(drift.type, drift.before or {}, self.names),
                attributes=() if drift.deletes else tuple(leaf.path for leaf in leaves),
            )
        ]

    def _effective(self, due: Change) -> list[Leaf]:
        return effective(due, self.plan.configuration(due.address))

    def _is_found(self, address: str) -> bool:
        findings, _ = self._of(address)
        return bool(findings)

    def _follows(self, address: str) -> str:
        if address in self.plan.drift and self.plan.drift[address].deletes:
            return f"gone with it: {self._words(address)}"
        done = "replaced" if self.plan.planned[address].replaces else "changed"
        return f"{done} with it: {self._words(address)}"

    def _words(self, address: str) -> str:
        drift, planned = self.plan.drift.get(address), self.plan.planned.get(address)
        change = drift or planned
        assert change is not None
        return describe(change.type, {**((planned and planned.after) or {}), **(change.before or {})}, self.names)

    def _remedy(self, restores: Deploy, address: str, attributes: Iterable[str] | None) -> str:
        place = "" if attributes is None else written_in(self.stack, address, attributes)
        return f"{remedies.deploy(self.stack, restores, written_in=place)}."

    # Tokens.

    def _rotates(self, due: Change) -> bool:
        """Whether a token is replaced only because its comment names a past period."""
        before, after = (token_period(values or {}) for values in (due.before, due.after))
        leaves = [leaf.attribute for leaf in self._effective(due)]
        if due.type != _TOKEN or before is None or after is None or set(leaves) != {"comment"}:
            return False
        # Otherwise the settings have changed: the principal's name, the generation, or how often tokens rotate.
        counted = self.about.rotation is None or before.is_one_of(self.about.rotation)
        return counted and before == replace(after, since=before.since) and before.since < after.since

    def _why_gone(self, values: Mapping[str, Any]) -> str:
        """Revoked, expired or deleted, as far as the state tells: a token is not older than its period."""
        period = token_period(values)
        lifetime = values.get("lifetime_seconds")
        if period is None or not lifetime or self.about.now is None:
            return "It was revoked or deleted, or it has expired."
        first = period.begin + timedelta(seconds=int(lifetime))
        if self.about.now < first:
            return f"It was revoked or deleted: it cannot have expired before {first:%Y-%m-%d}."
        # Made in its own period or in the next one, at the latest.
        if self.about.rotation is not None and self.about.now >= first + 2 * self.about.rotation:
            return f"It has expired: it was made for the period from {period.since}."
        return f"It has expired, or was revoked or deleted: it was made for the period from {period.since}."


def _beside(attributes: Iterable[str], told: Iterable[str]) -> tuple[str, ...]:
    """The attributes that are not told elsewhere."""
    there = tuple(told)
    return tuple(one for one in attributes if not _is_near(one, there))


def _is_near(path: str, others: Iterable[str]) -> bool:
    """Whether a path leads to one of the others, or one of them to it.

    Members of a list without keys are the same, as is a single block with a key to one without.
    """
    for other in others:
        mine, theirs = (_POSITION.split(one)[0] for one in (path, other))
        if ("[" in mine) != ("[" in theirs):
            mine, theirs = mine.partition("[")[0], theirs.partition("[")[0]
        if covers(theirs, mine) or covers(mine, theirs):
            return True
    return False


def _with_consequences(findings: list[DriftFinding], followers: Mapping[str, list[str]]) -> Iterator[DriftFinding]:
    told: set[str] = set()
    for finding in findings:
        consequences = followers.get(finding.address, []) if finding.address not in told else []
        told.add(finding.address)
        yield finding.model_copy(update={"consequences": tuple(consequences)}) if consequences else finding


def _values(change: Change) -> Mapping[str, Any]:
    """What a resource is called by: as it is there, or else as it will be."""
    return change.before or change.after or {}
