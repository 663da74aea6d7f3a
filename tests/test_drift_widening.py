"""What gives somebody more stops a deploy; what takes it back, or was deployed before, does not."""

import copy
from typing import Any

import pytest

from checks.drift.findings.widening import TABLE, widenings
from checks.drift.guard import stops
from checks.drift.plan.document import read_plan
from tests.drift_plans import changed, plan_of

REVIEWS = {
    "required_approving_review_count": 2, "dismiss_stale_reviews": True, "require_code_owner_reviews": True,
    "require_last_push_approval": True, "restrict_dismissals": True, "dismissal_restrictions": [],
    "pull_request_bypassers": [],
}  # fmt: skip
VIEW, MANAGE = ({"group_name": "users", "permission_level": level} for level in ("CAN_VIEW", "CAN_MANAGE"))
OWNER = {"user_name": "jane@example.com", "permission_level": "IS_OWNER"}
ACTIONS = "github_actions_repository_permissions"
SELECT = {"principal": "account users", "privileges": ["SELECT"]}


def reviews(**changes: Any) -> list[dict[str, Any]]:
    return [{**REVIEWS, **changes}]


# Type, attribute, less, more.
MORE: list[tuple[str, str, Any, Any]] = [
    *(
        (kind, name, False, True)
        for kind in ("databricks_service_principal", "databricks_entitlements")
        for name in (
            "allow_cluster_create", "allow_instance_pool_create", "databricks_sql_access", "workspace_access",
            "workspace_consume",
        )
    ),
    ("databricks_service_principal", "active", False, True),
    ("databricks_entitlements", "service_principal_id", "1", "2"),
    ("databricks_entitlements", "group_id", None, "7"),
    ("databricks_entitlements", "user_id", None, "7"),
    ("databricks_permission_assignment", "permissions", ["USER"], ["USER", "ADMIN"]),
    ("databricks_permission_assignment", "permissions", ["USER"], ["ADMIN"]),
    ("databricks_permission_assignment", "principal_id", 1, 2),
    ("databricks_permission_assignment", "provider_config", [], [{"workspace_id": "9"}]),
    ("databricks_mws_permission_assignment", "permissions", ["USER"], ["ADMIN"]),
    ("databricks_mws_permission_assignment", "principal_id", 1, 2),
    ("databricks_mws_permission_assignment", "workspace_id", 1, 2),
    ("databricks_group_member", "group_id", "1", "2"),
    ("databricks_group_member", "member_id", "1", "2"),
    ("databricks_service_principal_role", "role", "a", "account_admin"),
    ("databricks_service_principal_role", "service_principal_id", "1", "2"),
    ("databricks_group_role", "role", "a", "account_admin"),
    ("databricks_group_role", "group_id", "1", "2"),
    ("databricks_access_control_rule_set", "grant_rules", [], [{"principals": ["x"], "role": "roles/user"}]),
    ("databricks_service_principal_secret", "service_principal_id", "1", "2"),
    ("databricks_service_principal_secret", "lifetime", "60s", "600s"),
    ("databricks_service_principal_federation_policy", "oidc_policy", {"subject": "a"}, {"subject": "b"}),
    ("databricks_grant", "privileges", ["SELECT"], ["SELECT", "MODIFY"]),
    ("databricks_grant", "privileges", ["USE_SCHEMA"], ["ALL PRIVILEGES"]),
    ("databricks_grant", "principal", "a", "b"),
    ("databricks_grants", "grant", [SELECT], [{**SELECT, "privileges": ["SELECT", "MODIFY"]}]),
    ("databricks_grants", "grant", [SELECT], [SELECT, {**SELECT, "principal": "others"}]),
    *(
        (kind, name, "prod.a", "prod.b")
        for kind in ("databricks_grant", "databricks_grants")
        for name in (
            "catalog", "credential", "external_location", "foreign_connection", "function", "metastore", "model",
            "pipeline", "recipient", "schema", "share", "storage_credential", "table", "volume",
        )
    ),
    *(
        (kind, "owner", "a", "b")
        for kind in ("databricks_catalog", "databricks_schema", "databricks_volume", "databricks_registered_model")
    ),
    ("databricks_catalog", "isolation_mode", "ISOLATED", "OPEN"),
    ("databricks_permissions", "access_control", [VIEW], [MANAGE]),
    ("databricks_permissions", "access_control", [VIEW], [VIEW, OWNER]),
    ("databricks_permissions", "access_control", [VIEW], [{**VIEW, "permission_level": "CAN_DO_SOMETHING_NEW"}]),
    ("databricks_permissions", "authorization", "passwords", "tokens"),
    *(
        ("databricks_permissions", name, "1", "2")
        for name in (
            "alert_v2_id", "app_name", "cluster_id", "dashboard_id", "database_instance_name", "directory_id",
            "directory_path", "experiment_id", "job_id", "notebook_id", "notebook_path", "pipeline_id",
            "registered_model_id", "serving_endpoint_id", "sql_endpoint_id", "workspace_file_id", "workspace_file_path",
        )
    ),
    ("databricks_secret_acl", "permission", "READ", "WRITE"),
    ("databricks_secret_acl", "permission", "READ", "MANAGE"),
    ("databricks_secret_acl", "principal", "a", "b"),
    ("databricks_secret_acl", "scope", "a", "b"),
    ("databricks_alert_v2", "run_as", {"user_name": "a"}, {"user_name": "b"}),
    ("databricks_job", "run_as", [{"user_name": "a"}], [{"user_name": "b"}]),
    ("databricks_pipeline", "run_as", [{"user_name": "a"}], [{"user_name": "b"}]),
    ("github_branch_protection", "allows_deletions", False, True),
    ("github_branch_protection", "allows_force_pushes", False, True),
    ("github_branch_protection", "enforce_admins", True, False),
    ("github_branch_protection", "force_push_bypassers", [], ["/jane"]),
    ("github_branch_protection", "lock_branch", True, False),
    ("github_branch_protection", "pattern", "release", "releases/*"),
    ("github_branch_protection", "repository_id", "a", "b"),
    ("github_branch_protection", "require_conversation_resolution", True, False),
    ("github_branch_protection", "require_signed_commits", True, False),
    ("github_branch_protection", "required_linear_history", True, False),
    ("github_branch_protection", "required_pull_request_reviews", [REVIEWS], []),
    *(
        ("github_branch_protection", "required_pull_request_reviews", [REVIEWS], reviews(**{name: value}))
        for name, value in (
            ("required_approving_review_count", 1), ("dismiss_stale_reviews", False),
            ("require_code_owner_reviews", False), ("require_last_push_approval", False),
            ("restrict_dismissals", False), ("dismissal_restrictions", ["/jane"]),
            ("pull_request_bypassers", ["/jane"]), ("something_new", True),
        )
    ),
    ("github_branch_protection", "required_status_checks", [{"contexts": ["a"], "strict": True}], []),
    ("github_branch_protection", "required_status_checks", [{"contexts": ["a", "b"]}], [{"contexts": ["a", "c"]}]),
    ("github_branch_protection", "required_status_checks", [{"strict": True}], [{"strict": False}]),
    ("github_branch_protection", "restrict_pushes", [{"push_allowances": []}], []),
    ("github_branch_protection", "restrict_pushes", [{"push_allowances": []}], [{"push_allowances": ["/jane"]}]),
    ("github_branch_protection", "restrict_pushes", [{"blocks_creations": True}], [{"blocks_creations": False}]),
    ("github_repository_ruleset", "enforcement", "active", "evaluate"),
    ("github_repository_ruleset", "bypass_actors", [], [{"actor_id": 5}]),
    ("github_repository_ruleset", "conditions", [{"ref_name": ["a"]}], [{"ref_name": ["b"]}]),
    ("github_repository_ruleset", "rules", [{"deletion": True}], [{"deletion": False}]),
    ("github_repository_ruleset", "target", "branch", "tag"),
    ("github_repository_ruleset", "repository", "a", "b"),
    ("github_workflow_repository_permissions", "default_workflow_permissions", "read", "write"),
    ("github_workflow_repository_permissions", "can_approve_pull_request_reviews", False, True),
    ("github_workflow_repository_permissions", "repository", "a", "b"),
    ("github_actions_repository_permissions", "allowed_actions", "selected", "all"),
    ("github_actions_repository_permissions", "allowed_actions", "local_only", "selected"),
    (ACTIONS, "allowed_actions_config", [{"patterns_allowed": []}], [{"patterns_allowed": ["x/y@*"]}]),
    (ACTIONS, "allowed_actions_config", [{"verified_allowed": False}], [{"verified_allowed": True}]),
    (ACTIONS, "allowed_actions_config", [{"github_owned_allowed": False}], [{"github_owned_allowed": True}]),
    ("github_actions_repository_permissions", "enabled", False, True),
    ("github_actions_repository_permissions", "sha_pinning_required", True, False),
    ("github_actions_repository_permissions", "repository", "a", "b"),
    ("github_repository_environment", "can_admins_bypass", False, True),
    ("github_repository_environment", "prevent_self_review", True, False),
    ("github_repository_environment", "wait_timer", 30, 0),
    ("github_repository_environment", "reviewers", [{"teams": [1]}], []),
    ("github_repository_environment", "reviewers", [{"teams": [1]}], [{"teams": [2]}]),
    ("github_repository_environment", "deployment_branch_policy", [{"protected_branches": True}], []),
    ("github_repository_environment", "deployment_branch_policy",
     [{"protected_branches": True, "custom_branch_policies": False}],
     [{"protected_branches": False, "custom_branch_policies": True}]),
    ("github_repository_environment", "environment", "a", "b"),
    ("github_repository_environment", "repository", "a", "b"),
    ("github_repository_environment_deployment_policy", "branch_pattern", "release", "*"),
    ("github_repository_environment_deployment_policy", "tag_pattern", None, "*"),
    ("github_repository_environment_deployment_policy", "environment", "a", "b"),
    ("github_repository_environment_deployment_policy", "repository", "a", "b"),
    ("github_actions_secret", "repository", "a", "b"),
    ("github_actions_secret", "secret_name", "A", "B"),
    ("github_actions_environment_secret", "repository", "a", "b"),
    ("github_actions_environment_secret", "environment", "a", "b"),
    ("github_actions_environment_secret", "secret_name", "A", "B"),
    *((kind, "anything", "a", "b") for kind, row in TABLE.items() if not row.wider),
]  # fmt: skip
# Attributes in which any change counts, for what they name is another one afterwards.
ANOTHER = {
    "alert_v2_id", "anything", "app_name", "cluster_id", "dashboard_id", "database_instance_name", "scope",
    "serving_endpoint_id", "sql_endpoint_id",
    "authorization", "branch_pattern", "bypass_actors", "catalog", "conditions", "credential",
    "directory_id", "directory_path", "enforcement", "environment", "experiment_id", "external_location",
    "foreign_connection", "function", "grant_rules", "group_id", "job_id", "lifetime", "member_id", "metastore",
    "model", "notebook_id", "notebook_path", "oidc_policy", "owner", "pattern", "pipeline", "pipeline_id", "principal",
    "principal_id", "provider_config", "recipient", "registered_model_id", "repository", "repository_id", "role",
    "rules", "run_as", "schema", "secret_name", "service_principal_id", "share", "storage_credential", "table",
    "tag_pattern", "target", "user_id", "volume", "workspace_file_id", "workspace_file_path", "workspace_id",
}  # fmt: skip
# Where one thing takes another's place, both ways give something.
SWAPPED = [
    ["ADMIN"], ["ALL PRIVILEGES"], [{**VIEW, "permission_level": "CAN_DO_SOMETHING_NEW"}], reviews(something_new=True),
    [{"contexts": ["a", "c"]}], [{"teams": [2]}], [{"protected_branches": False, "custom_branch_policies": True}],
]  # fmt: skip


