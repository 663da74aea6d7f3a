"""What happens to a setup after its first deploy: rotation, drift, destruction, neighbours."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from databricks.sdk.service import iam

from tests.deployments import Deployment, administrator, deployment_in, enter
from tests.synthesis import config

PROD = config()["environments"]["prod"]["host"]
TOKENS = "databricks.token"


@pytest.fixture
def deployment(tmp_path: Path) -> Iterator[Deployment]:
    with deployment_in(tmp_path / "project", config()) as deployment:
        yield deployment


def works(token: str) -> bool:
    """Whether the production workspace accepts a token now."""
    answer = requests.get(
        f"{PROD}/api/2.0/preview/scim/v2/Me", headers={"Authorization": f"Bearer {token}"}, timeout=10
    )
    return answer.status_code == 200


def live_tokens(deployment: Deployment) -> int:
    """How many unexpired tokens the service knows of production's principal."""
    now = (datetime.now(UTC) + offset(deployment)).timestamp() * 1000
    infos = administrator(deployment, PROD).token_management.list()
    return sum(1 for info in infos if (info.expiry_time or 0) > now and "taxi-fare-prod-ci" in (info.comment or ""))


def offset(deployment: Deployment) -> timedelta:
    now = datetime.fromisoformat(deployment.sandbox("clock").stdout.strip())
    return now - datetime.now(UTC)


def now(deployment: Deployment) -> str:
    return deployment.sandbox("clock").stdout.strip()


