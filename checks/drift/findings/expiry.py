"""Tokens in use that expire soon although their rotation is overdue: nobody has deployed for too long."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from checks.drift import remedies
from checks.drift.findings.finding import Class, DriftFinding
from checks.drift.findings.severity import Severity
from checks.drift.findings.wording import describe, names_of, token_period
from checks.drift.plan.document import Plan, read_plan
from settings import EnvironmentSettings, Settings

_TOKEN = "databricks_obo_token"
_VALUE, _HOLDS = "token_value", "plaintext_value"
# From how many days before the end on a finding is how bad.
_STAGES = ((1, Severity.HIGH), (7, Severity.MEDIUM), (14, Severity.LOW))


@dataclass(frozen=True, slots=True)
class _Token:
    address: str
    id: str
    values: Mapping[str, Any] = field(repr=False)


def expiries(
    document: Mapping[str, Any],
    *,
    stack: str,
    environment: EnvironmentSettings,
    settings: Settings,
    environ: Mapping[str, str],
    paths: Mapping[str, str],
) -> tuple[DriftFinding, ...]:
    """The findings on an environment's token in use; asks the workspace only where the answer may matter.

    UncheckableError when it does not answer.
    """
    plan = read_plan(document)
    now = settings.invocation.now
    token = _in_use(plan)
    if token is None or not _may_expire_unnoticed(token, environment, now):
        return ()
    # Loading the SDKs takes longer than a plan, and most runs can do without.
    from checks.live import Live, sure

    live = Live(settings, dict(environ))
    infos = sure(lambda: list(live.workspace(environment).token_management.list()))
    expiry = next((info.expiry_time for info in infos if info.token_id == token.id), None)
    if not expiry or expiry < 0:
        return ()
    ends = datetime.fromtimestamp(expiry / 1000, UTC)
    severity = next((severity for days, severity in _STAGES if ends - now <= timedelta(days=days)), None)
    if severity is None:
        return ()
    return (
        DriftFinding(
            stack=stack,
            what=Class.EXPIRY_AHEAD,
            severity=severity,
            path=paths.get(token.address, ""),
            address=token.address,
            resource=describe(_TOKEN, token.values, names_of(plan)),
            detail=f"The Actions secret {environment.secret} holds it, and it expires on {ends:%Y-%m-%d at %H:%M} UTC.",
            remedy=f"{remedies.rotate(stack, days=environment.token.rotation.days)}.",
        ),
    )


def _in_use(plan: Plan) -> _Token | None:
    """The token whose value the secret holds; where the secret is gone, the one that it should hold."""
    tokens = [
        _Token(held.address, str(held.values.get("id")), held.values) for held in plan.held if held.type == _TOKEN
    ]
    secrets = [held for held in plan.held if held.managed and held.type.endswith("_secret")]
    values = {secret.values.get(_HOLDS) for secret in secrets}
    for token in tokens:
        if token.values.get(_VALUE) in values:
            return token
    referred = frozenset().union(*(configured.behind((_HOLDS,)) for configured in plan.configured.values()))
    return next((token for token in tokens if token.address in referred), None)


def _may_expire_unnoticed(token: _Token, environment: EnvironmentSettings, now: datetime) -> bool:
    """Whether its period is over, and it could be as old as its period: before that, the next deploy is in time."""
    period = token_period(token.values)
    lifetime = int(token.values.get("lifetime_seconds") or 0)
    if period is None or not lifetime:
        return True
    warned = period.begin + timedelta(seconds=lifetime) - timedelta(days=_STAGES[-1][0])
    return now >= period.begin + environment.token.rotation and now >= warned
