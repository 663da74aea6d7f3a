"""A workspace: whether it belongs to the account, lets the caller administer it, and lets principals have tokens."""

from collections.abc import Sequence
from typing import Any

from databricks.sdk.errors import NotFound, PermissionDenied
from databricks.sdk.errors.base import DatabricksError

from checks.check import Check, Finding, Outcome, Remedy, UncheckableError
from checks.commands import databricks
from checks.live import Live
from checks.preflight.account import ADMIN as ACCOUNT_ADMIN
from checks.preflight.account import caller
from checks.refusals import LoginError, said
from checks.remedies import make_metastore, make_workspace_admin
from checks.workspaces import is_admin, workspace_id
from settings import EnvironmentSettings

_TOKENS = "/api/2.0/permissions/authorization/tokens"
_CONFIGURATION = "/api/2.0/workspace-conf"
METASTORE = "account.metastore"
_CLOUDS_WITH_TOKENS = ("aws", "gcp")
"""Where a token can be made on behalf of a principal (docs/resources/obo_token.md of the provider)."""


def account_metastore_check(live: Live, environments: Sequence[EnvironmentSettings]) -> Check:
    """Whether the account has a metastore in each region that the environments' workspaces are in."""
    return Check(
        id=METASTORE,
        about="the account has a metastore where the workspaces are",
        needs=tuple(f"{environment.name}.workspace" for environment in environments),
        run=lambda: _account_metastore(live, environments),
        remedy=make_metastore(),
        docs="workspaces",
    )


def workspace_checks(live: Live, environment: EnvironmentSettings) -> list[Check]:
    """The checks of one environment's workspace."""
    name, host = environment.name, environment.workspace.host

    def check(id_: str, about: str, needs: Sequence[str], run: Any, remedy: Remedy, docs: str = "workspaces") -> Check:
        return Check(f"{name}.{id_}", about, tuple(needs), run, remedy, docs)

    checks = [
        check(
            "workspace",
            f"{host} is a workspace of the account",
            [ACCOUNT_ADMIN],
            lambda: _belongs(live, environment),
            Remedy(f"correct environments.{name}.host or account.id in mlops.yaml"),
        ),
        check(
            "metastore",
            f"Unity Catalog is enabled in {host}: it has a metastore",
            [f"{name}.workspace", METASTORE],
            lambda: _metastore(live, environment),
            Remedy("assign a metastore to the workspace", by="an account admin"),
        ),
        check(
            "login",
            f"{host} lets you in",
            # Without a metastore, a workspace takes nobody from the account.
            [f"{name}.metastore"],
            lambda: _login(live, environment),
            Remedy(f"assign the caller to the workspace, as ADMIN: {name}.admin needs that", by="an account admin"),
        ),
        check(
            "admin",
            f"you are a workspace admin of {host}",
            [f"{name}.login"],
            lambda: _admin(live, environment),
            make_workspace_admin(),
        ),
        check(
            "tokens-enabled",
            f"tokens are enabled in {host} and you may manage them",
            [f"{name}.admin"],
            lambda: _tokens_enabled(live, environment),
            Remedy(
                "enable personal access tokens in the workspace",
                (databricks("PATCH", host, _CONFIGURATION, {"enableTokensConfig": "true"}),),
            ),
            "tokens",
        ),
        check(
            "token-lifetime",
            f"{host} takes tokens that live {environment.token.lifetime.days} days",
            [f"{name}.tokens-enabled"],
            lambda: _lifetime(live, environment),
            Remedy("write a shorter lifetime"),
            "tokens",
        ),
        check(
            "token-use",
            f"{environment.principal} may use tokens in {host}",
            [f"{name}.tokens-enabled", *([f"{name}.token-users-group"] if environment.token_users_group else [])],
            lambda: _token_use(live, environment),
            Remedy(
                "let a group that the principal is in use tokens; the other groups keep what they have",
                (_allow_tokens(environment),),
            ),
            "tokens",
        ),
    ]
    if group := environment.token_users_group:
        checks.insert(
            -1,
            check(
                "token-users-group",
                f"the account has the group {group}, and it is assigned to {host}",
                [f"{name}.login"],
                lambda: _group(live, environment, group),
                Remedy(f"make the group, or correct environments.{name}.token_users_group", by="an account admin"),
                "tokens",
            ),
        )
    checks += [
        check(
            "cloud",
            f"the cloud of {host} has tokens on behalf of principals",
            [f"{name}.login"],
            lambda: _cloud(live, environment),
            Remedy(
                "use a workspace on AWS or GCP; on Azure, the guide's secrets hold an Entra service principal instead"
            ),
            "tokens",
        ),
    ]
    return checks


