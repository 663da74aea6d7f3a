"""What each operation sends, in order and to the letter: typed here from the real providers' contract."""

from typing import Any

import pytest

from packages.sandbox.tests.recorded_requests import RESOURCES, Recorder, Sent, create, delete, read, update, values
from sandbox.standins.behaviour import Level, MissingError, PartlyCreatedError, RefusedError
from sandbox.standins.github import queries
from sandbox.standins.github.session import InvalidError

ACCOUNT = "/api/2.0/accounts/acc/scim/v2"
SCIM = "/api/2.0/preview/scim/v2"
UC = "/api/2.1/unity-catalog"
PATCH = ["urn:ietf:params:scim:api:messages:2.0:PatchOp"]


# --- Databricks: identity


def test_a_service_principal_is_posted_and_read_by_what_is_needed() -> None:
    sent = create(
        "databricks_service_principal",
        {f"POST {ACCOUNT}/ServicePrincipals": {"id": "7"}},
        level=Level.ACCOUNT,
        display_name="ci",
        active=True,
    )
    body = {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServicePrincipal"],
        "displayName": "ci",
        "active": True,
        "entitlements": [{}],
    }
    assert sent == [("POST", f"{ACCOUNT}/ServicePrincipals", body)]
    path = f"{ACCOUNT}/ServicePrincipals/7?attributes=userName,displayName,active,externalId,entitlements"
    found = {"id": "7", "displayName": "ci", "active": True, "applicationId": "app"}
    state, sent = read("databricks_service_principal", {f"GET {path}": found}, level=Level.ACCOUNT, id="7")
    assert sent == [("GET", path, None)]
    assert state["application_id"] == "app"
    assert state["acl_principal_id"] == "servicePrincipals/app"


def test_a_service_principal_keeps_its_groups_and_roles_when_replaced() -> None:
    kept = {"groups": [{"value": "g"}], "roles": [{"value": "r"}]}
    sent = update(
        "databricks_service_principal",
        {f"GET {SCIM}/ServicePrincipals/7?attributes=groups,roles": kept},
        prior={"id": "7", "display_name": "a", "active": True, "application_id": "app"},
        display_name="b",
        workspace_access=True,
    )
    assert [line[:2] for line in sent] == [
        ("GET", f"{SCIM}/ServicePrincipals/7?attributes=groups,roles"),
        ("PUT", f"{SCIM}/ServicePrincipals/7"),
    ]
    assert sent[1][2]["groups"] == kept["groups"]
    assert sent[1][2]["entitlements"] == [{"value": "workspace-access"}]
    assert "applicationId" not in sent[1][2]


@pytest.mark.parametrize(
    ("level", "wish", "method"),
    [
        (Level.ACCOUNT, None, "PATCH"),
        (Level.ACCOUNT, False, "DELETE"),
        (Level.WORKSPACE, None, "DELETE"),
        (Level.WORKSPACE, True, "PATCH"),
    ],
)
def test_an_account_disables_a_service_principal_unless_told_otherwise(
    level: Level, wish: bool | None, method: str
) -> None:
    ((sent, _path, body),) = delete("databricks_service_principal", level=level, id="7", disable_as_user_deletion=wish)
    assert sent == method
    if method == "PATCH":
        operation = {"op": "replace", "path": "active", "value": [{"value": "false"}]}
        assert body == {"schemas": PATCH, "Operations": [operation]}


def test_force_takes_over_a_service_principal_that_exists() -> None:
    sent = create(
        "databricks_service_principal",
        {
            f"POST {SCIM}/ServicePrincipals": RefusedError("Service principal with application ID x already exists."),
            f'GET {SCIM}/ServicePrincipals?excludedAttributes=roles&filter=applicationId eq "x"': {
                "Resources": [{"id": "9"}]
            },
        },
        application_id="x",
        active=True,
        force=True,
    )
    assert [line[0] for line in sent] == ["POST", "GET", "GET", "PUT"]


ASSIGNMENTS = "/api/2.0/preview/permissionassignments"


def test_a_principal_is_assigned_by_id_with_one_request() -> None:
    sent = create(
        "databricks_permission_assignment",
        {f"PUT {ASSIGNMENTS}/principals/7": {"principal": {"principal_id": 7}}},
        principal_id=7,
        permissions=["USER"],
    )
    assert sent == [("PUT", f"{ASSIGNMENTS}/principals/7", {"permissions": ["USER"]})]


