"""Around an environment's principal: others of its name, further ways to be it, and where else it is."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import partial

from databricks.sdk.errors import NotFound
from databricks.sdk.errors.base import DatabricksError
from databricks.sdk.service.settings import TokenInfo

from checks.audit.orphans import UNUSED, claimed, used
from checks.audit.states import state_of
from checks.check import Check, Finding, Fix, Outcome, Remedy, UncheckableError
from checks.commands import databricks
from checks.live import Live
from checks.refusals import said
from checks.remedies import deploy_environment, take_places_away, take_roles_away
from checks.securables import made_here
from checks.synthesized import Stack
from checks.terraform import StateResource, Terraform
from checks.unity import all_grants, direct_grants
from checks.workspaces import workspace_id
from settings import EnvironmentSettings
from unity_catalog import SecurableType

_FIX = "python -m checks audit --fix"


def identity_checks(
    live: Live, terraform: Terraform, environment: EnvironmentSettings, stack: Stack, stacks: Mapping[str, Stack]
) -> Iterator[Check]:
    """The checks of one environment; `stacks` are those of all environments, whose states tell what is somebody's."""
    name, principal = environment.name, environment.principal
    deployed = f"{name}.state"
    yield Check(
        id=deployed,
        about=f"{name} is deployed, and its state opens",
        needs=(),
        run=lambda: f"{len(_state(live, terraform, stack))} resources",
        remedy=deploy_environment(name),
        docs="what-terraform-cannot-see",
    )

    def check(id_: str, about: str, run: partial[Outcome], remedy: Remedy) -> Check:
        return Check(f"{name}.{id_}", about, (deployed,), run, remedy, "what-terraform-cannot-see")

    ours = (live, terraform, environment, stack)
    yield check(
        "principals",
        f"one service principal is called {principal}",
        partial(_principals, *ours, stacks),
        Remedy("find out who owns the others, and remove those that nobody does", (_FIX,)),
    )
    yield check(
        "tokens",
        f"every live token of {principal} is in one of its two slots",
        partial(_tokens, *ours, stacks),
        Remedy("revoke those that are in no slot, and find out who made them", (_FIX,)),
    )
    yield check(
        "oauth-secrets",
        f"{principal} has no OAuth secret",
        partial(_oauth_secrets, *ours),
        Remedy("delete them, and find out who made them", (_FIX,)),
    )
    yield check(
        "federation",
        f"nobody logs in as {principal} by a federation policy",
        partial(_federation, *ours),
        Remedy("delete the policy; if it is intended, --skip this"),
    )
    yield check(
        "account-roles",
        f"{principal} has no role in the account",
        partial(_account_roles, *ours),
        take_roles_away(),
    )
    yield check(
        "assignments",
        f"{principal} is assigned to its own workspace alone",
        partial(_assignments, *ours),
        take_places_away(),
    )
    yield check(
        "grants-elsewhere",
        f"{principal} was granted nothing on other catalogs, nor on other schemas of its own",
        partial(_grants_elsewhere, *ours),
        Remedy("take the grants away, or list what they are on in mlops.yaml", by="the owner"),
    )
    for kind, made in sorted(made_here(environment)):
        yield check(
            f"grants-of-others.{made}",
            f"nobody else was granted anything on the {kind} {made}, which the stack creates",
            partial(_grants_of_others, *ours, kind, made),
            Remedy("take the grants away; if they are intended, --skip this", by=f"the owner of {made}"),
        )


def _state(live: Live, terraform: Terraform, stack: Stack) -> tuple[StateResource, ...]:
    held = state_of(live, terraform, stack)
    if not held:
        raise UncheckableError(f"{stack.name} was never deployed; preflight says what it lacks")
    return held


def _principal(live: Live, terraform: Terraform, stack: Stack) -> StateResource:
    """The principal that the stack knows."""
    found = [one for one in _state(live, terraform, stack) if one.type == "databricks_service_principal"]
    if len(found) != 1:
        raise UncheckableError(f"the state of {stack.name} has no service principal: deploy it")
    return found[0]


