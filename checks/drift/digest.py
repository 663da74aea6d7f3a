"""What a plan would change, as one number: whether what is applied is what was approved.

Secrets are left out, and so is what rotation replaces, which needs no approval: a plan that was made on another day,
with other tokens due, has the same digest.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from checks.check import UncheckableError
from checks.drift.findings.classify import About, classify
from checks.drift.findings.consequences import Consequences
from checks.drift.findings.finding import Class
from checks.drift.plan.difference import UNKNOWN, Secret, covered
from checks.drift.plan.document import Change, Plan, UnreadablePlanError, read_plan
from checks.drift.plan.effective import leaves_of
from checks.drift.plan.saved import read_plans
from settings import Settings


@dataclass(frozen=True, slots=True)
class Digest:
    """The digest of a stack's plan, 64 hexadecimal digits, and what it stands for, such as `update github_branch.x`."""

    value: str
    changes: tuple[str, ...]


def digest_of_saved(settings: Settings, environ: Mapping[str, str], *, output: Path, stack: str) -> Digest:
    """The digest of the plan that `cdktf diff` has left; UncheckableError when it cannot be read."""
    (found,) = read_plans((stack,), output=output, environ=environ, jobs=1)
    if found.document is None:
        raise UncheckableError(found.problem)
    environment = settings.stacks[stack].environment
    about = About(rotation=environment.token.rotation if environment else None, now=settings.invocation.now)
    try:
        return digest_of(found.document, stack=stack, about=about)
    except UnreadablePlanError as problem:
        raise UncheckableError(str(problem)) from None


def digest_of(document: Mapping[str, Any], *, stack: str, about: About) -> Digest:
    """The digest of a plan's JSON; UnreadablePlanError for one that Terraform could not finish."""
    plan = read_plan(document)
    imported = {
        one["address"]: one["change"].get("importing")
        for one in document.get("resource_changes") or ()
        if "change" in one
    }
    rotated = _rotated(plan, document, stack, about)
    changes = [one for one in plan.planned.values() if one.changes and one.address not in rotated]
    entries = [
        *(_entry(one, imports=imported.get(one.address)) for one in (*changes, *plan.deposed)),
        *(_entry(one, imports=None) for one in _outputs(plan) if not rotated or leaves_of(one)),
    ]
    text = json.dumps(sorted(entries, key=lambda one: json.dumps(one, sort_keys=True)), sort_keys=True)
    told = sorted(f"{' and '.join(one.actions)} {one.address}" for one in (*changes, *plan.deposed))
    return Digest(hashlib.sha256(text.encode()).hexdigest(), tuple(told))


def _rotated(plan: Plan, document: Mapping[str, Any], stack: str, about: About) -> frozenset[str]:
    """Tokens that are due, and what is replaced for no other reason than that they are."""
    findings = classify(document, stack=stack, about=about).findings
    due = {one.address for one in findings if one.what is Class.ROTATION_DUE}
    consequences = Consequences(plan)
    return frozenset(due | {address for address in plan.planned if consequences.cause(address) in due})


def _outputs(plan: Plan) -> Iterator[Change]:
    yield from (one for one in plan.outputs.values() if one.changes)


def _entry(change: Change, *, imports: Any) -> dict[str, Any]:
    """All that will be, and what it differs in. What was is told of the differences alone: the rest is not changed."""
    return {
        "address": change.address,
        "type": change.type,
        "actions": list(change.actions),
        "reason": change.reason,
        "deposed": change.deposed,
        "imports": imports,
        "after": _plain(covered(change.after, sensitive=change.after_sensitive, unknown=change.after_unknown)),
        "before": [[leaf.path, _plain(leaf.before)] for leaf in leaves_of(change)],
    }


def _plain(value: Any) -> Any:
    """A value as JSON in which nothing can be taken for a secret or for what is not known yet."""
    if isinstance(value, Secret):
        return ["secret"]
    if value is UNKNOWN:
        return ["unknown"]
    if isinstance(value, Mapping):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return ["list", *map(_plain, value)]
    return ["value", value]