def test_an_admin_by_name_is_first_a_user() -> None:
    sent = create(
        "databricks_permission_assignment",
        {f"POST {ASSIGNMENTS}": {"permission_assignments": [{"principal": {"principal_id": 7}}]}},
        service_principal_name="app",
        permissions=["ADMIN"],
    )
    by_name = {"permission_assignments": [{"service_principal_name": "app", "permissions": ["USER"]}]}
    assert sent == [
        ("POST", ASSIGNMENTS, by_name),
        ("PUT", f"{ASSIGNMENTS}/principals/7", {"permissions": ["ADMIN"]}),
    ]


def test_an_assignment_is_refused_in_its_answer() -> None:
    answers = {f"PUT {ASSIGNMENTS}/principals/7": {"error": "not allowed"}}
    with pytest.raises(RefusedError, match="not allowed"):
        create("databricks_permission_assignment", answers, principal_id=7, permissions=["USER"])


def test_entitlements_are_replaced_and_removed_as_one_list() -> None:
    held: dict[str, Any] = {"service_principal_id": "7", "workspace_access": True, "allow_cluster_create": True}
    listed = [{"value": "allow-cluster-create"}, {"value": "workspace-access"}]
    for operation, sent in (
        ("replace", create("databricks_entitlements", **held)),
        ("replace", update("databricks_entitlements", prior={"id": "spn/7", **held})),
        ("remove", delete("databricks_entitlements", id="spn/7", **held)),
    ):
        body = {"schemas": PATCH, "Operations": [{"op": operation, "path": "entitlements", "value": listed}]}
        assert sent == [("PATCH", f"{SCIM}/ServicePrincipals/7", body)]
    assert delete("databricks_entitlements", id="spn/7", service_principal_id="7") == []


def test_entitlements_belong_to_a_workspace() -> None:
    with pytest.raises(RefusedError, match="workspace-level"):
        create("databricks_entitlements", level=Level.ACCOUNT, user_id="7")


def test_members_are_added_removed_and_asked_for_once() -> None:
    recorder = Recorder({f"GET {SCIM}/Groups/1?attributes=members": {"members": [{"value": "7"}, {"value": "8"}]}})
    member = RESOURCES["databricks_group_member"]
    assert member.read(recorder, values("databricks_group_member", id="1|7"))
    assert member.read(recorder, values("databricks_group_member", id="1|9")) is None
    member.create(recorder, values("databricks_group_member", group_id="1", member_id="9"))
    assert member.read(recorder, values("databricks_group_member", id="1|9"))
    member.delete(recorder, values("databricks_group_member", id="1|9"))
    assert member.read(recorder, values("databricks_group_member", id="1|9")) is None
    operations: list[Any] = [
        {"op": "add", "path": "members", "value": [{"value": "9"}]},
        {"op": "remove", "path": 'members[value eq "9"]'},
    ]
    assert recorder.sent == [
        ("GET", f"{SCIM}/Groups/1?attributes=members", None),
        *(("PATCH", f"{SCIM}/Groups/1", {"schemas": PATCH, "Operations": [operation]}) for operation in operations),
    ]


# --- Databricks: credentials

TOKENS = "/api/2.0/token-management"


def test_a_token_on_behalf_is_one_request_without_what_is_unset() -> None:
    answers = {f"POST {TOKENS}/on-behalf-of/tokens": {"token_value": "v", "token_info": {"token_id": "t"}}}
    sent = create("databricks_obo_token", answers, application_id="app", lifetime_seconds=60)
    assert sent == [("POST", f"{TOKENS}/on-behalf-of/tokens", {"application_id": "app", "lifetime_seconds": 60})]


@pytest.mark.parametrize(("expiry", "lives"), [(0, True), (1000, False), (99999999999999, True)])
def test_an_expired_token_is_gone(expiry: int, lives: bool) -> None:
    answers = {f"GET {TOKENS}/tokens/t": {"token_info": {"expiry_time": expiry}}}
    assert (read("databricks_obo_token", answers, id="t")[0] is not None) == lives


def test_a_token_expires_by_the_moved_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = {f"GET {TOKENS}/tokens/t": {"token_info": {"expiry_time": 4102444800000}}}  # 2100
    assert read("databricks_obo_token", answers, id="t")[0]
    monkeypatch.setenv("MLOPS_NOW", "2100-01-02T00:00:00+00:00")
    assert read("databricks_obo_token", answers, id="t")[0] is None