def with_change(kind: str, before: Any, after: Any, **more: Any) -> dict[str, Any]:
    """A real plan of production, in which nothing else changes, with a change of one resource."""
    document = copy.deepcopy(plan_of("clean"))
    actions = ["create"] if before is None else ["delete"] if after is None else ["update"]
    change = {"actions": actions, "before": before, "after": after, "after_unknown": {}, **more}
    one = {"address": f"{kind}.x", "mode": "managed", "type": kind, "change": change}
    document["resource_changes"] = [*document["resource_changes"], one]
    return document


def given(document: dict[str, Any]) -> list[str]:
    return [one.change.address for one in widenings(read_plan(document))]


@pytest.mark.parametrize(("kind", "attribute", "less", "more"), MORE)
def test_more_stops_and_less_passes(kind: str, attribute: str, less: Any, more: Any) -> None:
    document = with_change(kind, {attribute: less}, {attribute: more})
    (stop,) = (one for one in stops(document) if "more rights" in one.reason)
    assert f"({kind}.x)" in stop.reason
    assert TABLE[kind].why in stop.reason
    assert stop.remedy == f"ask whether an administrator intends it; if so, pass `--allow '{kind}.x'`"
    assert stops(document, allowed=[f"{kind}.x"]) == ()
    assert given(with_change(kind, {attribute: more}, {attribute: more})) == []
    if TABLE[kind].wider:
        unknown = with_change(kind, {attribute: less}, {}, after_unknown={attribute: True})
        assert given(unknown) == [f"{kind}.x"]
    if more not in SWAPPED:
        back = given(with_change(kind, {attribute: more}, {attribute: less}))
        assert back == ([f"{kind}.x"] if attribute in ANOTHER else [])


