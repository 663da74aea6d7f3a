"""What a principal can do that is an admin of one workspace and none of the account: docs/rights.md says so."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from databricks.sdk.service.catalog import PermissionsChange, Privilege

from tests.ci_principals import workspace_admin
from tests.deployments import Deployment, administrator, deployment_in, enter
from tests.synthesis import config

QUIET = ("-input=false", "-no-color")
STAGING = config()["environments"]["staging"]["host"]
CATALOGS = ("staging", "test")


@pytest.fixture
def deployment(tmp_path: Path) -> Iterator[Deployment]:
    with deployment_in(tmp_path / "project", config()) as deployment:
        deployment.synth()
        for stack in ("staging", "prod"):
            deployment.apply(stack)
        yield deployment


def test_without_an_account_admin_staging_deploys_and_cannot_touch_prod(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    client_id, client_secret = workspace_admin(deployment, [STAGING])
    narrow = Deployment(
        deployment.sandbox,
        {**deployment.environ, "DATABRICKS_CLIENT_ID": client_id, "DATABRICKS_CLIENT_SECRET": client_secret},
    )
    # To look at the principal takes the account.
    said = narrow.terraform("staging", "plan", *QUIET, code=1)
    assert f"{client_id} is not an account admin" in said

    # To grant takes MANAGE on the catalog, and to rotate the workspace.
    deployment.configure(config(environments__staging__catalogs={"staging": {"may_create_schemas": True}, "test": {}}))
    now = deployment.sandbox("clock", "+31d").stdout.strip()
    deployment.synth(MLOPS_NOW=now)
    before = deployment.secret("STAGING_WORKSPACE_TOKEN")
    said = narrow.terraform("staging", "apply", "-auto-approve", "-refresh=false", *QUIET, code=1)
    assert "does not have MANAGE on it" in said
    enter(deployment, monkeypatch)
    for catalog in CATALOGS:
        change = PermissionsChange(principal=client_id, add=[Privilege.MANAGE, Privilege.USE_CATALOG])
        administrator(deployment, STAGING).grants.update("catalog", catalog, changes=[change])
    narrow.terraform("staging", "apply", "-auto-approve", "-refresh=false", *QUIET)
    assert deployment.secret("STAGING_WORKSPACE_TOKEN") != before
    said = deployment.terraform("staging", "plan", *QUIET, MLOPS_NOW=now)
    assert "No changes." in said

    # Prod's workspace does not let it in.
    said = narrow.terraform("prod", "apply", "-auto-approve", "-refresh=false", *QUIET, code=1)
    assert "User not authorized" in said