def metastore_checks(live: Live, environments: Sequence[EnvironmentSettings]) -> list[Check]:
    """Whether environments that use one catalog find the same one behind its name."""
    if len({environment.workspace.host for environment in environments}) < 2:
        return []
    return [
        Check(
            id="metastores",
            about="environments that name the same catalog share a metastore",
            needs=tuple(f"{environment.name}.metastore" for environment in environments),
            run=lambda: _same_metastore(live, environments),
            remedy=Remedy(
                "assign one metastore to their workspaces, or name different catalogs", by="an account admin"
            ),
            docs="workspaces",
        )
    ]


def region_of(live: Live, environment: EnvironmentSettings) -> str | None:
    """The region of the environment's workspace, where the account tells."""
    number = workspace_id(live, environment)
    return next((one.aws_region or one.location for one in live.workspaces() if one.workspace_id == number), None)


def metastore_id(live: Live, environment: EnvironmentSettings) -> str:
    """The metastore that is assigned to the workspace; NotFound where none is."""

    def ask() -> str:
        assigned = live.account.metastore_assignments.get(workspace_id(live, environment) or 0)
        return str(assigned.metastore_assignment.metastore_id if assigned.metastore_assignment else "")

    return live.once(("metastore", environment.name), ask)


def _belongs(live: Live, environment: EnvironmentSettings) -> Outcome:
    found = workspace_id(live, environment)
    if found is None:
        names = ", ".join(sorted(str(one.deployment_name) for one in live.workspaces()))
        return Finding(f"the account has only the workspaces {names}" if names else "the account has no workspaces")
    return f"its number is {found}"


def _login(live: Live, environment: EnvironmentSettings) -> Outcome:
    try:
        me = live.me(environment)
    except (LoginError, PermissionDenied) as error:
        return Finding(said(error), _assignment(live, environment))
    return f"as {me.display_name or me.user_name}"


def _admin(live: Live, environment: EnvironmentSettings) -> Outcome:
    if is_admin(live.me(environment)):
        return "by its group admins"
    return Finding("you are a user of it", _assignment(live, environment))


def _assignment(live: Live, environment: EnvironmentSettings) -> Remedy:
    """Giving the caller the place of an admin, by the account, which works from outside the workspace."""
    settings, number = live.settings, workspace_id(live, environment)
    found = _scim_id(live)
    commands: tuple[str, ...] = ()
    if found and number:
        path = f"/api/2.0/accounts/{settings.account_id}/workspaces/{number}/permissionassignments/principals/{found}"
        body = {"permissions": ["ADMIN"]}
        commands = (databricks("PUT", settings.account.host, path, body, account_id=settings.account_id),)
    return make_workspace_admin(*commands)


def _scim_id(live: Live) -> str | None:
    """The caller's id in the account."""
    name = caller(live)
    if live.account.config.client_id:
        principals = live.account.service_principals_v2.list(filter=f'applicationId eq "{name}"')
        return next((one.id for one in principals), None)
    return next((one.id for one in live.account.users_v2.list(filter=f'userName eq "{name}"')), None)


def _tokens_enabled(live: Live, environment: EnvironmentSettings) -> Outcome:
    client = live.workspace(environment)
    if _configured(live, environment, "enableTokensConfig") == "false":
        return Finding("personal access tokens are disabled")
    try:
        count = sum(1 for _ in client.token_management.list())
    except DatabricksError as error:
        return Finding(
            said(error), Remedy("let the caller manage tokens: workspace admins may", by="a workspace admin")
        )
    return f"it has {count} tokens"


def _lifetime(live: Live, environment: EnvironmentSettings) -> Outcome:
    longest = _configured(live, environment, "maxTokenLifetimeDays")
    if not longest or not longest.isdecimal() or int(longest) == 0:
        return "it sets no limit"
    if int(longest) >= environment.token.lifetime.days:
        return f"its limit is {longest} days"
    change = databricks(
        "PATCH",
        environment.workspace.host,
        _CONFIGURATION,
        {"maxTokenLifetimeDays": str(environment.token.lifetime.days)},
    )
    remedy = Remedy(
        f"write {longest} or less into environments.{environment.name}.token.lifetime_days of mlops.yaml, or raise the "
        "limit",
        (change,),
    )
    return Finding(f"its limit is {longest} days", remedy)


def _configured(live: Live, environment: EnvironmentSettings, key: str) -> str | None:
    client = live.workspace(environment)
    answer = live.once((key, environment.name), lambda: client.workspace_conf.get_status(keys=key))
    value = (answer or {}).get(key)
    return None if value is None else str(value)


def _token_use(live: Live, environment: EnvironmentSettings) -> Outcome:
    answer = live.workspace(environment).api_client.do("GET", _TOKENS)
    assert isinstance(answer, dict)
    allowed = {entry["group_name"] for entry in answer.get("access_control_list", ()) if "group_name" in entry}
    wanted = environment.token_users_group
    if wanted is not None:
        return f"through the group {wanted}" if wanted in allowed else Finding(f"the group {wanted} may not use tokens")
    # Every principal with a place in the workspace is in `users`.
    if "users" in allowed:
        return "through the group users"
    return Finding(
        f"only {', '.join(sorted(allowed)) or 'nobody'} may use tokens, and the principal will be in none of "
        "these groups"
    )


