"""What the stacks ask Terraform for."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from tests.synthesis import NOW, config, resources, stacks_of, synthesize


@pytest.fixture
def json_snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(JSONSnapshotExtension)


FULL = config(
    github__protection="team",
    github__code_owners=True,
    github__allow_pull_request_creation=True,
    github__secret_scope="environment",
    github__required_checks=["unit-tests"],
    github__actions={"allowed": "selected", "patterns": ["databricks/setup-cli@*"]},
    environments__prod__catalogs={
        "prod": {"create": True, "storage_root": "s3://acme-prod", "owner": "ml-platform", "may_create_schemas": True}
    },
    environments__prod__input_tables=["raw.taxi.trips"],
    environments__prod__output_tables=["prod.taxi_fare.predictions"],
    environments__prod__token_users_group="ci-principals",
    environments__prod__entitlements={"allow_cluster_create": False},
)


@pytest.mark.parametrize("name", ["repository", "staging", "prod"])
def test_a_minimal_file_synthesizes_as_before(name: str, tmp_path: Path, json_snapshot: SnapshotAssertion) -> None:
    assert synthesize(tmp_path, config())[name] == json_snapshot


@pytest.mark.parametrize("name", ["repository", "staging", "prod"])
def test_a_file_with_everything_synthesizes_as_before(
    name: str, tmp_path: Path, json_snapshot: SnapshotAssertion
) -> None:
    assert synthesize(tmp_path, FULL)[name] == json_snapshot


def test_every_databricks_provider_names_its_kind_of_credential(tmp_path: Path) -> None:
    for stack in synthesize(tmp_path, config()).values():
        for provider in stack["provider"].get("databricks", []):
            assert provider["auth_type"] == "oauth-m2m"
            assert provider["retry_timeout_seconds"] == 300
            assert not {"token", "client_id", "client_secret", "password"} & set(provider)


def test_no_stack_has_outputs_or_reads_another_s_state(tmp_path: Path) -> None:
    for stack in synthesize(tmp_path, FULL).values():
        assert "output" not in stack
        assert "terraform_remote_state" not in stack.get("data", {})


def test_neither_tokens_nor_secrets_are_created_before_their_predecessors_are_gone(tmp_path: Path) -> None:
    for stack in synthesize(tmp_path, FULL).values():
        assert "create_before_destroy" not in str(stack)


def test_the_token_permissions_of_the_workspace_are_never_managed(tmp_path: Path) -> None:
    for stack in synthesize(tmp_path, FULL).values():
        assert resources(stack, "databricks_permissions") == []


def test_the_account_level_assignment_is_never_used(tmp_path: Path) -> None:
    for stack in synthesize(tmp_path, FULL).values():
        assert resources(stack, "databricks_mws_permission_assignment") == []


def test_the_secret_holds_the_slot_whose_turn_it_is(tmp_path: Path) -> None:
    now = synthesize(tmp_path, config())["staging"]
    then = synthesize(tmp_path, config(), now=NOW + timedelta(days=30))["staging"]
    values = [resources(stack, "github_actions_secret")[0]["plaintext_value"] for stack in (now, then)]
    slots = [re.search(r"token_slot_[ab]", value) for value in values]
    assert None not in slots
    assert slots[0][0] != slots[1][0]


def test_a_new_generation_replaces_both_tokens(tmp_path: Path) -> None:
    before = resources(synthesize(tmp_path, config())["prod"], "databricks_obo_token")
    after = resources(
        synthesize(tmp_path, config(environments__prod__token={"generation": 2}))["prod"], "databricks_obo_token"
    )
    assert len({token["comment"] for token in (*before, *after)}) == 4


def test_a_token_waits_for_everything_that_its_principal_may_do(tmp_path: Path) -> None:
    stack = synthesize(tmp_path, FULL)["prod"]
    needed = {
        f"{kind}.{name}"
        for kind in (
            "databricks_permission_assignment",
            "databricks_entitlements",
            "databricks_group_member",
            "databricks_grant",
        )
        for name in stack["resource"][kind]
    }
    for token in resources(stack, "databricks_obo_token"):
        assert set(token["depends_on"]) == needed


@pytest.mark.parametrize(("allowed", "expected"), [("", True), ("repository,prod", False)])
def test_what_holds_data_or_history_is_guarded_until_its_stack_is_listed(
    allowed: str, expected: bool, tmp_path: Path
) -> None:
    stacks = synthesize(tmp_path, FULL, MLOPS_ALLOW_DESTROY=allowed)
    guarded = [
        *resources(stacks["repository"], "github_branch"),
        *resources(stacks["prod"], "databricks_catalog"),
        *resources(stacks["prod"], "databricks_schema"),
    ]
    assert len(guarded) == 3
    assert {resource["lifecycle"]["prevent_destroy"] for resource in guarded} == {expected}


def protections(stacks: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found = resources(stacks["repository"], "github_branch_protection")
    return {protection["pattern"]: protection for protection in found}


def test_release_accepts_merges_of_main(tmp_path: Path) -> None:
    release = protections(synthesize(tmp_path, FULL))["release"]
    assert release["required_linear_history"] is False
    assert "required_status_checks" not in release


def test_only_main_demands_its_newest_commit_and_the_checks(tmp_path: Path) -> None:
    main = protections(synthesize(tmp_path, FULL))["main"]
    assert main["required_status_checks"] == [{"strict": True, "contexts": ["unit-tests"]}]


@pytest.mark.parametrize("branch", ["main", "release"])
@pytest.mark.parametrize(("profile", "approvals"), [("team", 1), ("solo", 0)])
def test_profiles_differ_in_approvals_alone(profile: str, approvals: int, branch: str, tmp_path: Path) -> None:
    rule = protections(synthesize(tmp_path, config(github__protection=profile)))[branch]
    assert rule["required_pull_request_reviews"] == [
        {
            "required_approving_review_count": approvals,
            "dismiss_stale_reviews": True,
            "require_last_push_approval": approvals > 0,
            "require_code_owner_reviews": False,
        }
    ]
    assert rule["enforce_admins"]
    assert rule["require_conversation_resolution"]
    assert not rule["allows_force_pushes"]
    assert not rule["allows_deletions"]


@pytest.mark.parametrize(
    ("changes", "warned"),
    [
        ({"github__allow_pull_request_creation": True}, True),
        ({"github__allow_pull_request_creation": True, "github__code_owners": True}, False),
        ({"github__allow_pull_request_creation": True, "github__protection": "solo"}, False),
        ({}, False),
    ],
)
def test_a_workflow_that_could_approve_itself_is_warned_of(
    changes: dict[str, Any], warned: bool, tmp_path: Path
) -> None:
    metadata = stacks_of(tmp_path, config(**changes))["repository"].node.metadata
    notes = [entry.data for entry in metadata if entry.type == "@cdktf/warn"]
    assert any("have it approve their own change" in note for note in notes) is warned


def test_production_s_secret_can_be_bound_to_its_branch(tmp_path: Path) -> None:
    stacks = synthesize(tmp_path, config(github__secret_scope="environment"))
    policies = {
        name: resources(stacks[name], "github_repository_environment_deployment_policy") for name in ("staging", "prod")
    }
    assert policies["staging"] == []
    assert [policy["branch_pattern"] for policy in policies["prod"]] == ["release"]
    for name in ("staging", "prod"):
        assert resources(stacks[name], "github_actions_secret") == []
        assert len(resources(stacks[name], "github_actions_environment_secret")) == 1


@pytest.mark.parametrize(
    ("kind", "settings", "expected"),
    [
        (
            "s3",
            {"bucket": "acme", "key": "taxi/{stack}.tfstate", "region": "eu-west-1", "use_lockfile": True},
            {"bucket": "acme", "key": "taxi/prod.tfstate", "region": "eu-west-1", "use_lockfile": True},
        ),
        (
            "azurerm",
            {"storage_account_name": "acme", "container_name": "tf", "key": "{stack}.tfstate"},
            {"storage_account_name": "acme", "container_name": "tf", "key": "prod.tfstate"},
        ),
        ("gcs", {"bucket": "acme", "prefix": "taxi/{stack}"}, {"bucket": "acme", "prefix": "taxi/prod"}),
        (
            "http",
            {"address": "https://state.acme.com/{stack}", "retry_max": 3},
            {"address": "https://state.acme.com/prod", "retry_max": 3},
        ),
    ],
)
def test_a_remote_state_is_passed_through(
    kind: str, settings: dict[str, Any], expected: dict[str, Any], tmp_path: Path
) -> None:
    stack = synthesize(tmp_path, config(state={"type": kind, "config": settings}))["prod"]
    assert stack["terraform"]["backend"] == {kind: expected}


def test_a_local_state_lies_outside_what_cdktf_deletes(tmp_path: Path) -> None:
    stack = synthesize(tmp_path, config())["prod"]
    assert stack["terraform"]["backend"] == {"local": {"path": "../../../state/prod.tfstate"}}
