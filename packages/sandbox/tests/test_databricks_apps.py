"""Apps: each with a principal of its own, and no code until one is deployed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from databricks.sdk.errors import NotFound, PermissionDenied
from databricks.sdk.errors.base import DatabricksError

from packages.sandbox.tests.databricks_projects import Project, make_project
from packages.sandbox.tests.databricks_sandbox import open_sandbox

APPS = "/api/2.0/apps"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    with open_sandbox(tmp_path, monkeypatch) as databricks:
        yield make_project(databricks)


def test_an_app_without_compute_is_stopped_and_its_principal_can_be_granted_something(project: Project) -> None:
    made = project.client.api_client.do("POST", APPS, query={"no_compute": "true"}, body={"name": "ui"})
    assert (made["compute_status"]["state"], made["description"]) == ("STOPPED", "")
    changes = [{"principal": made["service_principal_client_id"], "add": ["USE_CATALOG"]}]
    path = "/api/2.1/unity-catalog/permissions/catalog/staging"
    project.databricks.workspace().api_client.do("PATCH", path, body={"changes": changes})


def test_nothing_is_left_of_an_app(project: Project) -> None:
    before = project.databricks.store.dump()
    project.client.api_client.do("POST", APPS, body={"name": "ui"})
    project.client.api_client.do("DELETE", f"{APPS}/ui")
    after = project.databricks.store.dump()
    assert {kind: after[kind] for kind in before} == before
    with pytest.raises(NotFound, match="App with name ui does not exist or is deleted"):
        project.client.api_client.do("GET", f"{APPS}/ui")


def test_only_who_manages_an_app_changes_it(project: Project) -> None:
    project.client.api_client.do("POST", APPS, body={"name": "ui"})
    _, other = project.databricks.make_member("other")
    with pytest.raises(PermissionDenied):
        other.api_client.do("GET", f"{APPS}/ui")
    uses = {"access_control_list": [{"group_name": "users", "permission_level": "CAN_USE"}]}
    project.client.api_client.do("PATCH", "/api/2.0/permissions/apps/ui", body=uses)
    assert other.api_client.do("GET", f"{APPS}/ui")["name"] == "ui"
    with pytest.raises(PermissionDenied):
        other.api_client.do("PATCH", f"{APPS}/ui", body={"name": "ui"})
    with pytest.raises(PermissionDenied):
        other.api_client.do("DELETE", f"{APPS}/ui")


def test_code_is_deployed_to_an_app_that_runs(project: Project) -> None:
    project.client.api_client.do("POST", APPS, query={"no_compute": "true"}, body={"name": "ui"})
    code = {"source_code_path": f"{project.home}/ui", "mode": "SNAPSHOT"}
    with pytest.raises(DatabricksError, match="its compute is not running"):
        project.client.api_client.do("POST", f"{APPS}/ui/deployments", body=code)
    project.client.api_client.do("POST", f"{APPS}/ui/start")
    made = project.client.api_client.do("POST", f"{APPS}/ui/deployments", body=code)
    shown = project.client.api_client.do("GET", f"{APPS}/ui")
    assert shown["active_deployment"]["deployment_id"] == made["deployment_id"]
    assert shown["app_status"]["state"] == "RUNNING"


@pytest.mark.parametrize("name", ["UI", "u", "a_b", "x" * 31])
def test_a_name_is_lower_case_letters_digits_and_hyphens(name: str, project: Project) -> None:
    with pytest.raises(DatabricksError, match="App name must contain only"):
        project.client.api_client.do("POST", APPS, body={"name": name})