def _allow_tokens(environment: EnvironmentSettings) -> str:
    entry = {"group_name": environment.token_users_group or "users", "permission_level": "CAN_USE"}
    return databricks("PATCH", environment.workspace.host, _TOKENS, {"access_control_list": [entry]})


def _group(live: Live, environment: EnvironmentSettings, name: str) -> Outcome:
    settings, number = live.settings, workspace_id(live, environment)
    account, host = f"/api/2.0/accounts/{settings.account_id}", settings.account.host
    found = next(iter(live.account.groups_v2.list(filter=f'displayName eq "{name}"')), None)
    group_id = str(found.id) if found else "$ID"
    place = databricks(
        "PUT",
        host,
        f"{account}/workspaces/{number}/permissionassignments/principals/ID",
        {"permissions": ["USER"]},
        account_id=settings.account_id,
    ).replace("principals/ID", f"principals/{group_id}")
    if found is None:
        make = databricks(
            "POST", host, f"{account}/scim/v2/Groups", {"displayName": name}, account_id=settings.account_id
        )
        pick = """python3 -c 'import json, sys; print(json.load(sys.stdin)["id"])'"""
        text = "make the group and assign it to the workspace, or name another one in mlops.yaml"
        return Finding(
            f"there is no group {name}", Remedy(text, (f"ID=$({make} | {pick})", place), by="an account admin")
        )
    assigned = live.account.workspace_assignment.list(number or 0)
    if any(str(one.principal.principal_id) == group_id for one in assigned if one.principal):
        return f"its id is {group_id}"
    remedy = Remedy("assign the group to the workspace", (place,), by="an account admin")
    return Finding("it is not assigned to the workspace", remedy)


def _account_metastore(live: Live, environments: Sequence[EnvironmentSettings]) -> Outcome:
    settings, metastores = live.settings, live.metastores()
    there = {one.region for one in metastores}
    wanted = {region for environment in environments if (region := region_of(live, environment))}
    missing = sorted(wanted - there)
    if not missing and metastores:
        return ", ".join(sorted(f"{one.name} in {one.region}" for one in metastores))
    path = f"/api/2.0/accounts/{settings.account_id}/metastores"
    commands = tuple(
        databricks(
            "POST",
            settings.account.host,
            path,
            {"metastore_info": {"name": f"metastore-{region}", "region": region}},
            account_id=settings.account_id,
        )
        for region in missing
    )
    found = f"there is none in {', '.join(missing)}" if missing else "there is none"
    return Finding(found, make_metastore(*commands))


def _metastore(live: Live, environment: EnvironmentSettings) -> Outcome:
    try:
        return f"its metastore is {metastore_id(live, environment)}"
    except NotFound as error:
        return Finding(said(error), _assign_metastore(live, environment))


def _assign_metastore(live: Live, environment: EnvironmentSettings) -> Remedy:
    settings, number = live.settings, workspace_id(live, environment)
    region = region_of(live, environment)
    fitting = [one for one in live.metastores() if region in (None, one.region)]
    if len(fitting) != 1:
        names = ", ".join(f"{one.name} ({one.metastore_id})" for one in fitting)
        return Remedy(f"assign one of these to the workspace: {names}", by="an account admin")
    chosen = fitting[0].metastore_id
    body = {"metastore_assignment": {"workspace_id": number, "metastore_id": chosen}}
    path = f"/api/2.0/accounts/{settings.account_id}/workspaces/{number}/metastores/{chosen}"
    assign = databricks("POST", settings.account.host, path, body, account_id=settings.account_id)
    return Remedy(f"assign the metastore {fitting[0].name} to the workspace", (assign,), by="an account admin")


def _cloud(live: Live, environment: EnvironmentSettings) -> Outcome:
    client = live.workspace(environment)
    cloud = live.once(("summary", environment.name), lambda: client.metastores.summary().cloud)
    if cloud is None:
        raise UncheckableError("the metastore does not say in which cloud it is")
    return str(cloud) if cloud in _CLOUDS_WITH_TOKENS else Finding(f"it is on {cloud}, which has none")


def _same_metastore(live: Live, environments: Sequence[EnvironmentSettings]) -> Outcome:
    where: dict[str, dict[str, list[str]]] = {}
    for environment in environments:
        for catalog in {catalog.name for catalog in environment.catalogs}:
            where.setdefault(catalog, {}).setdefault(metastore_id(live, environment), []).append(environment.name)
    apart = {catalog: found for catalog, found in where.items() if len(found) > 1}
    if apart:
        said_ = "; ".join(
            f"{catalog} is in metastore "
            + " and in ".join(f"{one} for {', '.join(names)}" for one, names in found.items())
            for catalog, found in apart.items()
        )
        return Finding(said_)
    count = len({one for found in where.values() for one in found})
    return "one metastore" if count == 1 else f"{count} metastores, and no catalog in two of them"
