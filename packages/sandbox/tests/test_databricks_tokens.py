"""Tokens: on behalf of service principals, one's own, and who may have any."""

from typing import Any

import pytest
from databricks.sdk.errors import BadRequest, NotFound, PermissionDenied, Unauthenticated
from databricks.sdk.service import iam, settings

from packages.sandbox.tests.databricks_sandbox import PROD, STAGING, DatabricksSandbox

TOKEN_PERMISSIONS = "/api/2.0/permissions/authorization/tokens"


def test_a_token_is_shown_once_and_described_afterwards(databricks: DatabricksSandbox) -> None:
    principal = databricks.make_principal()
    databricks.assign(principal.id)
    tokens = databricks.workspace().token_management
    issued = tokens.create_obo_token(application_id=principal.application_id, comment="slot a", lifetime_seconds=3600)
    info = tokens.get(issued.token_info.token_id).token_info
    assert issued.token_value.startswith("dapi")
    assert (info.comment, info.owner_id, info.workspace_id) == ("slot a", int(principal.id), STAGING.id)
    assert info.expiry_time - info.creation_time == 3_600_000
    assert info.created_by_username != principal.application_id
    assert [listed.token_id for listed in tokens.list()] == [info.token_id]
    assert list(tokens.list(created_by_username=principal.application_id)) == []


def test_a_token_without_a_lifetime_never_expires(databricks: DatabricksSandbox) -> None:
    principal = databricks.make_principal()
    databricks.assign(principal.id)
    issued = databricks.workspace().token_management.create_obo_token(application_id=principal.application_id)
    assert issued.token_info.expiry_time == -1
    assert issued.token_info.comment is None


def test_a_deleted_token_does_not_exist(databricks: DatabricksSandbox) -> None:
    principal = databricks.make_principal()
    databricks.assign(principal.id)
    before = databricks.store.dump()
    tokens = databricks.workspace().token_management
    token_id = tokens.create_obo_token(application_id=principal.application_id).token_info.token_id
    tokens.delete(token_id)
    for call in (tokens.get, tokens.delete):
        with pytest.raises(NotFound, match="does not exist"):
            call(token_id)
    assert databricks.store.dump() == before


def test_a_token_exists_in_its_workspace_only(databricks: DatabricksSandbox) -> None:
    principal = databricks.make_principal()
    databricks.assign(principal.id)
    issued = databricks.workspace().token_management.create_obo_token(application_id=principal.application_id)
    with pytest.raises(NotFound):
        databricks.workspace(PROD).token_management.get(issued.token_info.token_id)


def test_a_principal_without_a_place_in_the_workspace_gets_no_token(databricks: DatabricksSandbox) -> None:
    principal = databricks.make_principal()
    with pytest.raises(NotFound):
        databricks.workspace().token_management.create_obo_token(application_id=principal.application_id)


@pytest.mark.parametrize("seconds", [0, -1])
def test_a_lifetime_must_be_positive(databricks: DatabricksSandbox, seconds: int) -> None:
    principal = databricks.make_principal()
    databricks.assign(principal.id)
    with pytest.raises(BadRequest, match="lifetime_seconds"):
        databricks.workspace().token_management.create_obo_token(
            application_id=principal.application_id, lifetime_seconds=seconds
        )


def test_everybody_may_use_tokens_on_day_one(databricks: DatabricksSandbox) -> None:
    assert databricks.workspace().api_client.do("GET", TOKEN_PERMISSIONS) == {
        "object_id": "/authorization/tokens",
        "object_type": "tokens",
        "access_control_list": [
            {"group_name": "users", "all_permissions": [{"permission_level": "CAN_USE", "inherited": False}]},
            {"group_name": "admins", "all_permissions": [{"permission_level": "CAN_MANAGE", "inherited": False}]},
        ],
    }


def test_who_loses_the_right_to_use_tokens_loses_the_tokens(databricks: DatabricksSandbox) -> None:
    principal, member = databricks.make_member()
    here = databricks.workspace()
    here.api_client.do("PUT", TOKEN_PERMISSIONS, body={"access_control_list": []})
    assert list(here.token_management.list()) == []
    with pytest.raises(Unauthenticated):
        member.current_user.me()
    with pytest.raises(PermissionDenied, match="tokens"):
        here.token_management.create_obo_token(application_id=principal.application_id)


def test_who_leaves_the_group_that_holds_the_right_keeps_tokens_that_open_nothing(
    databricks: DatabricksSandbox,
) -> None:
    principal = databricks.make_principal()
    databricks.assign(principal.id)
    here = databricks.workspace()
    group = here.groups_v2.create(display_name="token users", members=[iam.ComplexValue(value=principal.id)])
    entry = {"group_name": "token users", "permission_level": "CAN_USE"}
    here.api_client.do("PUT", TOKEN_PERMISSIONS, body={"access_control_list": [entry]})
    issued = here.token_management.create_obo_token(application_id=principal.application_id)
    here.groups_v2.update(group.id, display_name="token users", members=[])
    with pytest.raises(PermissionDenied):
        databricks.workspace(token=issued.token_value).current_user.me()
    assert here.token_management.get(issued.token_info.token_id)