@pytest.mark.parametrize("message", ["Token t does not exist", "forbidden"])
def test_a_token_that_is_said_not_to_exist_is_gone(message: str) -> None:
    answers = {f"{method} {TOKENS}/tokens/t": RefusedError(message) for method in ("GET", "DELETE")}
    if message == "forbidden":
        with pytest.raises(RefusedError):
            read("databricks_obo_token", answers, id="t")
        with pytest.raises(RefusedError):
            delete("databricks_obo_token", answers, id="t")
    else:
        assert read("databricks_obo_token", answers, id="t")[0] is None
        assert len(delete("databricks_obo_token", answers, id="t")) == 1


SECRETS = "servicePrincipals/7/credentials/secrets"


@pytest.mark.parametrize(
    ("level", "path"),
    [(Level.ACCOUNT, f"/api/2.0/accounts/acc/{SECRETS}"), (Level.WORKSPACE, f"/api/2.0/accounts/{SECRETS}")],
)
def test_a_secret_of_a_principal_has_a_path_per_level(level: Level, path: str) -> None:
    answers = {f"POST {path}": {"id": "s", "secret": "x"}, f"GET {path}": {"secrets": [{"id": "s"}]}}
    name = "databricks_service_principal_secret"
    assert create(name, answers, level=level, service_principal_id="7") == [("POST", path, {})]
    assert read(name, answers, level=level, id="s", service_principal_id="7")[0]["id"] == "s"
    assert delete(name, level=level, id="s", service_principal_id="7") == [("DELETE", f"{path}/s", None)]
    assert not RESOURCES[name].reads_back


# --- Databricks: Unity Catalog


def test_a_new_catalog_loses_its_default_schema() -> None:
    sent = create("databricks_catalog", {f"POST {UC}/catalogs": {"name": "c"}}, name="c", comment="x")
    assert sent == [
        ("POST", f"{UC}/catalogs", {"name": "c", "comment": "x"}),
        ("DELETE", f"{UC}/schemas/c.default", None),
    ]


def test_what_a_catalog_cannot_be_created_with_is_patched_on() -> None:
    answers = {
        f"POST {UC}/catalogs": {"name": "c"},
        f"GET {UC}/current-metastore-assignment": {"metastore_id": "m", "workspace_id": 5},
    }
    sent = create("databricks_catalog", answers, name="c", owner="team", isolation_mode="ISOLATED", comment="x")
    binding = {"workspace_id": 5, "binding_type": "BINDING_TYPE_READ_WRITE"}
    assert sent[2:] == [
        ("PATCH", f"{UC}/catalogs/c", {"owner": "team", "comment": "x", "isolation_mode": "ISOLATED"}),
        ("GET", f"{UC}/current-metastore-assignment", None),
        ("PATCH", f"{UC}/bindings/catalog/c", {"add": [binding]}),
    ]


def test_a_catalog_whose_owner_is_refused_is_in_the_state() -> None:
    answers = {f"POST {UC}/catalogs": {"name": "c"}, f"PATCH {UC}/catalogs/c": RefusedError("no such principal")}
    with pytest.raises(PartlyCreatedError) as failed:
        create("databricks_catalog", answers, name="c", owner="team")
    assert failed.value.values == {"id": "c"}


def test_a_catalog_whose_default_schema_stays_is_in_no_state() -> None:
    answers = {f"POST {UC}/catalogs": {"name": "c"}, f"DELETE {UC}/schemas/c.default": MissingError("gone")}
    with pytest.raises(RefusedError, match="cannot remove new catalog default schema: gone"):
        create("databricks_catalog", answers, name="c")


METASTORE = {f"GET {UC}/current-metastore-assignment": {"metastore_id": "m", "workspace_id": 5}}
METASTORE_ASKED: Sent = ("GET", f"{UC}/current-metastore-assignment", None)
CATALOG = {"id": "c", "name": "c", "metastore_id": "m", "comment": "x", "owner": "a", "force_destroy": False}