def test_every_row_of_the_table_is_tried() -> None:
    tried = {(kind, attribute) for kind, attribute, *_ in MORE}
    assert {(kind, attribute) for kind, row in TABLE.items() for attribute in row.wider} <= tried


@pytest.mark.parametrize("kind", sorted(TABLE))
def test_an_attribute_that_nobody_has_looked_at_counts(kind: str) -> None:
    found = given(with_change(kind, {"brand_new": 1}, {"brand_new": 2}))
    # Of what people deploy all day, only what is listed gives anything.
    everyday = TABLE[kind].wider.keys() <= {"owner", "isolation_mode", "run_as"}
    assert found == ([] if everyday and TABLE[kind].wider else [f"{kind}.x"])


@pytest.mark.parametrize("kind", sorted(kind for kind, row in TABLE.items() if row.new and not row.beside))
def test_what_is_made_for_somebody_who_was_there_stops(kind: str) -> None:
    wider = next(((name, more) for one, name, _, more in MORE if one == kind), ("anything", "x"))
    assert given(with_change(kind, None, dict([wider]))) == [f"{kind}.x"]


@pytest.mark.parametrize("kind", sorted(kind for kind, row in TABLE.items() if row.gone))
def test_what_guards_stops_when_it_goes(kind: str) -> None:
    document = with_change(kind, {"repository": "a"}, None)
    assert [one.reason.endswith(f"({kind}.x), which goes") for one in stops(document)] == [True]
    assert stops(document, destroy_allowed=True) == ()


