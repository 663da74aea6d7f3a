"""Every resource type of the stand-ins, with real Terraform, against the sandbox."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.standins.databricks.provider import PROVIDER as DATABRICKS
from sandbox.standins.github.provider import PROVIDER as GITHUB
from tests.deployments import Deployment, deployment_in
from tests.standins_fixtures import Terraform
from tests.synthesis import config

STAGING = config()["environments"]["staging"]["host"]
OWNER, REPOSITORY = config()["github"]["owner"], config()["github"]["repository"]
PROVIDERS = {
    "databricks": [
        {
            "alias": "account",
            "host": "https://accounts.cloud.databricks.com",
            "account_id": config()["account"]["id"],
            "auth_type": "oauth-m2m",
            "retry_timeout_seconds": 20,
        },
        {"host": STAGING, "auth_type": "oauth-m2m", "retry_timeout_seconds": 20},
    ],
    "github": {"owner": OWNER},
}
ACCOUNT = {"provider": "databricks.account"}
CI = "${databricks_service_principal.ci.application_id}"
REPOSITORY_ID = "${data.github_repository.r.node_id}"

# As little as shows each argument at work; the tests below take things away or change them.
RESOURCES: dict[str, dict[str, dict[str, Any]]] = {
    "databricks_service_principal": {
        "ci": {**ACCOUNT, "display_name": "ci", "disable_as_user_deletion": False},
        "other": {**ACCOUNT, "display_name": "other", "disable_as_user_deletion": False},
    },
    "databricks_permission_assignment": {
        "ci": {"principal_id": "${databricks_service_principal.ci.id}", "permissions": ["USER"]},
        "by_name": {
            "service_principal_name": "${databricks_service_principal.other.application_id}",
            "permissions": ["ADMIN"],
        },
    },
    "databricks_service_principal_secret": {
        "ci": {**ACCOUNT, "service_principal_id": "${databricks_service_principal.ci.id}", "lifetime": "86400s"},
    },
    "databricks_entitlements": {
        "ci": {
            "service_principal_id": "${databricks_permission_assignment.ci.principal_id}",
            "workspace_access": True,
            "allow_cluster_create": True,
        },
    },
    "databricks_group_member": {
        "ci": {
            "group_id": "${data.databricks_group.team.id}",
            "member_id": "${databricks_permission_assignment.ci.principal_id}",
        },
    },
    "databricks_catalog": {
        "made": {"name": "made", "comment": "by a test", "properties": {"purpose": "test"}, "force_destroy": True},
        "apart": {"name": "apart", "isolation_mode": "ISOLATED", "owner": CI},
    },
    "databricks_schema": {
        "made": {"catalog_name": "${databricks_catalog.made.name}", "name": "s", "owner": CI, "comment": "here"},
    },
    "databricks_grant": {
        "ci": {
            "catalog": "${databricks_catalog.made.name}",
            "principal": CI,
            "privileges": ["USE_CATALOG", "CREATE_SCHEMA"],
        },
    },
    "databricks_grants": {
        "all": {
            "schema": "${databricks_schema.made.id}",
            "grant": [
                {"principal": CI, "privileges": ["USE_SCHEMA"]},
                {"principal": "account users", "privileges": ["USE_SCHEMA", "SELECT"]},
            ],
        },
    },
    "databricks_obo_token": {
        "ci": {
            "application_id": CI,
            "lifetime_seconds": 3600,
            "comment": "of a test",
            "depends_on": ["databricks_permission_assignment.ci"],
        },
    },
    "github_actions_secret": {
        "t": {
            "repository": REPOSITORY,
            "secret_name": "TOKEN",
            "plaintext_value": "${databricks_obo_token.ci.token_value}",
        },
    },
    "github_actions_variable": {"v": {"repository": REPOSITORY, "variable_name": "STAGE", "value": "one"}},
    "github_workflow_repository_permissions": {
        "w": {"repository": REPOSITORY, "default_workflow_permissions": "write"},
    },
    "github_actions_repository_permissions": {
        "a": {
            "repository": REPOSITORY,
            "allowed_actions": "selected",
            "allowed_actions_config": [{"github_owned_allowed": True, "patterns_allowed": ["databricks/*"]}],
        },
    },
    "github_branch": {"b": {"repository": REPOSITORY, "branch": "feature/one", "source_branch": "main"}},
    "github_branch_protection": {
        "main": {
            "repository_id": REPOSITORY_ID,
            "pattern": "main",
            "enforce_admins": True,
            "required_pull_request_reviews": [{"require_code_owner_reviews": True}],
            "required_status_checks": [{"strict": True, "contexts": ["test", "lint"]}],
        },
        "feature": {"repository_id": REPOSITORY, "pattern": "feature/*", "restrict_pushes": [{}]},
    },
    "github_repository_environment": {
        "e": {
            "repository": REPOSITORY,
            "environment": "staging/eu",
            "deployment_branch_policy": [{"protected_branches": False, "custom_branch_policies": True}],
        },
    },
    "github_repository_environment_deployment_policy": {
        "p": {
            "repository": REPOSITORY,
            "environment": "${github_repository_environment.e.environment}",
            "branch_pattern": "release",
        },
    },
    "github_actions_environment_secret": {
        "s": {
            "repository": REPOSITORY,
            "environment": "${github_repository_environment.e.environment}",
            "secret_name": "TOKEN",
            "plaintext_value": "value",
        },
    },
}
DATA = {
    "databricks_group": {"team": {"display_name": "team"}},
    "databricks_current_user": {"me": {}},
    "databricks_service_principal": {"me": {"application_id": "${data.databricks_current_user.me.user_name}"}},
    "github_branch_protection_rules": {"all": {"repository": REPOSITORY}},
    "github_repository": {"r": {"name": REPOSITORY}},
}
MAKE_GROUP = "from databricks.sdk import WorkspaceClient; WorkspaceClient().groups.create(display_name='team')"
EVERYTHING = {"provider": PROVIDERS, "resource": RESOURCES, "data": DATA}


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with deployment_in(tmp_path_factory.mktemp("standins"), config()) as deployment:
        deployment.run(sys.executable, "-c", MAKE_GROUP, DATABRICKS_HOST=STAGING)
        deployment.sandbox.ask("save")
        yield deployment


@pytest.fixture
def terraform(sandbox: Deployment, tmp_path: Path) -> Terraform:
    """A configuration of everything, initialized, in a sandbox on day one."""
    sandbox.sandbox.ask("restore")
    terraform = Terraform(tmp_path / "stack", sandbox.environ)
    terraform.folder.mkdir()
    terraform.write(EVERYTHING)
    terraform.ok("init", "-no-color", "-input=false")
    return terraform


def test_the_configuration_has_every_type() -> None:
    assert RESOURCES.keys() == DATABRICKS.resources.keys() | GITHUB.resources.keys()
    assert DATA.keys() == DATABRICKS.data_sources.keys() | GITHUB.data_sources.keys()


def test_everything_applies_then_the_plan_is_empty_then_nothing_is_left(
    sandbox: Deployment, terraform: Terraform
) -> None:
    day_one = sandbox.dump()
    terraform.apply()
    assert terraform.actions() == {}
    assert "drift" not in terraform.plan()
    terraform.ok("destroy", "-auto-approve", "-no-color")
    assert sandbox.dump() == day_one
