"""Who gets in: what opens which host, and what opens nothing."""

import base64
import hashlib
import hmac
from datetime import timedelta
from typing import Any

import pytest
import requests
from databricks.sdk.errors import NotFound, PermissionDenied, Unauthenticated

from packages.sandbox.tests.databricks_sandbox import (
    ACCOUNT_ID,
    ADMIN_CLIENT_ID,
    PROD,
    STAGING,
    DatabricksSandbox,
)
from sandbox.dispatch import Reply
from sandbox.state import masked
from sandbox.world import Workspace


def _me(databricks: DatabricksSandbox, token: str | None, workspace: Workspace = STAGING) -> Reply:
    return databricks.send("GET", workspace.host, "/api/2.0/preview/scim/v2/Me", token=token)


def test_the_admin_logs_in_to_the_account_and_to_each_workspace(databricks: DatabricksSandbox) -> None:
    assert ADMIN_CLIENT_ID in {sp.application_id for sp in databricks.account().service_principals_v2.list()}
    for workspace in (STAGING, PROD):
        assert databricks.workspace(workspace).current_user.me().user_name == ADMIN_CLIENT_ID


def test_a_workspace_answers_with_its_id(databricks: DatabricksSandbox) -> None:
    _, member = databricks.make_member()
    assert member.get_workspace_id() == STAGING.id
    assert _me(databricks, None).headers["x-databricks-org-id"] == str(STAGING.id)


def test_a_wrong_client_secret_is_refused(databricks: DatabricksSandbox) -> None:
    with pytest.raises(ValueError, match="invalid_client"):
        databricks.account(client_secret="wrong").service_principals_v2.create()


@pytest.mark.parametrize("token", [None, "", "dapi0000", "a.b.c", "ey.e30.x", "é.ü.ö"])
def test_what_we_did_not_issue_gets_401(databricks: DatabricksSandbox, token: Any) -> None:
    for host, path in (
        (STAGING.host, "/api/2.0/preview/scim/v2/Me"),
        (databricks.world.account_host, f"/api/2.0/accounts/{ACCOUNT_ID}/scim/v2/ServicePrincipals"),
    ):
        assert databricks.send("GET", host, path, token=token).status == 401


def test_a_token_works_on_its_workspace_as_its_principal(databricks: DatabricksSandbox) -> None:
    principal, member = databricks.make_member()
    me = member.current_user.me()
    assert (me.id, me.user_name, me.display_name) == (principal.id, principal.application_id, "ci")


def test_a_token_opens_neither_another_workspace_nor_the_account(databricks: DatabricksSandbox) -> None:
    principal, member = databricks.make_member()
    databricks.assign(principal.id, workspace=PROD)
    token = member.config.token
    with pytest.raises(Unauthenticated):
        databricks.workspace(PROD, token=token).current_user.me()
    reply = databricks.send(
        "GET", databricks.world.account_host, f"/api/2.0/accounts/{ACCOUNT_ID}/workspaces", token=token
    )
    assert reply.status == 401


def test_an_expired_token_gets_401(databricks: DatabricksSandbox) -> None:
    principal, _ = databricks.make_member()
    admin = databricks.workspace()
    issued = admin.token_management.create_obo_token(application_id=principal.application_id, lifetime_seconds=60)
    assert _me(databricks, issued.token_value).status == 200
    databricks.clock.offset += timedelta(seconds=60)
    assert _me(databricks, issued.token_value).status == 401


def test_a_revoked_token_gets_401(databricks: DatabricksSandbox) -> None:
    principal, _ = databricks.make_member()
    admin = databricks.workspace()
    issued = admin.token_management.create_obo_token(application_id=principal.application_id)
    admin.token_management.delete(issued.token_info.token_id)
    assert _me(databricks, issued.token_value).status == 401


def test_the_token_of_a_principal_that_left_the_workspace_gets_403(databricks: DatabricksSandbox) -> None:
    principal, member = databricks.make_member()
    databricks.account().workspace_assignment.delete(STAGING.id, int(principal.id))
    with pytest.raises(PermissionDenied, match="not authorized"):
        member.current_user.me()


def test_the_token_of_a_deactivated_principal_gets_403(databricks: DatabricksSandbox) -> None:
    principal, member = databricks.make_member()
    databricks.account().api_client.do(
        "PATCH",
        f"/api/2.0/accounts/{ACCOUNT_ID}/scim/v2/ServicePrincipals/{principal.id}",
        body={"Operations": [{"op": "replace", "path": "active", "value": [{"value": "false"}]}]},
    )
    assert databricks.account().service_principals_v2.get(principal.id).active is False
    with pytest.raises(PermissionDenied):
        member.current_user.me()


def test_the_token_of_a_deleted_principal_gets_401(databricks: DatabricksSandbox) -> None:
    principal, member = databricks.make_member()
    databricks.account().service_principals_v2.delete(principal.id)
    with pytest.raises(Unauthenticated):
        member.current_user.me()