def _principals(
    live: Live, terraform: Terraform, environment: EnvironmentSettings, stack: Stack, stacks: Mapping[str, Stack]
) -> Outcome:
    known = _principal(live, terraform, stack).id
    account = live.account
    others = [
        one
        for one in account.service_principals_v2.list(filter=f'displayName eq "{environment.principal}"')
        if one.display_name == environment.principal and one.id and one.id != known
    ]
    if not others:
        return f"its id is {known}"
    fixes, told = [], []
    for one in others:
        kind = "databricks_service_principal"
        kept = claimed(live, terraform, stacks, kind, str(one.id)) or used(live, one)
        told.append(f"{one.id} ({kept})" if kept else str(one.id))
        if kept is None:
            what = f"the service principal {one.display_name} with id {one.id} (application id {one.application_id})"
            fixes.append(Fix(f"{what}: {UNUSED}", partial(account.service_principals_v2.delete, str(one.id))))
    remedy = None if fixes else Remedy("find out who owns the others: --fix removes none of them")
    return Finding(f"besides {known} there are {', '.join(told)}", remedy, fixes=tuple(fixes))


def _tokens(
    live: Live, terraform: Terraform, environment: EnvironmentSettings, stack: Stack, stacks: Mapping[str, Stack]
) -> Outcome:
    principal = _principal(live, terraform, stack).id
    slots = {one.id for one in _state(live, terraform, stack) if one.type == "databricks_obo_token"}
    client, now = live.workspace(environment), live.settings.invocation.now
    living = [
        token for token in client.token_management.list() if str(token.owner_id) == principal and _lives(token, now)
    ]
    others = [token for token in living if token.token_id not in slots]
    if not others:
        return f"live tokens: {len(living)}"
    fixes, told = [], []
    for token in others:
        kept = claimed(live, terraform, stacks, "databricks_obo_token", str(token.token_id))
        what = f"{str(token.token_id)[:8]}... ({token.comment or 'without a comment'})"
        told.append(f"{what}: {kept}" if kept else what)
        if kept is None:
            by = f"the token {what}, made by {token.created_by_username}: no state holds it"
            fixes.append(Fix(by, partial(client.token_management.delete, str(token.token_id))))
    return Finding(f"{len(others)} not in a slot: {', '.join(told)}", fixes=tuple(fixes))


def _lives(token: TokenInfo, now: datetime) -> bool:
    expiry = token.expiry_time or -1
    return expiry < 0 or datetime.fromtimestamp(expiry / 1000, UTC) > now


def _oauth_secrets(live: Live, terraform: Terraform, _: EnvironmentSettings, stack: Stack) -> Outcome:
    principal = _principal(live, terraform, stack).id
    secrets = live.account.service_principal_secrets
    found = [one for one in secrets.list(principal) if one.id]
    if not found:
        return f"the account lists none for {principal}"
    fixes = tuple(
        Fix(f"the OAuth secret {one.id} of {one.create_time}", partial(secrets.delete, principal, str(one.id)))
        for one in found
    )
    return Finding(f"it has {', '.join(str(one.id) for one in found)}", fixes=fixes)


def _federation(live: Live, terraform: Terraform, _: EnvironmentSettings, stack: Stack) -> Outcome:
    principal = _principal(live, terraform, stack).id
    policies = list(live.account.service_principal_federation_policy.list(int(principal)))
    if not policies:
        return f"the account lists none for {principal}"
    described = []
    for policy in policies:
        oidc = policy.oidc_policy
        described.append(
            f"{policy.policy_id or policy.name}: {oidc.issuer if oidc else '?'} {oidc.subject if oidc else '?'}"
        )
    return Finding("; ".join(described))


