"""What apps, alerts, dashboards and databases send, and what is planned of attributes that have others inside."""

from typing import Any

import pytest

from packages.sandbox.tests.recorded_requests import create, delete, read, update
from sandbox.standins import schema
from sandbox.standins.behaviour import MissingError, RefusedError
from sandbox.standins.databricks.provider import PROVIDER
from sandbox.standins.plan import plan, settle
from sandbox.standins.wire import UNKNOWN, conform

BLOCKS = schema.load("databricks").resources
SCHEDULE = {"quartz_cron_schedule": "0 0 9 * * ?", "timezone_id": "UTC"}
EVALUATION = {"comparison_operator": "IS_NULL", "source": {"name": "x"}, "notification": {"notify_on_ok": False}}
ALERT = {"display_name": "a", "query_text": "q", "warehouse_id": "w", "evaluation": EVALUATION, "schedule": SCHEDULE}


def planned(type_name: str, config: dict[str, Any], prior: dict[str, Any] | None = None) -> dict[str, Any]:
    block = BLOCKS[type_name]
    before = None if prior is None else conform(block.type, block.empty | prior)
    return plan(
        block, PROVIDER.resources[type_name].rules, config=conform(block.type, block.empty | config), prior=before
    ).state


def test_what_is_computed_inside_of_an_attribute_is_unknown_until_the_service_tells() -> None:
    state = planned("databricks_alert_v2", ALERT)
    assert (state["evaluation"]["state"], state["evaluation"]["source"]["display"]) == (UNKNOWN, None)
    assert state["evaluation"]["notification"]["effective_notify_on_ok"] == UNKNOWN
    assert state["effective_run_as"] == UNKNOWN
    answered = {"id": "7", "evaluation": {"state": "OK", "notification": {"effective_notify_on_ok": True}}}
    block = BLOCKS["databricks_alert_v2"]
    settled = settle(block, planned=state, config=conform(block.type, block.empty | ALERT), answered=answered)
    assert (settled["evaluation"]["state"], settled["evaluation"]["comparison_operator"]) == ("OK", "IS_NULL")
    assert settled["evaluation"]["notification"] == {
        "effective_notify_on_ok": True,
        "effective_retrigger_seconds": None,
        "notify_on_ok": False,
        "retrigger_seconds": None,
        "subscriptions": None,
    }


def test_without_a_change_the_state_stays_and_with_one_only_what_keeps_its_value_is_known() -> None:
    evaluation = {**EVALUATION, "state": "OK"}
    prior = {**ALERT, "evaluation": evaluation, "id": "7", "update_time": "then"}
    assert planned("databricks_alert_v2", ALERT, prior)["update_time"] == "then"
    changed = planned("databricks_alert_v2", {**ALERT, "query_text": "other"}, prior)
    assert (changed["id"], changed["update_time"], changed["evaluation"]["state"]) == ("7", UNKNOWN, UNKNOWN)


def test_an_alert_is_changed_by_a_mask_of_everything() -> None:
    answers = {"POST /api/2.0/alerts": {"id": "7", **ALERT}}
    given = conform(BLOCKS["databricks_alert_v2"].type, BLOCKS["databricks_alert_v2"].empty | ALERT)
    assert create("databricks_alert_v2", answers, **given) == [("POST", "/api/2.0/alerts", ALERT)]
    sent = update("databricks_alert_v2", prior={**given, "id": "7"}, query_text="other")
    mask = (
        "custom_description,custom_summary,display_name,evaluation,parent_path,query_text,run_as,run_as_user_name,"
        "schedule,warehouse_id"
    )
    body = {**ALERT, "id": "7", "query_text": "other"}
    assert sent == [("PATCH", f"/api/2.0/alerts/7?update_mask={mask}", body)]
    assert delete("databricks_alert_v2", id="7") == [("DELETE", "/api/2.0/alerts/7", None)]


def test_an_app_is_made_without_compute_and_waited_for() -> None:
    stopped = {"name": "ui", "compute_status": {"state": "STOPPED"}}
    answers = {"POST /api/2.0/apps?no_compute=true": {"name": "ui"}, "GET /api/2.0/apps/ui": stopped}
    sent = create("databricks_app", answers, name="ui", description="", no_compute=True)
    assert sent == [
        ("POST", "/api/2.0/apps?no_compute=true", {"name": "ui", "description": ""}),
        ("GET", "/api/2.0/apps/ui", None),
    ]


