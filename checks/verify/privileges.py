"""What the principal may do with data: everything that the guide's roles need, and nothing beyond mlops.yaml."""

from collections.abc import Iterator
from functools import partial

from databricks.sdk.errors import NotFound, PermissionDenied

from checks.check import Check, Finding, Outcome
from checks.live import Live
from checks.refusals import said
from checks.remedies import deploy_environment
from checks.roles import Need, needs, privileges_by_securable
from checks.unity import HeldPrivilege, direct_grants, effective_grants, identities
from checks.verify.identity import client_of, who
from settings import EnvironmentSettings
from unity_catalog import SecurableType

# What contains others (docs.databricks.com, "Unity Catalog privileges reference").
_ALL, _NOT_IN_ALL = "ALL_PRIVILEGES", {"MANAGE", "EXTERNAL_USE_SCHEMA"}


def privilege_checks(live: Live, environment: EnvironmentSettings) -> Iterator[Check]:
    """For each role, each of its securables; and for each securable, that nothing else was granted there."""
    needed = (f"{environment.name}.token",)
    redeploy = deploy_environment(environment.name)
    for need in sorted(set(needs(environment))):
        listed = ", ".join(need.privileges)
        yield Check(
            id=f"{environment.name}.{need.role.replace(' ', '-')}.{need.name}",
            about=f"{need.role}: {environment.principal} has {listed} on the {need.kind} {need.name}",
            needs=needed,
            run=partial(_effective, live, environment, need),
            remedy=redeploy,
            docs="proof-afterwards",
        )
    for (kind, name), wanted in sorted(privileges_by_securable(environment).items()):
        yield Check(
            id=f"{environment.name}.beyond.{kind}.{name}",
            about=f"{environment.principal} was granted nothing else on the {kind} {name}",
            needs=needed,
            run=partial(_beyond, live, environment, kind, name, frozenset(wanted)),
            remedy=redeploy,
            docs="proof-afterwards",
        )


def _effective(live: Live, environment: EnvironmentSettings, need: Need) -> Outcome:
    try:
        held = _held(live, environment, need.kind, need.name)
    except (NotFound, PermissionDenied) as error:
        return Finding(said(error))
    missing = [privilege for privilege in need.privileges if not _contains(held, privilege)]
    if missing:
        return Finding(f"it lacks {', '.join(missing)}")
    # What is inherited from where mlops.yaml says it is granted needs no mention.
    ours = {f"{kind} {name}": wanted for (kind, name), wanted in privileges_by_securable(environment).items()}
    inherited = sorted(
        {
            f"{one.privilege} from {one.source}"
            for one in held
            if one.source and one.privilege not in ours.get(one.source, ())
        }
    )
    told = f"in effect: {', '.join(sorted({one.privilege for one in held}))}"
    return f"{told}; also inherited: {', '.join(inherited)}" if inherited else told


def _beyond(
    live: Live, environment: EnvironmentSettings, kind: SecurableType, name: str, wanted: frozenset[str]
) -> Outcome:
    try:
        granted = direct_grants(client_of(live, environment), kind, name, str(who(live, environment).user_name))
    except (NotFound, PermissionDenied) as refusal:
        # Whoever was granted anything there may ask.
        return f"it may not even ask: {said(refusal)}"
    more = sorted(granted - wanted)
    if more:
        return Finding(f"it was also granted {', '.join(more)}")
    return f"granted: {', '.join(sorted(granted)) or 'nothing'}"


def _held(live: Live, environment: EnvironmentSettings, kind: SecurableType, name: str) -> set[HeldPrivilege]:
    client, me = client_of(live, environment), identities(who(live, environment))
    return live.once(("held", environment.name, kind, name), lambda: effective_grants(client, kind, name, me))


def _contains(held: set[HeldPrivilege], privilege: str) -> bool:
    names = {one.privilege for one in held}
    return privilege in names or (_ALL in names and privilege not in _NOT_IN_ALL)
