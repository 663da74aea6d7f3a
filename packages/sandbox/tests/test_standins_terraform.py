"""What Terraform makes of a stand-in whose server misbehaves; against a small server of the test's own."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from packages.sandbox.tests.standins_fixtures import Fake, Terraform, serving, terraform

VARIABLES = "/api/v3/repos/o/r/actions/variables"
WORKFLOW = "/api/v3/repos/o/r/actions/permissions/workflow"
CATALOGS = "/api/2.1/unity-catalog/catalogs"
STAMPS = {"created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}


@pytest.fixture
def fake() -> Iterator[Fake]:
    with serving(Fake()) as fake:
        fake.on("GET", "/api/v3/orgs/o")(lambda _: {"id": 1})
        yield fake


@pytest.fixture
def stack(tmp_path: Path) -> Terraform:
    return terraform(tmp_path / "stack")


def providers(fake: Fake) -> dict[str, Any]:
    return {
        "github": {"base_url": f"{fake.url}/", "owner": "o", "token": "t"},
        "databricks": {"host": fake.url, "token": "t", "retry_timeout_seconds": 5},
    }


def start(stack: Terraform, fake: Fake, **resources: Any) -> None:
    """Write and initialize a configuration of one resource per type."""
    stack.write({"provider": providers(fake), "resource": {name: {"x": body} for name, body in resources.items()}})
    stack.ok("init", "-no-color")


def error(stack: Terraform, *arguments: str) -> str:
    """The error that Terraform ends with."""
    done = stack.run(*arguments, "-no-color")
    assert done.returncode == 1, done.stdout
    return done.stderr


def test_a_refusal_is_told_in_the_servers_words(fake: Fake, stack: Terraform) -> None:
    fake.on("POST", CATALOGS)(lambda _: (403, {"error_code": "PERMISSION_DENIED", "message": "No CREATE CATALOG."}))
    fake.on("POST", VARIABLES)(lambda _: (403, {"message": "Must have admin rights."}))
    variable = {"repository": "r", "variable_name": "V", "value": "v"}
    start(stack, fake, databricks_catalog={"name": "c"}, github_actions_variable=variable)
    told = error(stack, "apply", "-auto-approve")
    assert "Error: cannot create catalog: No CREATE CATALOG." in told
    assert f"Error: POST {fake.url}{VARIABLES}: 403 Must have admin rights. []" in told
    assert not json.loads((stack.folder / "terraform.tfstate").read_text())["resources"]


def test_what_was_created_before_the_refusal_is_tainted(fake: Fake, stack: Terraform) -> None:
    fake.on("POST", CATALOGS)(lambda body: body)
    fake.on("DELETE", "/api/2.1/unity-catalog/schemas/c.default")(lambda _: {})
    fake.on("PATCH", f"{CATALOGS}/c")(lambda _: (400, {"message": "Principal team does not exist."}))
    fake.on("GET", f"{CATALOGS}/c")(lambda _: {"name": "c", "metastore_id": "m"})
    fake.on("GET", "/api/2.1/unity-catalog/current-metastore-assignment")(lambda _: {"metastore_id": "m"})
    fake.on("DELETE", f"{CATALOGS}/c")(lambda _: {})
    start(stack, fake, databricks_catalog={"name": "c", "owner": "team"})
    assert "Principal team does not exist." in error(stack, "apply", "-auto-approve")
    (resource,) = json.loads((stack.folder / "terraform.tfstate").read_text())["resources"]
    assert resource["instances"][0]["status"] == "tainted"
    assert stack.actions() == {"databricks_catalog.x": "replace"}


def test_what_is_gone_right_after_it_was_written_is_an_error(fake: Fake, stack: Terraform) -> None:
    fake.on("POST", VARIABLES)(lambda _: (201, {}))
    start(stack, fake, github_actions_variable={"repository": "r", "variable_name": "V", "value": "v"})
    assert f"GET {fake.url}{VARIABLES}/V: 404 Not Found" in error(stack, "apply", "-auto-approve")


def test_workflow_permissions_that_cannot_be_read_are_an_error_and_not_drift(fake: Fake, stack: Terraform) -> None:
    fake.on("PUT", WORKFLOW)(lambda _: (204, None))
    fake.on("GET", WORKFLOW)(lambda _: {"default_workflow_permissions": "write"})
    permissions = {"repository": "r", "default_workflow_permissions": "write"}
    start(stack, fake, github_workflow_repository_permissions=permissions)
    stack.apply()
    del fake.handlers["GET", WORKFLOW]
    assert "404 Not Found" in error(stack, "plan")


def test_a_deleted_variable_is_an_error_to_delete_again(fake: Fake, stack: Terraform) -> None:
    fake.on("POST", VARIABLES)(lambda _: (201, {}))
    fake.on("GET", f"{VARIABLES}/V")(lambda _: {"value": "v", **STAMPS})
    start(stack, fake, github_actions_variable={"repository": "r", "variable_name": "V", "value": "v"})
    stack.apply()
    assert f"DELETE {fake.url}{VARIABLES}/V: 404" in error(stack, "destroy", "-auto-approve")


def test_wrong_arguments_are_found_before_anything_is_sent(fake: Fake, stack: Terraform) -> None:
    start(
        stack,
        fake,
        databricks_permission_assignment={"permissions": ["USER"], "user_name": "a", "group_name": "b"},
        databricks_entitlements={"workspace_access": True},
        databricks_grant={"principal": "a", "privileges": ["SELECT"]},
        databricks_service_principal={"active": True},
        github_workflow_repository_permissions={"repository": "r", "default_workflow_permissions": "admin"},
        github_repository_environment_deployment_policy={
            "repository": "r",
            "environment": "e",
            "branch_pattern": "a",
            "tag_pattern": "b",
        },
    )
    fake.sent()
    told = " ".join(error(stack, "validate").split())
    for fault in (
        "exactly one of principal_id, service_principal_name, user_name, group_name must be set",
        "one of group_id, user_id, service_principal_id must be specified",
        "exactly one securable must be specified, found: none",
        "one of application_id, display_name must be specified",
        'expected default_workflow_permissions to be one of ["read" "write"], got admin',
        '"branch_pattern": conflicts with tag_pattern',
    ):
        assert fault in told
    assert fake.sent() == []


def test_a_provider_may_be_configured_with_what_is_made_in_the_same_run(fake: Fake, stack: Terraform) -> None:
    """Nothing is asked at plan time; a data source of such a provider waits for the apply."""
    tokens = "/api/2.0/token-management"
    fake.on("POST", f"{tokens}/on-behalf-of/tokens")(
        lambda _: {"token_value": "dapi2", "token_info": {"token_id": "t"}}
    )
    fake.on("GET", f"{tokens}/tokens/t")(lambda _: {"token_info": {"comment": "", "expiry_time": -1}})
    fake.on("GET", "/api/2.0/preview/scim/v2/Me")(lambda _: {"id": "7", "userName": "me@example.com"})
    later = {"alias": "later", "host": fake.url, "token": "${databricks_obo_token.t.token_value}"}
    stack.write(
        {
            "provider": {"databricks": [providers(fake)["databricks"], later]},
            "resource": {"databricks_obo_token": {"t": {"application_id": "app"}}},
            "data": {
                "databricks_current_user": {
                    "me": {"provider": "databricks.later", "depends_on": ["databricks_obo_token.t"]}
                }
            },
            "output": {"me": {"value": "${data.databricks_current_user.me.user_name}"}},
        }
    )
    stack.ok("init", "-no-color")
    assert stack.actions() == {"databricks_obo_token.t": "create", "data.databricks_current_user.me": "read"}
    assert fake.sent() == []
    stack.apply()
    assert stack.ok("output", "-raw", "me") == "me@example.com"


def test_secrets_are_marked_in_plans(fake: Fake, stack: Terraform) -> None:
    start(
        stack,
        fake,
        github_actions_secret={"repository": "r", "secret_name": "S", "plaintext_value": "in-clear"},
        databricks_obo_token={"application_id": "app"},
    )
    text = stack.ok("plan", "-no-color")
    assert "in-clear" not in text
    assert text.count("(sensitive value)") == 2


def test_github_is_spoken_to_by_one_request_at_a_time(fake: Fake, stack: Terraform) -> None:
    at_once, most = 0, 0

    def slowly(answer: Any) -> Any:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        time.sleep(0.02)
        at_once -= 1
        return answer

    fake.on("POST", VARIABLES)(lambda _: slowly((201, {})))
    fake.on("GET", f"{VARIABLES}/(.*)")(lambda _, name: slowly({"value": name, **STAMPS}))
    named = {name: {"repository": "r", "variable_name": name, "value": name} for name in ("A", "B", "C", "D")}
    stack.write({"provider": providers(fake), "resource": {"github_actions_variable": named}})
    stack.ok("init", "-no-color")
    stack.apply()
    assert most == 1