def test_a_service_principal_logs_in_with_its_own_secret_until_the_secret_is_deleted(
    databricks: DatabricksSandbox,
) -> None:
    principal = databricks.make_principal()
    secrets = databricks.account().service_principal_secrets
    secret = secrets.create(principal.id, lifetime="3600s")
    token = _log_in(databricks, principal.application_id, secret.secret, STAGING.host, "/oidc/v1/token")
    assert _me(databricks, token).status == 403
    databricks.assign(principal.id)
    assert _me(databricks, token).status == 200
    assert _me(databricks, token, PROD).status == 401
    secrets.delete(principal.id, secret.id)
    assert _me(databricks, token).status == 401


def test_an_access_token_of_the_account_works_wherever_its_principal_has_a_place(databricks: DatabricksSandbox) -> None:
    principal = databricks.make_principal()
    secret = databricks.account().service_principal_secrets.create(principal.id)
    path = f"/oidc/accounts/{ACCOUNT_ID}/v1/token"
    token = _log_in(databricks, principal.application_id, secret.secret, databricks.world.account_host, path)
    databricks.assign(principal.id)
    assert _me(databricks, token).status == 200
    assert _me(databricks, token, PROD).status == 403
    databricks.clock.offset += timedelta(hours=1)
    assert _me(databricks, token).status == 401


def test_an_expired_secret_does_not_log_in(databricks: DatabricksSandbox) -> None:
    principal = databricks.make_principal()
    secret = databricks.account().service_principal_secrets.create(principal.id, lifetime="60s")
    databricks.clock.offset += timedelta(seconds=60)
    with pytest.raises(requests.HTTPError):
        _log_in(databricks, principal.application_id, secret.secret, STAGING.host, "/oidc/v1/token")


def test_logging_in_changes_nothing(databricks: DatabricksSandbox) -> None:
    before = databricks.store.dump()
    databricks.account().service_principals_v2.list()
    databricks.workspace().current_user.me()
    assert databricks.store.dump() == before


def test_no_secret_and_no_token_is_in_the_state(databricks: DatabricksSandbox) -> None:
    principal, member = databricks.make_member()
    secret = databricks.account().service_principal_secrets.create(principal.id)
    state = str(databricks.store.dump())
    for value in (databricks.admin_secret, member.config.token, secret.secret):
        assert value not in state


def test_another_account_does_not_exist(databricks: DatabricksSandbox) -> None:
    with pytest.raises(NotFound):
        databricks.account().api_client.do("GET", "/api/2.0/accounts/another/workspaces")


def test_an_unknown_request_is_told_what_to_add(databricks: DatabricksSandbox) -> None:
    reply = databricks.send("GET", STAGING.host, "/api/2.0/nothing")
    assert reply.status == 501
    assert b"sandbox/databricks/routes.py" in reply.body


def _log_in(databricks: DatabricksSandbox, client_id: str, secret: str, host: str, path: str) -> str:
    form = {"grant_type": "client_credentials", "scope": "all-apis"}
    response = requests.post(f"https://{host}{path}", data=form, auth=(client_id, secret), timeout=5)
    response.raise_for_status()
    return str(response.json()["access_token"])


def _texts(value: Any) -> set[str]:
    """Every string in a JSON value, keys included."""
    if isinstance(value, dict):
        return {text for pair in value.items() for part in pair for text in _texts(part)}
    if isinstance(value, list):
        return {text for item in value for text in _texts(item)}
    return {value} if isinstance(value, str) else set()


def test_nothing_that_is_shown_verifies_an_access_token(databricks: DatabricksSandbox) -> None:
    token = databricks.account().config.authenticate()["Authorization"].removeprefix("Bearer ")
    signed, _, signature = token.rpartition(".")
    admin = next(iter(databricks.account().service_principals_v2.list()))
    secrets = databricks.account().service_principal_secrets.list(admin.id)
    shown = _texts(databricks.store.dump()) | _texts([one.as_dict() for one in secrets])
    keys = {key for text in shown for key in (text.encode(), hashlib.sha256(text.encode()).hexdigest().encode())}
    assert len(keys) > 50
    made = {base64.urlsafe_b64encode(hmac.digest(key, signed.encode(), "sha256")).rstrip(b"=") for key in keys}
    assert signature.encode() not in made


def test_a_secrets_hash_is_not_what_logins_are_checked_against(databricks: DatabricksSandbox) -> None:
    admin = next(iter(databricks.account().service_principals_v2.list()))
    kept = {document["digest"] for document in databricks.store.dump()["databricks.oauth_secret"].values()}
    listed = [one.secret_hash for one in databricks.account().service_principal_secrets.list(admin.id)]
    assert len(listed) == 1
    assert not kept & set(listed)
    assert not kept & _texts(masked(databricks.store.dump()))


def test_another_sandbox_does_not_know_our_access_tokens(databricks: DatabricksSandbox) -> None:
    token = databricks.account().config.authenticate()["Authorization"].removeprefix("Bearer ")
    assert _me(databricks, token).status == 200
    databricks.store.note("databricks.signing_key", "00" * 32)
    assert _me(databricks, token).status == 401