@pytest.mark.parametrize(
    ("changes", "bodies"),
    [
        ({"owner": "b"}, [{"owner": "b"}]),
        ({"comment": None}, [{"comment": ""}]),
        ({"comment": "y", "owner": "b"}, [{"owner": "b"}, {"comment": "y"}]),
        ({"force_destroy": True}, []),
    ],
)
def test_the_owner_of_a_catalog_changes_first(changes: dict[str, Any], bodies: list[Any]) -> None:
    sent = update("databricks_catalog", METASTORE, prior=CATALOG, **changes)
    assert sent == [METASTORE_ASKED, *(("PATCH", f"{UC}/catalogs/c", body) for body in bodies)]


@pytest.mark.parametrize(("force", "query"), [(False, ""), (True, "?force=true")])
def test_catalogs_and_schemas_are_deleted_after_a_look_at_the_metastore(force: bool, query: str) -> None:
    given: dict[str, Any] = {"metastore_id": "m", "force_destroy": force}
    for type_name, path in (("databricks_catalog", "catalogs/c"), ("databricks_schema", "schemas/c")):
        sent = delete(type_name, METASTORE, id="c", **given)
        assert sent == [METASTORE_ASKED, ("DELETE", f"{UC}/{path}{query}", None)]


def test_an_isolated_catalog_is_bound_before_it_is_deleted() -> None:
    sent = delete("databricks_catalog", METASTORE, id="c", metastore_id="m", isolation_mode="ISOLATED")
    assert sent[2] == ("PATCH", f"{UC}/workspace-bindings/catalogs/c", {"assign_workspaces": [5]})


def test_another_metastore_is_refused() -> None:
    with pytest.raises(RefusedError, match="metastore_id must be empty or equal"):
        create("databricks_schema", METASTORE, catalog_name="c", name="s", metastore_id="other")


def test_a_schema_is_created_without_a_look_at_the_metastore() -> None:
    answers = {f"POST {UC}/schemas": {"full_name": "c.s"}}
    sent = create("databricks_schema", answers, catalog_name="c", name="s", comment="x", owner="team")
    assert sent == [
        ("POST", f"{UC}/schemas", {"name": "s", "catalog_name": "c", "comment": "x"}),
        ("PATCH", f"{UC}/schemas/c.s", {"owner": "team", "comment": "x"}),
    ]


def permissions(**assignments: list[str]) -> dict[str, Any]:
    return {"privilege_assignments": [{"principal": who, "privileges": what} for who, what in assignments.items()]}


GRANTS = f"{UC}/permissions/catalog/c"


def test_a_grant_looks_changes_and_looks_again() -> None:
    answers = {f"GET {GRANTS}": [permissions(ci=["SELECT"], other=["SELECT"]), permissions(ci=["USE_CATALOG"])]}
    sent = create("databricks_grant", answers, catalog="c", principal="ci", privileges=["use catalog"])
    changes = [{"principal": "ci", "add": ["USE_CATALOG"], "remove": ["SELECT"]}]
    assert sent == [("GET", GRANTS, None), ("PATCH", GRANTS, {"changes": changes}), ("GET", GRANTS, None)]


def test_a_grant_that_is_there_already_is_left_alone() -> None:
    answers = {f"GET {GRANTS}": permissions(ci=["USE_CATALOG"])}
    sent = create("databricks_grant", answers, catalog="c", principal="ci", privileges=["USE_CATALOG"])
    assert sent == [("GET", GRANTS, None)]