def test_a_group_can_hold_the_right_to_use_tokens(databricks: DatabricksSandbox) -> None:
    principal = databricks.make_principal()
    databricks.assign(principal.id)
    here = databricks.workspace()
    group = here.groups_v2.create(display_name="token users")
    entry = {"group_name": "token users", "permission_level": "CAN_USE"}
    here.api_client.do("PUT", TOKEN_PERMISSIONS, body={"access_control_list": [entry]})
    with pytest.raises(PermissionDenied):
        here.token_management.create_obo_token(application_id=principal.application_id)
    here.api_client.do(
        "PATCH",
        f"/api/2.0/preview/scim/v2/Groups/{group.id}",
        body={"Operations": [{"op": "add", "path": "members", "value": [{"value": principal.id}]}]},
    )
    issued = here.token_management.create_obo_token(application_id=principal.application_id)
    assert databricks.workspace(token=issued.token_value).current_user.me().id == principal.id


def test_patch_adds_to_the_list_and_put_replaces_it(databricks: DatabricksSandbox) -> None:
    principal = databricks.make_principal()
    databricks.assign(principal.id)
    permissions = databricks.workspace().token_management
    entry = settings.TokenAccessControlRequest(
        service_principal_name=principal.application_id, permission_level=settings.TokenPermissionLevel.CAN_USE
    )
    patched = permissions.update_permissions(access_control_list=[entry])
    assert [one.group_name or one.service_principal_name for one in patched.access_control_list] == [
        "users",
        principal.application_id,
        "admins",
    ]
    replaced = permissions.set_permissions(access_control_list=[entry])
    assert [one.group_name or one.service_principal_name for one in replaced.access_control_list] == [
        principal.application_id,
        "admins",
    ]


def test_the_admins_that_the_provider_adds_stay_once(databricks: DatabricksSandbox) -> None:
    entries = [
        {"group_name": "users", "permission_level": "CAN_USE"},
        {"group_name": "admins", "permission_level": "CAN_MANAGE"},
    ]
    api = databricks.workspace().api_client
    before = api.do("GET", TOKEN_PERMISSIONS)
    assert api.do("PUT", TOKEN_PERMISSIONS, body={"access_control_list": entries}) == before


def test_a_service_principal_that_is_sent_as_a_user_comes_back_as_what_it_is(databricks: DatabricksSandbox) -> None:
    principal = databricks.make_principal()
    databricks.assign(principal.id)
    answer = databricks.workspace().api_client.do(
        "PUT",
        TOKEN_PERMISSIONS,
        body={"access_control_list": [{"user_name": principal.application_id, "permission_level": "CAN_USE"}]},
    )
    assert answer["access_control_list"][0]["service_principal_name"] == principal.application_id


@pytest.mark.parametrize(
    ("entry", "error", "message"),
    [
        (
            {"group_name": "nobody", "permission_level": "CAN_USE"},
            NotFound,
            r"Principal: GroupName\(nobody\) does not exist",
        ),
        ({"group_name": "users", "permission_level": "CAN_FLY"}, BadRequest, "CAN_FLY"),
        ({"permission_level": "CAN_USE"}, BadRequest, "group_name"),
        ({"group_name": "users", "permission_level": "CAN_MANAGE"}, BadRequest, "to the group admins only"),
    ],
)
def test_an_unknown_principal_or_level_is_refused(
    databricks: DatabricksSandbox, entry: dict[str, Any], error: Any, message: str
) -> None:
    with pytest.raises(error, match=message):
        databricks.workspace().api_client.do("PUT", TOKEN_PERMISSIONS, body={"access_control_list": [entry]})


def test_one_manages_ones_own_tokens_and_no_other(databricks: DatabricksSandbox) -> None:
    _, member = databricks.make_member("one")
    _, other = databricks.make_member("other")
    before = databricks.store.dump()
    issued = member.tokens.create(comment="mine", lifetime_seconds=60)
    assert issued.token_info.token_id in {token.token_id for token in member.tokens.list()}
    assert issued.token_info.token_id not in {token.token_id for token in other.tokens.list()}
    assert databricks.workspace(token=issued.token_value).current_user.me().display_name == "one"
    with pytest.raises(NotFound):
        other.tokens.delete(issued.token_info.token_id)
    member.tokens.delete(issued.token_info.token_id)
    assert databricks.store.dump() == before