def test_an_app_that_is_gone_is_an_error_of_every_plan() -> None:
    with pytest.raises(RefusedError, match="failed to read app: gone"):
        read("databricks_app", {"GET /api/2.0/apps/ui": MissingError("gone")}, name="ui")
    assert PROVIDER.resources["databricks_app"].gone_on_404 is False


def test_a_dashboard_whose_folder_is_missing_gets_one_and_is_published() -> None:
    path = "/api/2.0/lakeview/dashboards"
    made = {"dashboard_id": "d", "etag": "1", "warehouse_id": "w"}
    answers: dict[str, Any] = {f"POST {path}": [RefusedError("Path (/a/b) doesn't exist."), made]}
    given: dict[str, Any] = {
        "display_name": "n",
        "parent_path": "/a/b",
        "warehouse_id": "w",
        "serialized_dashboard": "{}",
    }
    sent = create("databricks_dashboard", answers, **given, embed_credentials=False)
    assert sent == [
        ("POST", path, given),
        ("POST", "/api/2.0/workspace/mkdirs", {"path": "/a/b"}),
        ("POST", path, given),
        ("POST", f"{path}/d/published", {"embed_credentials": False, "warehouse_id": "w"}),
    ]


def test_a_dashboard_that_cannot_be_published_is_trashed() -> None:
    path = "/api/2.0/lakeview/dashboards"
    answers = {f"POST {path}": {"dashboard_id": "d", "etag": "1"}, f"POST {path}/d/published": RefusedError("no")}
    with pytest.raises(RefusedError, match="no"):
        create("databricks_dashboard", answers, display_name="n", parent_path="/a")
    assert delete("databricks_dashboard", id="d") == [("DELETE", f"{path}/d", None)]


def test_what_a_dashboard_draws_is_known_by_digest_and_what_others_changed_by_the_etag() -> None:
    config = {"display_name": "n", "parent_path": "/Workspace/a", "warehouse_id": "w", "serialized_dashboard": "{}"}
    digest = "99914b932bd37a50b983c5e7c90ae93b"
    prior: dict[str, Any] = {
        **config,
        "id": "d",
        "embed_credentials": True,
        "parent_path": "/a",
        "serialized_dashboard": "{}\n",
        "md5": digest,
        "dashboard_change_detected": False,
    }
    assert planned("databricks_dashboard", config, prior)["serialized_dashboard"] == "{}\n"
    assert planned("databricks_dashboard", config, prior)["parent_path"] == "/a"
    changed = planned("databricks_dashboard", config, prior | {"dashboard_change_detected": True})
    assert changed["serialized_dashboard"] == "{}"
    state, _ = read("databricks_dashboard", {"GET /api/2.0/lakeview/dashboards/d": {"etag": "2"}}, **prior, etag="1")
    assert state["dashboard_change_detected"] is True


def test_an_instance_keeps_what_was_told_and_is_purged_where_it_says_so() -> None:
    path = "/api/2.0/database/instances/db"
    answers = {f"GET {path}": {"name": "db", "effective_node_count": 3}}
    state, _ = read("databricks_database_instance", answers, name="db", node_count=2, purge_on_delete=True)
    assert (state["node_count"], state["effective_node_count"], state["purge_on_delete"]) == (2, 3, True)
    assert delete("databricks_database_instance", name="db", purge_on_delete=True) == [
        ("DELETE", f"{path}?purge=true", None)
    ]
    assert delete("databricks_database_instance", name="db") == [("DELETE", path, None)]


def test_a_synced_table_keeps_what_the_service_never_answers() -> None:
    spec = {
        "source_table_full_name": "a.b.c",
        "scheduling_policy": "SNAPSHOT",
        "create_database_objects_if_missing": True,
    }
    type_ = BLOCKS["databricks_database_synced_database_table"].attributes["spec"].type
    answers = {
        "GET /api/2.0/database/synced_tables/a.b.d": {"name": "a.b.d", "spec": {"scheduling_policy": "TRIGGERED"}}
    }
    state, _ = read(
        "databricks_database_synced_database_table",
        answers,
        name="a.b.d",
        logical_database_name="fares",
        spec=conform(type_, spec),
    )
    assert state["logical_database_name"] == "fares"
    assert state["spec"]["create_database_objects_if_missing"] is True
    assert state["spec"]["scheduling_policy"] == "TRIGGERED"
