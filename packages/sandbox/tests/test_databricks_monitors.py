"""Quality monitors: the answer is what was sent and what is computed, and the table's rights count."""

from typing import Any

import pytest
from databricks.sdk.errors import NotFound, PermissionDenied
from databricks.sdk.errors.base import DatabricksError

from packages.sandbox.tests.databricks_projects import Project

TABLE = "source.trips.yellow"
MONITOR = f"/api/2.1/unity-catalog/tables/{TABLE}/monitor"
SENT: dict[str, Any] = {
    "assets_dir": "/Workspace/Users/x/monitoring",
    "output_schema_name": "source.trips",
    "inference_log": {
        "granularities": ["1 day"],
        "model_id_col": "model_id",
        "prediction_col": "prediction",
        "label_col": "fare",
        "problem_type": "PROBLEM_TYPE_REGRESSION",
        "timestamp_col": "at",
    },
    "schedule": {"quartz_cron_expression": "0 0 8 * * ?", "timezone_id": "UTC"},
}


def do(project: Project, method: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    return dict(project.databricks.workspace().api_client.do(method, MONITOR, body=body))


def test_a_monitor_comes_back_with_what_was_sent_and_what_is_computed(project: Project) -> None:
    sent = {**SENT, "skip_builtin_dashboard": True, "warehouse_id": "1"}
    made = do(project, "POST", sent)
    computed = {
        "table_name": TABLE,
        "status": "MONITOR_STATUS_ACTIVE",
        "monitor_version": 0,
        "drift_metrics_table_name": "source.trips.yellow_drift_metrics",
        "profile_metrics_table_name": "source.trips.yellow_profile_metrics",
        "dashboard_id": made["dashboard_id"],
    }
    schedule = {**SENT["schedule"], "pause_status": "UNPAUSED"}
    assert made == do(project, "GET") == {**SENT, **computed, "schedule": schedule}
    assert "monitor" not in project.databricks.workspace().tables.get(TABLE).as_dict()


def test_an_empty_snapshot_stays_one(project: Project) -> None:
    made = do(project, "POST", {"assets_dir": "/a", "output_schema_name": "source.trips", "snapshot": {}})
    assert made["snapshot"] == {}
    assert "inference_log" not in made


def test_a_monitor_is_replaced_and_keeps_where_its_assets_lie(project: Project) -> None:
    do(project, "POST", SENT)
    changed = do(project, "PUT", {"output_schema_name": "source.trips", "snapshot": {}})
    assert (changed["monitor_version"], changed["assets_dir"]) == (1, SENT["assets_dir"])
    assert "schedule" not in changed


def test_a_table_has_one_monitor_and_none_after_it_is_deleted(project: Project) -> None:
    with pytest.raises(NotFound):
        do(project, "GET")
    do(project, "POST", SENT)
    with pytest.raises(DatabricksError, match="already exists"):
        do(project, "POST", SENT)
    do(project, "DELETE")
    assert "monitor" not in str(project.databricks.store.dump())
    with pytest.raises(NotFound):
        do(project, "GET")


@pytest.mark.parametrize("kinds", [{}, {"snapshot": {}, "time_series": {}}])
def test_a_monitor_watches_in_one_way(project: Project, kinds: dict[str, Any]) -> None:
    body = {"assets_dir": "/a", "output_schema_name": "source.trips", **kinds}
    with pytest.raises(DatabricksError, match="exactly one of"):
        do(project, "POST", body)


def test_a_monitor_needs_the_table_and_a_place_for_its_metrics(project: Project) -> None:
    ci = project.client.api_client
    project.grant("catalog", "source", "USE_CATALOG")
    project.grant("schema", "source.trips", "USE_SCHEMA", "SELECT", "CREATE_TABLE")
    with pytest.raises(PermissionDenied, match="not an owner of Table"):
        ci.do("POST", MONITOR, body=SENT)
    project.grant("table", TABLE, "MANAGE")
    project.revoke("schema", "source.trips", "CREATE_TABLE")
    with pytest.raises(PermissionDenied, match=r"CREATE TABLE on Schema 'source\.trips'"):
        ci.do("POST", MONITOR, body=SENT)
    project.grant("schema", "source.trips", "CREATE_TABLE")
    assert ci.do("POST", MONITOR, body=SENT)