def _account_roles(live: Live, terraform: Terraform, _: EnvironmentSettings, stack: Stack) -> Outcome:
    principal, settings = _principal(live, terraform, stack).id, live.settings
    found = live.account.service_principals_v2.get(principal)
    roles = sorted(str(role.value) for role in found.roles or ())
    if not roles:
        return f"the account lists none for {principal}"
    change = {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "remove", "path": f'roles[value eq "{role}"]'} for role in roles],
    }
    path = f"/api/2.0/accounts/{settings.account_id}/scim/v2/ServicePrincipals/{principal}"
    take = databricks("PATCH", settings.account.host, path, change, account_id=settings.account_id)
    return Finding(f"it is {', '.join(roles)}", take_roles_away(take))


def _assignments(live: Live, terraform: Terraform, environment: EnvironmentSettings, stack: Stack) -> Outcome:
    principal, settings = _principal(live, terraform, stack).id, live.settings
    own, elsewhere = workspace_id(live, environment), []
    for workspace in live.workspaces():
        if workspace.workspace_id is None or workspace.workspace_id == own:
            continue
        for one in live.account.workspace_assignment.list(workspace.workspace_id):
            if one.principal and str(one.principal.principal_id) == principal:
                elsewhere.append(workspace)
    if not elsewhere:
        others = sum(one.workspace_id not in (None, own) for one in live.workspaces())
        return f"other workspaces looked at: {others}"
    base = f"/api/2.0/accounts/{settings.account_id}/workspaces"
    commands = tuple(
        databricks(
            "DELETE",
            settings.account.host,
            f"{base}/{workspace.workspace_id}/permissionassignments/principals/{principal}",
            account_id=settings.account_id,
        )
        for workspace in elsewhere
    )
    names = ", ".join(str(one.workspace_name) for one in elsewhere)
    return Finding(f"also in {names}", take_places_away(*commands))


def _grants_elsewhere(live: Live, terraform: Terraform, environment: EnvironmentSettings, stack: Stack) -> Outcome:
    application_id = str(_principal(live, terraform, stack).attributes["application_id"])
    client = live.workspace(environment)
    known = {catalog.name for catalog in environment.catalogs}
    listed = {f"{catalog.name}.{catalog.schema}" for catalog in environment.catalogs if catalog.schema}
    for table in (*environment.input_tables, *environment.output_tables):
        catalog_name, schema_name, _ = table.split(".", 2)
        known.add(catalog_name)
        listed.add(f"{catalog_name}.{schema_name}")
    looked_at = [(SecurableType.CATALOG, str(one.name)) for one in client.catalogs.list() if one.name not in known]
    for catalog in environment.catalogs:
        looked_at += [
            (SecurableType.SCHEMA, str(one.full_name))
            for one in client.schemas.list(catalog.name)
            if one.full_name not in listed
        ]
    found = []
    for kind, name in dict.fromkeys(looked_at):
        try:
            held = direct_grants(client, kind, name, application_id)
        except NotFound:
            continue
        except DatabricksError as error:
            raise UncheckableError(f"the grants on the {kind} {name} cannot be read: {said(error)}") from None
        if held:
            found.append(f"{', '.join(sorted(held))} on the {kind} {name}")
    return (
        Finding("; ".join(found)) if found else f"other catalogs and schemas looked at: {len(dict.fromkeys(looked_at))}"
    )


def _grants_of_others(
    live: Live, terraform: Terraform, environment: EnvironmentSettings, stack: Stack, kind: SecurableType, made: str
) -> Outcome:
    application_id = str(_principal(live, terraform, stack).attributes["application_id"])
    grants = all_grants(live.workspace(environment), kind, made)
    others = {who: held for who, held in grants.items() if who != application_id and held}
    if others:
        return Finding("; ".join(f"{who}: {', '.join(sorted(held))}" for who, held in sorted(others.items())))
    return f"granted to {', '.join(sorted(who for who, held in grants.items() if held)) or 'nobody'}"