def test_a_grant_waits_until_it_is_visible(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("time.sleep", pauses.append)
    answers = {f"GET {GRANTS}": [*[permissions()] * 4, permissions(ci=["USE_CATALOG"])]}
    create("databricks_grant", answers, catalog="c", principal="ci", privileges=["USE_CATALOG"])
    assert pauses == [0.5, 1.0, 2.0]
    with pytest.raises(RefusedError, match="permissions for catalog-c"):
        create("databricks_grant", {f"GET {GRANTS}": permissions()}, catalog="c", principal="ci", privileges=["X"])


def test_a_deleted_grant_takes_from_its_principal_only() -> None:
    answers = {f"GET {GRANTS}": [permissions(ci=["SELECT"], other=["SELECT"]), permissions(other=["SELECT"])]}
    sent = delete("databricks_grant", answers, id="catalog/c/ci", catalog="c", principal="ci", privileges=["SELECT"])
    assert sent[1][2] == {"changes": [{"principal": "ci", "remove": ["SELECT"]}]}


def test_grants_take_from_everybody_who_is_not_listed() -> None:
    after = permissions(ci=["SELECT"])
    answers = {f"GET {UC}/permissions/function/c.s.m": [permissions(other=["EXECUTE"], also=["EXECUTE"]), after]}
    sent = create("databricks_grants", answers, model="c.s.m", grant=[{"principal": "ci", "privileges": ["SELECT"]}])
    assert sent[1][2] == {
        "changes": [
            {"principal": "also", "remove": ["EXECUTE"]},
            {"principal": "ci", "add": ["SELECT"]},
            {"principal": "other", "remove": ["EXECUTE"]},
        ]
    }


# --- GitHub

REPO = "/repos/o/r"
KEY = {"key_id": "k", "key": "bXkga2V5IG9mIHRoaXJ0eS10d28gYnl0ZXMhISEhISE="}
STAMPS = {"created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-02T00:00:00Z"}


def test_a_secret_is_sealed_with_the_key_that_was_just_asked_for() -> None:
    answers = {f"GET {REPO}/actions/secrets/public-key": KEY}
    sent = create("github_actions_secret", answers, repository="r", secret_name="S", plaintext_value="v")
    assert [line[:2] for line in sent] == [
        ("GET", f"{REPO}/actions/secrets/public-key"),
        ("PUT", f"{REPO}/actions/secrets/S"),
    ]
    assert sent[1][2]["key_id"] == "k"
    assert "v" not in sent[1][2].values()


def test_a_secret_that_is_sealed_already_is_sent_as_it_is() -> None:
    answers = {f"GET {REPO}/actions/secrets/public-key": KEY}
    sent = create("github_actions_secret", answers, repository="r", secret_name="S", encrypted_value="box")
    assert sent[1][2] == {"key_id": "k", "encrypted_value": "box"}


@pytest.mark.parametrize(
    ("stored", "destroys", "outcome"),
    [
        ("2026-01-02 00:00:00 +0000 UTC", True, "kept"),
        ("2025-01-02 00:00:00 +0000 UTC", True, "gone"),
        ("2025-01-02 00:00:00 +0000 UTC", False, "forgotten"),
        (None, True, "kept"),
    ],
)
def test_a_secret_that_was_written_since_is_not_ours_any_more(stored: Any, destroys: bool, outcome: str) -> None:
    given: dict[str, Any] = {"id": "r:S", "plaintext_value": "v", "updated_at": stored, "destroy_on_drift": destroys}
    state, _ = read("github_actions_secret", {f"GET {REPO}/actions/secrets/S": STAMPS}, **given)
    assert ("gone" if state is None else "forgotten" if "plaintext_value" in state else "kept") == outcome


def test_secrets_of_an_environment_go_by_the_repositorys_number() -> None:
    base = "/repositories/5/environments/eu%2Fprod/secrets"
    answers = {f"GET {REPO}": {"id": 5}, f"GET {base}/public-key": KEY, f"GET {base}/S": STAMPS}
    name = "github_actions_environment_secret"
    sent = create(name, answers, repository="r", environment="eu/prod", secret_name="S", plaintext_value="v")
    assert [line[:2] for line in sent] == [("GET", REPO), ("GET", f"{base}/public-key"), ("PUT", f"{base}/S")]
    state, sent = read(name, answers, id="r:eu/prod:S", updated_at="long ago", plaintext_value="v")
    assert [line[:2] for line in sent] == [("GET", REPO), ("GET", f"{base}/S")]
    assert (state["plaintext_value"], state.get("updated_at")) == ("", None)
    assert [line[:2] for line in delete(name, answers, id="r:eu/prod:S")] == [("GET", REPO), ("DELETE", f"{base}/S")]


def test_a_variable_is_posted_patched_and_deleted_by_name() -> None:
    given: dict[str, Any] = {"repository": "r", "variable_name": "V", "value": "v"}
    body = {"name": "V", "value": "v"}
    assert create("github_actions_variable", **given) == [("POST", f"{REPO}/actions/variables", body)]
    assert update("github_actions_variable", prior={"id": "r:V", **given}) == [
        ("PATCH", f"{REPO}/actions/variables/V", body)
    ]
    assert delete("github_actions_variable", id="r:V") == [("DELETE", f"{REPO}/actions/variables/V", None)]


def test_workflow_permissions_go_back_to_what_github_starts_with() -> None:
    path = f"{REPO}/actions/permissions/workflow"
    initial = {"default_workflow_permissions": "read", "can_approve_pull_request_reviews": False}
    sent = create("github_workflow_repository_permissions", repository="r", default_workflow_permissions="write")
    assert sent == [("PUT", path, initial | {"default_workflow_permissions": "write"})]
    assert delete("github_workflow_repository_permissions", id="r") == [("PUT", path, initial)]


def test_selected_actions_are_a_second_request() -> None:
    path = f"{REPO}/actions/permissions"
    config: list[dict[str, Any]] = [{"github_owned_allowed": True, "verified_allowed": None, "patterns_allowed": None}]
    name = "github_actions_repository_permissions"
    sent = create(name, repository="r", enabled=True, allowed_actions="selected", allowed_actions_config=config)
    selected = {"github_owned_allowed": True, "verified_allowed": False}
    assert sent == [
        ("PUT", path, {"enabled": True, "allowed_actions": "selected"}),
        ("PUT", f"{path}/selected-actions", selected),
    ]
    config[0]["patterns_allowed"] = ["databricks/*"]
    sent = create(name, repository="r", enabled=True, allowed_actions="selected", allowed_actions_config=config)
    assert sent[-1] == ("PUT", f"{path}/selected-actions", selected | {"patterns_allowed": ["databricks/*"]})
    assert create(name, repository="r", enabled=False) == [("PUT", path, {"enabled": False})]
    assert create(name, repository="r", enabled=True) == [("PUT", path, {"enabled": True, "allowed_actions": ""})]
    assert delete(name, id="r") == [("PUT", path, {"enabled": True, "allowed_actions": "all"})]


def test_selected_actions_are_read_when_configured_or_imported() -> None:
    path = f"{REPO}/actions/permissions"
    answers = {f"GET {path}": {"enabled": True, "allowed_actions": "selected"}}
    name = "github_actions_repository_permissions"
    asked = [("GET", path, None), ("GET", f"{path}/selected-actions", None)]
    assert read(name, answers, id="r")[1] == asked
    assert read(name, answers, id="r", allowed_actions="selected", allowed_actions_config=[{}])[1] == asked
    assert read(name, answers, id="r", allowed_actions="all")[1] == asked[:1]


def test_a_branch_starts_where_its_source_is() -> None:
    answers = {f"GET {REPO}/git/ref/heads/main": {"object": {"sha": "abc"}}}
    sent = create("github_branch", answers, repository="r", branch="f/1", source_branch="main")
    assert sent == [
        ("GET", f"{REPO}/git/ref/heads/main", None),
        ("POST", f"{REPO}/git/refs", {"ref": "refs/heads/f/1", "sha": "abc"}),
    ]
    sent = create("github_branch", repository="r", branch="f/1", source_sha="abc")
    assert len(sent) == 1


def test_a_branch_that_exists_is_taken_over() -> None:
    refused = {f"POST {REPO}/git/refs": InvalidError("422 Reference already exists []", "Reference already exists")}
    create("github_branch", refused, repository="r", branch="f/1", source_sha="abc")
    refused = {f"POST {REPO}/git/refs": InvalidError("422 Object does not exist []", "Object does not exist")}
    with pytest.raises(RefusedError):
        create("github_branch", refused, repository="r", branch="f/1", source_sha="abc")


def test_a_branch_is_renamed_and_deleted_by_its_name() -> None:
    sent = update("github_branch", prior={"id": "r:f/1", "repository": "r", "branch": "f/1"}, branch="f/2")
    assert sent == [("POST", f"{REPO}/branches/f/1/rename", {"new_name": "f/2"})]
    assert delete("github_branch", id="r:f/1") == [("DELETE", f"{REPO}/git/refs/heads/f/1", None)]


ENVIRONMENT = f"{REPO}/environments/eu%2Fprod"
PLAIN = {
    "wait_timer": 0,
    "reviewers": None,
    "can_admins_bypass": True,
    "deployment_branch_policy": None,
    "prevent_self_review": False,
}


def test_an_environment_is_put_whole() -> None:
    given: dict[str, Any] = {
        "repository": "r",
        "environment": "eu/prod",
        "can_admins_bypass": True,
        "prevent_self_review": False,
    }
    assert create("github_repository_environment", **given) == [("PUT", ENVIRONMENT, PLAIN)]
    reviewers = [{"teams": [1], "users": [2, 3]}]
    ((_, _, body),) = create("github_repository_environment", **given, reviewers=reviewers)
    people = [{"type": "Team", "id": 1}, {"type": "User", "id": 2}, {"type": "User", "id": 3}]
    assert body == PLAIN | {"reviewers": people}


def test_an_environment_is_put_again_with_what_every_plan_of_github_has() -> None:
    given: dict[str, Any] = {
        "repository": "r",
        "environment": "eu/prod",
        "can_admins_bypass": True,
        "prevent_self_review": False,
    }
    answers = {f"PUT {ENVIRONMENT}": [InvalidError("422", "no"), {}]}
    sent = create("github_repository_environment", answers, **given)
    assert sent[1] == ("PUT", ENVIRONMENT, {"deployment_branch_policy": None})


def test_reviewers_are_read_from_their_rule() -> None:
    rule = {
        "type": "required_reviewers",
        "prevent_self_review": True,
        "reviewers": [{"type": "Team", "reviewer": {"id": 1}}, {"type": "User", "reviewer": {"id": 2}}],
    }
    found = {"can_admins_bypass": False, "protection_rules": [rule, {"type": "wait_timer", "wait_timer": 5}]}
    state, _ = read("github_repository_environment", {f"GET {ENVIRONMENT}": found}, id="r:eu/prod")
    assert state["reviewers"] == [{"teams": [1], "users": [2]}]
    assert (state["wait_timer"], state["prevent_self_review"]) == (5, True)


def test_a_deployment_policy_has_a_kind_and_an_escaped_environment_in_its_id() -> None:
    path = f"{ENVIRONMENT}/deployment-branch-policies"
    name = "github_repository_environment_deployment_policy"
    recorder = Recorder({f"POST {path}": {"id": 3}})
    given = values(name, repository="r", environment="eu/prod", tag_pattern="v*")
    assert RESOURCES[name].create(recorder, given) == {"id": "r:eu%2Fprod:3"}
    assert recorder.sent == [("POST", path, {"name": "v*", "type": "tag"})]
    state, sent = read(name, {f"GET {path}/3": {"name": "release", "type": "branch"}}, id="r:eu%2Fprod:3")
    assert sent == [("GET", f"{path}/3", None)]
    assert state == {"id": "r:eu%2Fprod:3", "branch_pattern": "release"}


# --- GitHub: branch protection

REPOSITORY_BY_NAME = {
    queries.NODE: MissingError("Could not resolve to a node with the global id of 'r'"),
    queries.REPOSITORY: {"repository": {"id": "R_1"}},
}
CREATED = {"createBranchProtectionRule": {"branchProtectionRule": {"id": "BPR_1"}}}
REVIEWS = {
    "dismiss_stale_reviews": True,
    "dismissal_restrictions": ["o/team"],
    "pull_request_bypassers": ["/me"],
    "require_code_owner_reviews": None,
    "require_last_push_approval": False,
    "required_approving_review_count": 2,
    "restrict_dismissals": None,
}


def test_a_rule_names_its_repository_and_its_actors_by_node_id() -> None:
    answers = {
        **REPOSITORY_BY_NAME,
        queries.TEAM: {"organization": {"team": {"id": "T_1"}}},
        queries.USER: {"user": {"id": "U_1"}},
        queries.CREATE: CREATED,
    }
    sent = create(
        "github_branch_protection",
        answers,
        repository_id="r",
        pattern="main",
        enforce_admins=True,
        required_pull_request_reviews=[REVIEWS],
        force_push_bypassers=["A_1"],
        allows_force_pushes=True,
    )
    assert [line[1] for line in sent] == [
        queries.NODE,
        queries.REPOSITORY,
        queries.TEAM,
        queries.USER,
        queries.CREATE,
    ]
    assert sent[-1][2]["input"] == {
        "repositoryId": "R_1",
        "pattern": "main",
        "allowsDeletions": False,
        "allowsForcePushes": False,  # who may bypass makes no sense when everybody may
        "blocksCreations": False,
        "bypassForcePushActorIds": ["A_1"],
        "bypassPullRequestActorIds": ["U_1"],
        "dismissesStaleReviews": True,
        "isAdminEnforced": True,
        "lockBranch": False,
        "pushActorIds": None,
        "requireLastPushApproval": False,
        "requiredApprovingReviewCount": 2,
        "requiredStatusCheckContexts": [],
        "requiresApprovingReviews": True,
        "requiresCodeOwnerReviews": False,
        "requiresCommitSignatures": False,
        "requiresConversationResolution": False,
        "requiresLinearHistory": False,
        "requiresStatusChecks": False,
        "requiresStrictStatusChecks": False,
        "restrictsPushes": False,
        "restrictsReviewDismissals": True,
        "reviewDismissalActorIds": ["T_1"],
    }


def test_a_repository_by_node_id_is_asked_for_once_and_an_old_id_twice() -> None:
    answers = {queries.NODE: {"node": {"id": "R_kgDO"}}, queries.CREATE: CREATED}
    sent = create("github_branch_protection", answers, repository_id="R_kgDO", pattern="main")
    assert [line[1] for line in sent] == [queries.NODE, queries.CREATE]
    answers = {**REPOSITORY_BY_NAME, queries.CREATE: CREATED}
    sent = create("github_branch_protection", answers, repository_id="taxi", pattern="main")
    assert [line[1] for line in sent] == [queries.NODE, queries.NODE, queries.REPOSITORY, queries.CREATE]


def rule(**fields: Any) -> dict[str, Any]:
    """A rule as GraphQL answers it."""
    none: dict[str, Any] = {"nodes": []}
    flags = dict.fromkeys(queries.RULE.partition("allowsDeletions")[2].rstrip("}").split(",")[1:], False)
    return {
        **flags,
        "allowsDeletions": False,
        "pattern": "main",
        "requiredApprovingReviewCount": 0,
        "requiredStatusCheckContexts": [],
        **dict.fromkeys(
            ("pushAllowances", "reviewDismissalAllowances", "bypassForcePushAllowances", "bypassPullRequestAllowances"),
            none,
        ),
        **fields,
    }


def test_actors_are_read_back_in_the_form_that_was_configured() -> None:
    actors = [
        {"id": "T_1", "name": "t", "slug": "team"},
        {"id": "U_1", "name": "m", "login": "me"},
        {"id": "T_2", "slug": "x"},
    ]
    found = rule(restrictsPushes=True, pushAllowances={"nodes": [{"actor": actor} for actor in actors]})
    pushes = [{"blocks_creations": True, "push_allowances": ["T_2", "/me", "o/team"]}]
    state, _ = read("github_branch_protection", {queries.RULE: {"node": found}}, id="BPR_1", restrict_pushes=pushes)
    assert state["restrict_pushes"][0]["push_allowances"] == ["o/team", "/me", "T_2"]


def test_a_rule_without_reviews_or_checks_has_no_blocks() -> None:
    state, _ = read("github_branch_protection", {queries.RULE: {"node": rule()}}, id="BPR_1")
    for block in ("required_pull_request_reviews", "required_status_checks", "restrict_pushes"):
        assert state[block] == []
    assert "repository_id" not in state


def test_a_rule_is_imported_by_repository_and_pattern_page_by_page() -> None:
    def page(pattern: str, more: bool) -> Any:
        info = {"endCursor": "c1", "hasNextPage": more}
        rules = {"nodes": [{"id": f"BPR_{pattern}", "pattern": pattern}], "pageInfo": info}
        return {"node": {"branchProtectionRules": rules, "id": "R_1"}}

    recorder = Recorder({**REPOSITORY_BY_NAME, queries.RULES: [page("main", True), page("release", False)]})
    importer = RESOURCES["github_branch_protection"].importer
    assert importer
    assert importer(recorder, "r:release") == {"id": "BPR_release", "repository_id": "R_1"}
    assert [sent[2]["cursor"] for sent in recorder.sent if sent[1] == queries.RULES] == [None, "c1"]


def test_a_rule_is_updated_and_deleted_by_its_id() -> None:
    answers = {
        queries.NODE: {"node": {"id": "R_1"}},
        queries.UPDATE: {"updateBranchProtectionRule": {"branchProtectionRule": {"id": "BPR_1"}}},
    }
    prior = {"id": "BPR_1", "repository_id": "R_1", "pattern": "main"}
    sent = update("github_branch_protection", answers, prior=prior, pattern="release")
    assert [line[1] for line in sent] == [queries.NODE, queries.UPDATE]
    assert sent[1][2]["input"]["branchProtectionRuleId"] == "BPR_1"
    assert "repositoryId" not in sent[1][2]["input"]
    assert delete("github_branch_protection", id="BPR_1") == [
        ("QUERY", queries.DELETE, {"input": {"branchProtectionRuleId": "BPR_1"}})
    ]
