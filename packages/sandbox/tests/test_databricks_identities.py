"""Service principals, users, groups, their places in workspaces and what they are entitled to."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from databricks.sdk.errors import BadRequest, NotFound, PermissionDenied, ResourceConflict
from databricks.sdk.errors.base import DatabricksError
from databricks.sdk.service import iam

from packages.sandbox.tests.databricks_sandbox import ACCOUNT_ID, PROD, STAGING, DatabricksSandbox, open_sandbox

ACCOUNT_SCIM = f"/api/2.0/accounts/{ACCOUNT_ID}/scim/v2"
WORKSPACE_SCIM = "/api/2.0/preview/scim/v2"
ASSIGNMENTS = "/api/2.0/preview/permissionassignments"


def test_a_service_principal_reads_back_as_it_was_made(databricks: DatabricksSandbox) -> None:
    made = databricks.account().api_client.do(
        "POST",
        f"{ACCOUNT_SCIM}/ServicePrincipals",
        body={"displayName": "ci", "active": True, "entitlements": [{}], "externalId": "x-1"},
    )
    read = databricks.account().api_client.do(
        "GET",
        f"{ACCOUNT_SCIM}/ServicePrincipals/{made['id']}",
        query={"attributes": "userName,displayName,active,externalId,entitlements"},
    )
    assert read == {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServicePrincipal"],
        "id": made["id"],
        "applicationId": made["applicationId"],
        "displayName": "ci",
        "active": True,
        "externalId": "x-1",
    }


def test_two_service_principals_may_share_a_display_name(databricks: DatabricksSandbox) -> None:
    first, second = databricks.make_principal("same"), databricks.make_principal("same")
    assert first.id != second.id
    assert first.application_id != second.application_id


def test_an_application_id_is_taken_once(databricks: DatabricksSandbox) -> None:
    principals = databricks.account().service_principals_v2
    made = principals.create(application_id="bbbbbbbb-0000-4000-8000-000000000002")
    with pytest.raises(
        ResourceConflict, match=f"Service principal with application ID {made.application_id} already exists.$"
    ):
        principals.create(application_id=made.application_id)


@pytest.mark.parametrize("attribute", ["applicationId", "displayName", "id"])
def test_a_filter_finds_one(databricks: DatabricksSandbox, attribute: str) -> None:
    wanted = databricks.make_principal('the "one"' if attribute == "displayName" else "one")
    databricks.make_principal("other")
    value = {"applicationId": wanted.application_id, "displayName": 'the \\"one\\"', "id": wanted.id}[attribute]
    found = list(databricks.account().service_principals_v2.list(filter=f'{attribute} eq "{value}"'))
    assert [principal.id for principal in found] == [wanted.id]


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ('displayName co "LPH"', ["alpha"]),
        ('displayName sw "be"', ["beta"]),
        ('displayName ew "a" and displayName ne "beta"', ["alpha"]),
    ],
)
def test_filters_compare_and_combine(databricks: DatabricksSandbox, expression: str, names: list[str]) -> None:
    databricks.make_principal("alpha")
    databricks.make_principal("beta")
    databricks.make_principal("gamma ray")
    found = databricks.account().service_principals_v2.list(filter=expression)
    assert [principal.display_name for principal in found] == names


def test_a_filter_that_cannot_be_read_is_refused(databricks: DatabricksSandbox) -> None:
    with pytest.raises(BadRequest, match="cannot be read"):
        list(databricks.account().service_principals_v2.list(filter="displayName is x"))


def test_lists_come_in_pages(databricks: DatabricksSandbox) -> None:
    for number in range(5):
        databricks.make_principal(f"ci-{number}")
    page = databricks.account().api_client.do(
        "GET", f"{ACCOUNT_SCIM}/ServicePrincipals", query={"startIndex": 5, "count": 10}
    )
    assert (page["totalResults"], page["startIndex"], page["itemsPerPage"]) == (6, 5, 2)


def test_a_destroy_of_the_provider_deactivates_and_a_delete_deletes(databricks: DatabricksSandbox) -> None:
    before = databricks.store.dump()
    principals = databricks.account().service_principals_v2
    made = databricks.make_principal()
    principals.patch(
        made.id,
        operations=[iam.Patch(op=iam.PatchOp.REPLACE, path="active", value=[{"value": "false"}])],
        schemas=[iam.PatchSchema.URN_IETF_PARAMS_SCIM_API_MESSAGES_2_0_PATCH_OP],
    )
    assert principals.get(made.id).active is False
    principals.delete(made.id)
    with pytest.raises(NotFound):
        principals.get(made.id)
    assert databricks.store.dump() == before


def test_put_replaces_a_service_principal(databricks: DatabricksSandbox) -> None:
    made = databricks.make_principal("before")
    principals = databricks.account().service_principals_v2
    principals.update(made.id, display_name="after", active=False)
    read = principals.get(made.id)
    assert (read.display_name, read.active, read.application_id) == ("after", False, made.application_id)


def test_a_workspace_knows_only_those_with_a_place_there(databricks: DatabricksSandbox) -> None:
    made = databricks.make_principal()
    here = databricks.workspace().service_principals_v2
    with pytest.raises(NotFound):
        here.get(made.id)
    databricks.assign(made.id)
    assert here.get(made.id).application_id == made.application_id
    with pytest.raises(NotFound):
        databricks.workspace(PROD).service_principals_v2.get(made.id)


def test_a_workspace_adds_to_the_account_and_removes_only_from_itself(databricks: DatabricksSandbox) -> None:
    here = databricks.workspace().service_principals_v2
    made = here.create(display_name="local", active=True)
    assert databricks.account().service_principals_v2.get(made.id).display_name == "local"
    here.delete(made.id)
    with pytest.raises(NotFound):
        here.get(made.id)
    assert databricks.account().service_principals_v2.get(made.id).display_name == "local"
    assert here.create(application_id=made.application_id).id == made.id


def test_assignments_read_back_verbatim_from_both_levels(databricks: DatabricksSandbox) -> None:
    made = databricks.make_principal()
    shown = {
        "principal": {
            "principal_id": int(made.id),
            "display_name": "ci",
            "service_principal_name": made.application_id,
        },
        "permissions": ["USER"],
    }
    api = databricks.workspace().api_client
    assert api.do("PUT", f"{ASSIGNMENTS}/principals/{made.id}", body={"permissions": ["USER"]}) == shown
    assert shown in api.do("GET", ASSIGNMENTS)["permission_assignments"]
    assigned = databricks.account().workspace_assignment.list(STAGING.id)
    assert [a.principal.principal_id for a in assigned if a.permissions == [iam.WorkspacePermission.USER]] == [
        int(made.id)
    ]


def test_an_assignment_changes_in_place(databricks: DatabricksSandbox) -> None:
    principal, member = databricks.make_member()
    databricks.assign(principal.id, "ADMIN")
    assert member.token_management.list() is not None
    assert {group.display for group in member.current_user.me().groups} == {"users", "admins"}
    databricks.assign(principal.id, "USER")
    assert {group.display for group in member.current_user.me().groups} == {"users"}
    with pytest.raises(PermissionDenied):
        list(member.token_management.list())


def test_an_assignment_by_name_answers_with_the_id_or_with_an_error(databricks: DatabricksSandbox) -> None:
    made = databricks.make_principal()
    wanted = [{"service_principal_name": made.application_id, "permissions": ["USER"]}]
    wanted.append({"group_name": "nobody", "permissions": ["USER"]})
    api = databricks.workspace().api_client
    first, second = api.do("POST", ASSIGNMENTS, body={"permission_assignments": wanted})["permission_assignments"]
    assert first["principal"]["principal_id"] == int(made.id)
    assert "does not exist" in second["error"]


def test_removing_an_assignment_removes_place_entitlements_and_local_groups(databricks: DatabricksSandbox) -> None:
    made = databricks.make_principal()
    here = databricks.workspace()
    group = here.groups_v2.create(display_name="local")
    before = databricks.store.dump()
    databricks.assign(made.id)
    _entitle(databricks, "ServicePrincipals", made.id, ["workspace-access"])
    _join(databricks, group.id, made.id)
    here.api_client.do("DELETE", f"{ASSIGNMENTS}/principals/{made.id}")
    assert databricks.store.dump() == before
    with pytest.raises(NotFound):
        here.api_client.do("DELETE", f"{ASSIGNMENTS}/principals/{made.id}")


def test_an_unknown_principal_or_workspace_cannot_be_assigned(databricks: DatabricksSandbox) -> None:
    with pytest.raises(NotFound):
        databricks.assign("12345")
    with pytest.raises(NotFound):
        databricks.account().workspace_assignment.update(4711, int(databricks.make_principal().id))


def test_an_empty_list_of_permissions_takes_the_place_away(databricks: DatabricksSandbox) -> None:
    made = databricks.make_principal()
    databricks.assign(made.id)
    databricks.account().workspace_assignment.update(STAGING.id, int(made.id), permissions=[])
    with pytest.raises(NotFound):
        databricks.workspace().service_principals_v2.get(made.id)


@pytest.mark.parametrize("collection", ["ServicePrincipals", "Users", "Groups"])
def test_entitlements_are_replaced_and_removed(databricks: DatabricksSandbox, collection: str) -> None:
    principal_id = _make(databricks, collection)
    api = databricks.workspace().api_client
    _entitle(databricks, collection, principal_id, ["workspace-access", "allow-cluster-create"])
    path = f"{WORKSPACE_SCIM}/{collection}/{principal_id}"
    read = api.do("GET", path, query={"attributes": "entitlements"})
    assert [entry["value"] for entry in read["entitlements"]] == ["workspace-access", "allow-cluster-create"]
    api.do(
        "PATCH", path, body={"Operations": [{"op": "remove", "path": "entitlements", "value": read["entitlements"]}]}
    )
    assert "entitlements" not in api.do("GET", path)
    _entitle(databricks, collection, principal_id, ["workspace-access"])
    _entitle(databricks, collection, principal_id, [])
    assert "entitlements" not in api.do("GET", path)


def test_entitlements_belong_to_one_workspace(databricks: DatabricksSandbox) -> None:
    made = databricks.make_principal()
    databricks.assign(made.id)
    databricks.assign(made.id, workspace=PROD)
    _entitle(databricks, "ServicePrincipals", made.id, ["workspace-access"])
    assert not databricks.workspace(PROD).service_principals_v2.get(made.id).entitlements
    at_account = databricks.account().api_client.do("GET", f"{ACCOUNT_SCIM}/ServicePrincipals/{made.id}")
    assert "entitlements" not in at_account


def test_an_unknown_entitlement_is_refused(databricks: DatabricksSandbox) -> None:
    made = databricks.make_principal()
    databricks.assign(made.id)
    with pytest.raises(BadRequest, match="fly"):
        _entitle(databricks, "ServicePrincipals", made.id, ["fly"])


def test_members_come_and_go_by_patch(databricks: DatabricksSandbox) -> None:
    made = databricks.make_principal()
    groups = databricks.account().groups_v2
    group = groups.create(display_name="automation")
    before = databricks.store.dump()
    _patch_group(databricks, group.id, {"op": "add", "path": "members", "value": [{"value": made.id}]})
    assert [member.value for member in groups.get(group.id).members] == [made.id]
    _patch_group(databricks, group.id, {"op": "remove", "path": f'members[value eq "{made.id}"]'})
    assert not groups.get(group.id).members
    assert databricks.store.dump() == before


def test_a_stranger_cannot_become_a_member(databricks: DatabricksSandbox) -> None:
    group = databricks.account().groups_v2.create(display_name="automation")
    with pytest.raises(NotFound):
        _patch_group(databricks, group.id, {"op": "add", "path": "members", "value": [{"value": "4711"}]})


def test_put_replaces_the_members_of_a_group(databricks: DatabricksSandbox) -> None:
    first, second = databricks.make_principal("first"), databricks.make_principal("second")
    groups = databricks.account().groups_v2
    group = groups.create(display_name="automation", members=[iam.ComplexValue(value=first.id)])
    groups.update(group.id, display_name="robots", members=[iam.ComplexValue(value=second.id)])
    read = groups.get(group.id)
    assert (read.display_name, [member.value for member in read.members]) == ("robots", [second.id])


def test_a_place_in_a_workspace_reaches_the_members_of_an_assigned_group(databricks: DatabricksSandbox) -> None:
    made = databricks.make_principal()
    groups = databricks.account().groups_v2
    inner = groups.create(display_name="inner", members=[iam.ComplexValue(value=made.id)])
    outer = groups.create(display_name="outer", members=[iam.ComplexValue(value=inner.id)])
    databricks.account().workspace_assignment.update(
        STAGING.id, int(outer.id), permissions=[iam.WorkspacePermission.ADMIN]
    )
    token = databricks.workspace().token_management.create_obo_token(application_id=made.application_id).token_value
    member = databricks.workspace(token=token)
    assert member.current_user.me().id == made.id
    assert list(member.token_management.list())


def test_the_group_admins_makes_admins(databricks: DatabricksSandbox) -> None:
    principal, member = databricks.make_member()
    here = databricks.workspace()
    admins = next(group for group in here.groups_v2.list() if group.display_name == "admins")
    _join(databricks, admins.id, principal.id)
    assert list(member.token_management.list())
    here.api_client.do(
        "PATCH",
        f"{WORKSPACE_SCIM}/Groups/{admins.id}",
        body={"Operations": [{"op": "remove", "path": f'members[value eq "{principal.id}"]'}]},
    )
    with pytest.raises(PermissionDenied):
        list(member.token_management.list())
    assert member.current_user.me().id == principal.id


@pytest.mark.parametrize("name", ["users", "admins", "account users"])
def test_built_in_group_names_are_taken(databricks: DatabricksSandbox, name: str) -> None:
    for groups in (databricks.account().groups_v2, databricks.workspace().groups_v2):
        with pytest.raises(ResourceConflict, match=f"Group with name {name} already exists.$"):
            groups.create(display_name=name)


def test_a_built_in_group_stays(databricks: DatabricksSandbox) -> None:
    here = databricks.workspace().groups_v2
    users = next(group for group in here.list() if group.display_name == "users")
    with pytest.raises(BadRequest):
        here.delete(users.id)
    with pytest.raises(BadRequest):
        here.update(users.id, display_name="folk")


def test_a_workspace_makes_groups_of_its_own(databricks: DatabricksSandbox) -> None:
    made = databricks.workspace().groups_v2.create(display_name="local")
    assert databricks.workspace().groups_v2.get(made.id).meta.resource_type == "WorkspaceGroup"
    for elsewhere in (databricks.account().groups_v2, databricks.workspace(PROD).groups_v2):
        with pytest.raises(NotFound):
            elsewhere.get(made.id)


def test_users_are_made_found_and_deleted(databricks: DatabricksSandbox) -> None:
    before = databricks.store.dump()
    users = databricks.account().users_v2
    made = users.create(user_name="ada@example.com", display_name="Ada")
    with pytest.raises(ResourceConflict, match=r"User with email ada@example\.com already exists in this account$"):
        users.create(user_name="ada@example.com")
    assert [user.id for user in users.list(filter='userName eq "Ada@example.com"')] == [made.id]
    users.delete(made.id)
    assert databricks.store.dump() == before


def test_deleting_a_principal_leaves_no_trace_of_it(databricks: DatabricksSandbox) -> None:
    here = databricks.workspace()
    group = here.groups_v2.create(display_name="local")
    team = databricks.account().groups_v2.create(display_name="team")
    before = databricks.store.dump()
    principal, _ = databricks.make_member()
    databricks.assign(principal.id, workspace=PROD)
    _entitle(databricks, "ServicePrincipals", principal.id, ["workspace-access"])
    _join(databricks, group.id, principal.id)
    _patch_group(databricks, team.id, {"op": "add", "path": "members", "value": [{"value": principal.id}]})
    databricks.account().service_principal_secrets.create(principal.id)
    here.api_client.do(
        "PATCH",
        "/api/2.0/permissions/authorization/tokens",
        body={
            "access_control_list": [{"service_principal_name": principal.application_id, "permission_level": "CAN_USE"}]
        },
    )
    databricks.account().service_principals_v2.delete(principal.id)
    assert databricks.store.dump() == before


def test_a_new_principal_is_unknown_elsewhere_for_a_while(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_sandbox(tmp_path, monkeypatch, principal_delay_seconds=30) as databricks:
        made = databricks.make_principal()
        assert databricks.account().service_principals_v2.get(made.id).id == made.id
        with pytest.raises(NotFound):
            databricks.assign(made.id)
        databricks.clock.offset += timedelta(seconds=31)
        databricks.assign(made.id)
        databricks.workspace().token_management.create_obo_token(application_id=made.application_id)


def test_workspaces_are_listed_with_the_name_of_their_host(databricks: DatabricksSandbox) -> None:
    listed = {workspace.workspace_id: workspace.deployment_name for workspace in databricks.account().workspaces.list()}
    assert listed == {STAGING.id: "acme-staging", PROD.id: "acme-prod"}
    assert databricks.account().workspaces.get(PROD.id).workspace_name == "acme-prod"


def test_scim_refuses_in_scims_own_words(databricks: DatabricksSandbox) -> None:
    _, member = databricks.make_member()
    with pytest.raises(DatabricksError) as refused:
        member.service_principals_v2.create(display_name="x")
    assert isinstance(refused.value, PermissionDenied)
    assert "admins" in str(refused.value)


def _make(databricks: DatabricksSandbox, collection: str) -> str:
    here = databricks.workspace()
    if collection == "ServicePrincipals":
        return here.service_principals_v2.create(display_name="x").id
    if collection == "Users":
        return here.users_v2.create(user_name="x@example.com").id
    return here.groups_v2.create(display_name="x").id


def _entitle(databricks: DatabricksSandbox, collection: str, principal_id: str, values: list[str]) -> None:
    value = [{"value": value} for value in values] or [{}]
    databricks.workspace().api_client.do(
        "PATCH",
        f"{WORKSPACE_SCIM}/{collection}/{principal_id}",
        body={"Operations": [{"op": "replace", "path": "entitlements", "value": value}]},
    )


def _join(databricks: DatabricksSandbox, group_id: str, principal_id: str) -> None:
    databricks.workspace().api_client.do(
        "PATCH",
        f"{WORKSPACE_SCIM}/Groups/{group_id}",
        body={"Operations": [{"op": "add", "path": "members", "value": [{"value": principal_id}]}]},
    )


def _patch_group(databricks: DatabricksSandbox, group_id: str, operation: dict[str, Any]) -> None:
    databricks.account().api_client.do("PATCH", f"{ACCOUNT_SCIM}/Groups/{group_id}", body={"Operations": [operation]})
