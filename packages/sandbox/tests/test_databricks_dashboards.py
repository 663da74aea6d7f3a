"""Dashboards and alerts: objects of the workspace's tree, with access lists of their own."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from databricks.sdk.errors import NotFound, PermissionDenied
from databricks.sdk.errors.base import DatabricksError

from packages.sandbox.tests.databricks_projects import Project, make_project
from packages.sandbox.tests.databricks_sandbox import open_sandbox

DASHBOARDS, ALERTS = "/api/2.0/lakeview/dashboards", "/api/2.0/alerts"
ALERT: dict[str, Any] = {
    "display_name": "late",
    "query_text": "SELECT 1",
    "warehouse_id": "w",
    "evaluation": {"comparison_operator": "GREATER_THAN", "source": {"name": "1"}},
    "schedule": {"quartz_cron_schedule": "0 0 9 * * ?", "timezone_id": "UTC"},
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    with open_sandbox(tmp_path, monkeypatch) as databricks:
        yield make_project(databricks)


def make_dashboard(project: Project, folder: str | None = None, **more: Any) -> dict[str, Any]:
    body = {"display_name": "fares", "parent_path": folder or project.home, "warehouse_id": "w", **more}
    made: dict[str, Any] = project.client.api_client.do("POST", DASHBOARDS, body=body)
    return made


def test_a_dashboard_comes_back_as_the_service_writes_it(project: Project) -> None:
    made = make_dashboard(project, serialized_dashboard='{ "pages": [{"name": "p"}] }')
    assert made["serialized_dashboard"] == '{"pages":[{"name":"p","pageType":"PAGE_TYPE_CANVAS"}]}\n'
    assert made["parent_path"] == f"/Users/{project.name}"
    assert made["path"] == f"/Users/{project.name}/fares.lvdash.json"
    status = project.client.workspace.get_status(made["path"])
    assert (status.object_type.value if status.object_type else "", status.resource_id) == (
        "DASHBOARD",
        made["dashboard_id"],
    )


def test_its_etag_changes_with_what_it_draws_and_not_with_what_is_published(project: Project) -> None:
    made = make_dashboard(project)
    path = f"{DASHBOARDS}/{made['dashboard_id']}"
    project.client.api_client.do("POST", f"{path}/published", body={"embed_credentials": True})
    assert project.client.api_client.do("GET", path)["etag"] == made["etag"]
    changed = project.client.api_client.do("PATCH", path, body={"serialized_dashboard": '{"pages": []}'})
    assert changed["etag"] != made["etag"]
    renamed = project.client.api_client.do("PATCH", path, body={"display_name": "other"})
    assert renamed["path"].endswith("/other.lvdash.json")


def test_a_folder_that_is_missing_is_told_in_the_words_on_which_the_provider_makes_it(project: Project) -> None:
    with pytest.raises(NotFound, match=rf"^Path \({project.home}/none\) doesn't exist\.$"):
        make_dashboard(project, f"{project.home}/none")
    with pytest.raises(NotFound, match="doesn't exist"):
        project.client.api_client.do("POST", ALERTS, body={**ALERT, "parent_path": f"{project.home}/none"})


def test_who_sees_and_who_changes_a_dashboard_is_for_its_list(project: Project) -> None:
    made = make_dashboard(project)
    _, other = project.databricks.make_member("other")
    path = f"{DASHBOARDS}/{made['dashboard_id']}"
    with pytest.raises(PermissionDenied):
        other.api_client.do("GET", path)
    lists = f"/api/2.0/permissions/dashboards/{made['dashboard_id']}"
    reads = {"access_control_list": [{"group_name": "users", "permission_level": "CAN_READ"}]}
    project.client.api_client.do("PATCH", lists, body=reads)
    assert other.api_client.do("GET", path)["display_name"] == "fares"
    for method, to in (("PATCH", path), ("POST", f"{path}/published"), ("DELETE", path)):
        with pytest.raises(PermissionDenied):
            other.api_client.do(method, to, body={})


def test_nothing_is_left_of_a_dashboard_or_an_alert(project: Project) -> None:
    before = project.databricks.store.dump()
    made = make_dashboard(project)
    project.client.api_client.do("POST", f"{DASHBOARDS}/{made['dashboard_id']}/published", body={})
    alert = project.client.api_client.do("POST", ALERTS, body={**ALERT, "parent_path": project.home})
    project.client.api_client.do("DELETE", f"{DASHBOARDS}/{made['dashboard_id']}")
    project.client.api_client.do("DELETE", f"{ALERTS}/{alert['id']}")
    assert project.databricks.store.dump() == before
    with pytest.raises(NotFound):
        project.client.api_client.do("GET", f"{ALERTS}/{alert['id']}")


def test_an_alert_answers_its_folder_as_it_was_written_and_what_works_out_of_it(project: Project) -> None:
    evaluation = {**ALERT["evaluation"], "notification": {"notify_on_ok": True}}
    body = {**ALERT, "parent_path": project.home, "evaluation": evaluation}
    made = project.client.api_client.do("POST", ALERTS, body=body)
    assert made["parent_path"] == project.home
    assert made["evaluation"]["notification"]["effective_notify_on_ok"] is True
    assert made["effective_run_as"] == {"service_principal_name": project.name}


def test_an_update_of_an_alert_changes_what_its_mask_names(project: Project) -> None:
    made = project.client.api_client.do("POST", ALERTS, body={**ALERT, "parent_path": project.home})
    path, body = f"{ALERTS}/{made['id']}", {**ALERT, "query_text": "SELECT 2", "custom_summary": "s"}
    changed = project.client.api_client.do("PATCH", path, query={"update_mask": "query_text"}, body=body)
    assert (changed["query_text"], changed.get("custom_summary")) == ("SELECT 2", "s")
    with pytest.raises(DatabricksError, match="update_mask"):
        project.client.api_client.do("PATCH", path, body=body)


def test_an_alert_runs_as_another_principal_for_admins_alone(project: Project) -> None:
    other, _ = project.databricks.make_member("other")
    run_as = {"run_as": {"service_principal_name": other.application_id}}
    with pytest.raises(PermissionDenied, match="run_as"):
        project.client.api_client.do("POST", ALERTS, body={**ALERT, "parent_path": project.home, **run_as})