def test_through_eight_periods_the_secret_opens_to_a_live_token_and_the_previous_one_lives_one_period_more(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter(deployment, monkeypatch)
    history: list[str] = []
    for _ in range(8):
        deployment.synth(MLOPS_NOW=now(deployment))
        deployment.apply("prod")
        history.append(deployment.secret("PROD_WORKSPACE_TOKEN"))
        assert [works(token) for token in history[-2:]] == [True] * len(history[-2:])
        assert not any(works(token) for token in history[:-2])
        assert live_tokens(deployment) == 2
        deployment.sandbox("clock", "+30d")
    assert len(set(history)) == 8
    deployment.sandbox("clock", "-30d")
    assert deployment.pending("prod") == []


def test_a_forced_rotation_kills_both_old_tokens(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    enter(deployment, monkeypatch)
    deployment.synth(MLOPS_NOW=now(deployment))
    deployment.apply("prod")
    first = deployment.secret("PROD_WORKSPACE_TOKEN")
    deployment.sandbox("clock", "+30d")
    deployment.synth(MLOPS_NOW=now(deployment))
    deployment.apply("prod")
    second = deployment.secret("PROD_WORKSPACE_TOKEN")
    assert (works(first), works(second)) == (True, True)

    deployment.configure(config(environments__prod__token={"generation": 2}))
    deployment.synth(MLOPS_NOW=now(deployment))
    deployment.apply("prod")
    third = deployment.secret("PROD_WORKSPACE_TOKEN")
    assert [works(token) for token in (first, second, third)] == [False, False, True]
    assert live_tokens(deployment) == 2


def test_a_token_is_refused_after_its_lifetime(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    enter(deployment, monkeypatch)
    deployment.synth()
    deployment.apply("prod")
    token = deployment.secret("PROD_WORKSPACE_TOKEN")
    deployment.sandbox("clock", "+89d")
    assert works(token)
    deployment.sandbox("clock", "+2d")
    assert not works(token)


CREATED = config(
    environments__prod__catalogs={"prod": {"create": True, "storage_root": "s3://acme-prod/managed"}},
)


def test_what_holds_data_or_history_refuses_to_be_destroyed_until_its_stack_is_listed(tmp_path: Path) -> None:
    with deployment_in(tmp_path / "project", CREATED) as deployment:
        seed = deployment.dump()
        deployment.synth()
        for stack in ("repository", "prod"):
            deployment.apply(stack)
        deployed = deployment.dump()

        deployment.cdktf("destroy", "repository", "prod", "--auto-approve", "--skip-synth", code=1)
        # cdktf passes Terraform's words on, but may end before the last of them.
        refused = deployment.destroy("repository", code=1)
        assert "Instance cannot be destroyed" in refused
        assert "github_branch.branch-release_branch" in refused
        refused = deployment.destroy("prod", code=1)
        assert "Instance cannot be destroyed" in refused
        assert (
            "databricks_catalog.catalog-prod_catalog" in refused or "databricks_schema.catalog-prod_schema" in refused
        )
        assert deployment.dump() == deployed

        deployment.synth(MLOPS_ALLOW_DESTROY="repository,prod")
        for stack in ("repository", "prod"):
            deployment.destroy(stack)
        assert deployment.dump() == seed


def test_an_administrator_by_hand_is_made_a_user_again_and_never_thrown_out(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter(deployment, monkeypatch)
    deployment.synth()
    deployment.apply("prod")
    before = deployment.dump()
    client = administrator(deployment, PROD)
    (principal,) = client.service_principals.list(filter='displayName eq "taxi-fare-prod-ci"')
    assert principal.id is not None
    client.api_client.do(
        "PUT",
        f"/api/2.0/preview/permissionassignments/principals/{principal.id}",
        body={"permissions": [iam.WorkspacePermission.ADMIN.value]},
    )
    assert deployment.dump() != before
    last = deployment.requests()[-1].n

    assert deployment.pending("prod") == [("databricks_permission_assignment", ["update"])]
    deployment.apply("prod")
    assert deployment.dump() == before
    assert not [entry for entry in deployment.requests(after=last) if entry.method == "DELETE"]


def test_an_entitlement_given_by_hand_is_taken_back(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    enter(deployment, monkeypatch)
    deployment.synth()
    deployment.apply("prod")
    before = deployment.dump()
    client = administrator(deployment, PROD)
    (principal,) = client.service_principals.list(filter='displayName eq "taxi-fare-prod-ci"')
    assert principal.id is not None
    client.service_principals.patch(
        principal.id,
        operations=[
            iam.Patch(op=iam.PatchOp.ADD, path="entitlements", value=[{"value": "allow-instance-pool-create"}])
        ],
        schemas=[iam.PatchSchema.URN_IETF_PARAMS_SCIM_API_MESSAGES_2_0_PATCH_OP],
    )
    assert deployment.dump() != before
    last = deployment.requests()[-1].n
    assert deployment.pending("prod") == [("databricks_entitlements", ["update"])]
    deployment.apply("prod")
    assert deployment.dump() == before
    assert not [entry for entry in deployment.requests(after=last) if entry.method == "DELETE"]


def test_staging_and_prod_share_a_workspace_side_by_side(tmp_path: Path) -> None:
    shared = config(environments__staging__host=PROD)
    with deployment_in(tmp_path / "project", shared) as deployment:
        seed = deployment.dump()
        deployment.synth()
        # Both at once, as `cdktf deploy staging prod` does.
        with ThreadPoolExecutor(2) as workers:
            list(workers.map(deployment.apply, ("staging", "prod")))
        for stack in ("staging", "prod"):
            assert deployment.pending(stack) == []
        principals = {
            document["displayName"] for document in deployment.dump()["databricks.service_principal"].values()
        }
        assert {"taxi-fare-staging-ci", "taxi-fare-prod-ci"} <= principals
        with ThreadPoolExecutor(2) as workers:
            list(workers.map(deployment.destroy, ("staging", "prod")))
        assert deployment.dump() == seed


@pytest.mark.parametrize(
    "changes",
    [
        {"github__secret_scope": "environment"},
        {"github__actions": {"allowed": "selected", "patterns": ["databricks/setup-cli@*"]}},
        {"github__protection": "solo", "github__required_checks": ["unit-tests"]},
        {"github__workflow_permissions": "read", "github__allow_pull_request_creation": True},
        {"environments__prod__token_users_group": "ci-principals"},
        {"environments__prod__catalogs": {"ml": {"create": True, "owner": "ml-platform"}}},
        {"environments__prod__entitlements": {"allow_cluster_create": False}},
    ],
    ids=lambda changes: ",".join(changes),
)
def test_every_variation_deploys_settles_and_leaves_nothing_behind(changes: dict[str, Any], tmp_path: Path) -> None:
    with deployment_in(tmp_path / "project", config(**changes)) as deployment:
        seed = deployment.dump()
        stacks = ("repository", "prod")
        deployment.synth(MLOPS_ALLOW_DESTROY=",".join(stacks))
        for stack in stacks:
            deployment.apply(stack)
            assert deployment.pending(stack) == []
        for stack in stacks:
            deployment.destroy(stack)
        assert deployment.dump() == seed
