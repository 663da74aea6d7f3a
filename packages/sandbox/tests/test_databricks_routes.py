"""The route table as a whole: who is refused where."""

import re
from typing import Any

from databricks.sdk.service import catalog

from packages.sandbox.tests.databricks_sandbox import ACCOUNT_ID, STAGING, DatabricksSandbox
from sandbox.databricks.rest.rules.principals import AccountAdmin, Every, TokenManager, WorkspaceAdmin
from sandbox.databricks.rest.rules.unity_catalog import (
    Manages,
    ManagesBindings,
    ManagesGrants,
    Needs,
    NeedsOnMetastore,
    Sees,
    SeesGrants,
)
from sandbox.databricks.routes import ROUTES
from sandbox.route import Route
from sandbox.rules import Public
from sandbox.world import HostKind

ADMIN_RULES = (AccountAdmin, TokenManager, WorkspaceAdmin)
PRIVILEGE_RULES = (Manages, ManagesBindings, ManagesGrants, Needs, NeedsOnMetastore, Sees, SeesGrants)

# A securable of each kind, for rows that ask for a privilege on one.
EXISTING = {
    "catalogs": "staging",
    "schemas": "staging.taxi_fare",
    "tables": "source.trips.yellow",
    "volumes": "staging.taxi_fare.files",
    "models": "staging.taxi_fare.fare",
}


def _path(route: Route) -> str:
    filled = route.path.replace("{account_id}", ACCOUNT_ID).replace("{workspace_id}", str(STAGING.id))
    return re.sub(r"\{[^}]+\}", "1", filled)


def _asks_for(route: Route, rules: tuple[type, ...]) -> bool:
    """Whether one of the rules is what lets a caller in, if only together with others."""
    asked = route.rule.rules if isinstance(route.rule, Every) else (route.rule,)
    return isinstance(asked[0], rules)


def _name(route: Route) -> str:
    return f"{route.host.value} {route.method} {route.path}"


def test_no_row_stands_twice() -> None:
    rows = [(route.method, route.host, re.sub(r"\{[^}]+\}", "{}", route.path)) for route in ROUTES]
    assert len(set(rows)) == len(rows)


def test_every_row_but_those_that_log_in_has_a_rule() -> None:
    public = [route.path for route in ROUTES if isinstance(route.rule, Public)]
    assert all("/oidc/" in path or path == "/.well-known/databricks-config" for path in public)


def test_only_admins_reach_what_is_for_admins(databricks: DatabricksSandbox) -> None:
    """Every such row in one go: a sandbox for each would take longer than all of them together."""
    principal, member = databricks.make_member()
    secret = databricks.account().service_principal_secrets.create(principal.id)
    account_token = databricks.account(principal.application_id, secret.secret).config.authenticate()["Authorization"]
    before = databricks.store.dump()
    statuses = {}
    for route in (route for route in ROUTES if _asks_for(route, ADMIN_RULES)):
        on_account = route.host is HostKind.ACCOUNT
        host = databricks.world.account_host if on_account else STAGING.host
        token = account_token.removeprefix("Bearer ") if on_account else member.config.token
        body: Any = None if route.method in ("GET", "DELETE") else {}
        statuses[_name(route)] = databricks.send(route.method, host, _path(route), token=token, body=body).status
    assert {name: status for name, status in statuses.items() if status != 403} == {}
    assert len(statuses) > 60
    assert databricks.store.dump() == before


def test_who_was_granted_nothing_is_refused_wherever_a_privilege_is_needed(databricks: DatabricksSandbox) -> None:
    here = databricks.workspace()
    here.registered_models.create(name="fare", catalog_name="staging", schema_name="taxi_fare")
    here.volumes.create("staging", "taxi_fare", "files", catalog.VolumeType.MANAGED)
    _, member = databricks.make_member()
    before = databricks.store.dump()
    body = {"catalog_name": "staging", "schema_name": "taxi_fare", "name": "new", "volume_type": "MANAGED"}
    statuses = {}
    for route in (route for route in ROUTES if isinstance(route.rule, PRIVILEGE_RULES)):
        collection = route.path.removeprefix("/api/2.1/unity-catalog/").partition("/")[0]
        path = route.path.replace("{securable_type}/{full_name}", "catalog/staging")
        path = path.replace("synced_tables/{name}", f"synced_tables/{EXISTING['tables']}")
        path = path.replace("{full_name}", EXISTING.get(collection, "")).replace("{name}", "staging")
        path = path.replace("{alias}", "champion")
        sent = None if route.method in ("GET", "DELETE") else body
        reply = databricks.send(route.method, STAGING.host, path, token=member.config.token, body=sent)
        statuses[_name(route)] = reply.status
    assert {name: status for name, status in statuses.items() if status != 403} == {}
    assert len(statuses) > 25
    assert databricks.store.dump() == before


def test_no_row_answers_without_a_credential(databricks: DatabricksSandbox) -> None:
    for route in ROUTES:
        if not isinstance(route.rule, Public):
            host = databricks.world.account_host if route.host is HostKind.ACCOUNT else STAGING.host
            assert databricks.send(route.method, host, _path(route)).status == 401, _name(route)


def test_a_body_that_is_no_object_is_refused(databricks: DatabricksSandbox) -> None:
    _, member = databricks.make_member(permission="ADMIN")
    for route in ROUTES:
        if route.host is HostKind.WORKSPACE and route.method in ("POST", "PUT", "PATCH") and not route.raw:
            reply = databricks.send(route.method, STAGING.host, _path(route), token=member.config.token, body=[1])
            assert 400 <= reply.status < 500, _name(route)