# Plans of the real flow.


def test_a_first_deploy_gives_nobody_more_than_before() -> None:
    assert stops(plan_of("never-deployed")) == ()


def test_a_first_deploy_that_was_interrupted_goes_on() -> None:
    """Until it has a token, nobody can be the principal."""
    document = copy.deepcopy(plan_of("never-deployed"))
    principal = changed(document, "databricks_service_principal.ci_identity_principal_7EA3A439")
    document["resource_changes"].remove(principal)
    held = {"address": principal["address"], "mode": "managed", "type": principal["type"], "values": {"id": "1"}}
    document["prior_state"] = {"values": {"root_module": {"resources": [held]}}}
    assert given(document) == []
    token = {"address": "databricks_obo_token.x", "mode": "managed", "type": "databricks_obo_token", "values": {}}
    document["prior_state"]["values"]["root_module"]["resources"].append(token)
    assert {address.partition(".")[0] for address in given(document)} == {
        "databricks_entitlements", "databricks_grant", "databricks_permission_assignment",
    }  # fmt: skip


def test_a_privilege_for_a_principal_that_was_there_stops() -> None:
    found = stops(plan_of("table-configured"))
    begins = (
        "the deploy would give more rights: a principal has further privileges: the privileges of taxi-fare-prod-ci"
    )
    assert [one.reason.partition("; ")[0].partition(" (")[0] for one in found] == [
        f"{begins} on {on}" for on in ("catalog raw", "schema raw.taxi", "table raw.taxi.trips")
    ]
    assert found[-1].reason.endswith("privileges: +SELECT; table: nothing -> raw.taxi.trips")
    assert stops(plan_of("table-configured"), allowed=["databricks_grant.*"]) == ()


@pytest.mark.parametrize(
    "case",
    ["privilege-removed", "assignment-deleted", "principal-deleted", "protection-weakened", "permissions-widened",
     "job-deleted", "folder-deleted", "secret-reset", "tokens-revoked", "rotation-due", "generation-raised"],
)  # fmt: skip
def test_to_restore_what_was_deployed_gives_nobody_more(case: str) -> None:
    assert given(plan_of(case)) == []


def test_to_restore_more_than_was_deployed_stops() -> None:
    document = copy.deepcopy(plan_of("privilege-removed"))
    (one,) = document["resource_changes"]
    one["change"]["after"]["privileges"].append("ALL_PRIVILEGES")
    assert given(document) == [one["address"]]


def test_an_entitlement_that_mlops_yaml_gives_stops() -> None:
    document = copy.deepcopy(plan_of("entitlement-configured"))
    (one,) = document["resource_changes"]
    change = one["change"]
    change["before"], change["after"] = change["after"], change["before"]
    (stop,) = stops(document)
    assert stop.reason.endswith("; allow_cluster_create: false -> true")


def test_a_new_object_of_a_bundle_comes_with_its_permissions() -> None:
    """Its deployer says who may use what was not there before; of what was there, an administrator does."""
    document = copy.deepcopy(plan_of("job-deleted"))
    document["resource_drift"] = []
    for one in document["resource_changes"]:
        if one["address"] in ("databricks_job.train", "databricks_permissions.job_train"):
            one["change"] |= {"actions": ["create"], "before": None}
    kept = ("databricks_job.train", "databricks_permissions.job_train")
    document["resource_changes"] = [one for one in document["resource_changes"] if one["address"] in kept]
    assert given(document) == []
    document["resource_changes"] = [one for one in document["resource_changes"] if one["address"] == kept[1]]
    document["resource_changes"][0]["change"]["after_unknown"] = {}
    assert given(document) == [kept[1]]


def test_a_branch_that_an_environment_admits_beside_its_own_stops_once_it_holds_a_secret() -> None:
    kind = "github_repository_environment_deployment_policy"
    document = with_change(kind, None, {"environment": "prod", "branch_pattern": "*"})
    assert given(document) == []
    secret = "github_actions_environment_secret"
    held = {"address": f"{secret}.x", "mode": "managed", "type": secret, "values": {}}
    document["prior_state"]["values"]["root_module"]["resources"].append(held)
    assert given(document) == [f"{kind}.x"]


def test_a_secret_that_moves_to_the_whole_repository_stops() -> None:
    document = with_change("github_actions_environment_secret", {"environment": "prod", "secret_name": "T"}, None)
    moved = with_change("github_actions_secret", None, {"repository": "taxi-fare", "secret_name": "T"})
    document["resource_changes"] += moved["resource_changes"][-1:]
    assert given(document) == []
    kind = "github_actions_environment_secret"
    held = {"address": f"{kind}.x", "mode": "managed", "type": kind, "values": {}}
    document["prior_state"]["values"]["root_module"]["resources"].append(held)
    assert given(document) == ["github_actions_secret.x"]
