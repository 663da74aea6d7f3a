"""What is sent for warehouses, clusters, endpoints and secret scopes, as the provider's own log has it."""

from typing import Any

import pytest

from packages.sandbox.tests.recorded_requests import block, create, delete, planned, read, update
from sandbox.standins.behaviour import MissingError, RefusedError

WAREHOUSES, CLUSTERS = "/api/2.0/sql/warehouses", "/api/2.1/clusters"
ENDPOINTS, SECRETS = "/api/2.0/serving-endpoints", "/api/2.0/secrets"


def test_a_warehouse_is_waited_for_and_what_is_off_is_sent_too(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("time.sleep", pauses.append)
    answers = {
        f"POST {WAREHOUSES}": {"id": "w"},
        f"GET {WAREHOUSES}/w": [{"state": "STARTING"}, {"state": "RUNNING"}],
    }
    tags = block("databricks_sql_endpoint", "tags", custom_tags=[{"key": "a", "value": "b"}])
    sent = create(
        "databricks_sql_endpoint",
        answers,
        name="w",
        cluster_size="Small",
        auto_stop_mins=0,
        enable_photon=False,
        tags=[tags],
    )
    body = {
        "name": "w",
        "cluster_size": "Small",
        "auto_stop_mins": 0,
        "enable_photon": False,
        "tags": {"custom_tags": [{"key": "a", "value": "b"}]},
    }
    assert sent == [("POST", WAREHOUSES, body), *[("GET", f"{WAREHOUSES}/w", None)] * 2]
    assert len(pauses) == 1
    assert update("databricks_sql_endpoint", prior={"id": "w", "name": "w", "cluster_size": "Small"}, name="v") == [
        ("POST", f"{WAREHOUSES}/w/edit", {"id": "w", "name": "v", "cluster_size": "Small"})
    ]


def test_a_warehouse_that_does_not_start_is_deleted_again() -> None:
    answers = {f"POST {WAREHOUSES}": {"id": "w"}, f"GET {WAREHOUSES}/w": {"state": "STOPPED"}}
    with pytest.raises(RefusedError, match="failed waiting for warehouse to start: failed to reach RUNNING"):
        create("databricks_sql_endpoint", answers, name="w", cluster_size="Small")


def test_a_warehouse_is_read_with_its_data_source() -> None:
    sources = "/api/2.0/preview/sql/data_sources"
    answers: dict[str, Any] = {
        f"GET {WAREHOUSES}/w": {"name": "w", "health": {"status": "HEALTHY"}},
        f"GET {sources}": [[{"id": "d", "warehouse_id": "w"}], []],
    }
    state, sent = read("databricks_sql_endpoint", answers, id="w")
    assert [one[:2] for one in sent] == [("GET", f"{WAREHOUSES}/w"), ("GET", sources)]
    assert (state["data_source_id"], state["health"][0]["status"]) == ("d", "HEALTHY")
    answers[f"GET {sources}"] = [[]]
    with pytest.raises(RefusedError, match="no data source found for endpoint w"):
        read("databricks_sql_endpoint", answers, id="w")


def test_a_warehouse_without_a_channel_goes_back_to_the_current_one() -> None:
    channel = block("databricks_sql_endpoint", "channel", name="CHANNEL_NAME_PREVIEW")
    prior = {"id": "w", "name": "w", "cluster_size": "Small", "channel": [channel]}
    after = planned("databricks_sql_endpoint", {"name": "w", "cluster_size": "Small"}, prior)
    assert after["channel"][0]["name"] == "CHANNEL_NAME_CURRENT"


def test_a_cluster_is_not_waited_for_when_nobody_wants_that() -> None:
    sent = create(
        "databricks_cluster",
        {f"POST {CLUSTERS}/create": {"cluster_id": "c"}},
        cluster_name="c",
        spark_version="v",
        no_wait=True,
        is_pinned=True,
    )
    body = {"cluster_name": "c", "spark_version": "v", "num_workers": 0}
    assert sent == [("POST", f"{CLUSTERS}/create", body), ("POST", f"{CLUSTERS}/pin", {"cluster_id": "c"})]


def test_a_cluster_that_runs_is_resized_and_any_other_edited() -> None:
    prior = {"id": "c", "spark_version": "v", "num_workers": 1, "node_type_id": "n"}
    answers = {f"GET {CLUSTERS}/get?cluster_id=c": {"state": "RUNNING"}}
    sent = update("databricks_cluster", answers, prior=prior, num_workers=2)
    assert sent[1:] == [("POST", f"{CLUSTERS}/resize", {"cluster_id": "c", "num_workers": 2})]
    answers = {f"GET {CLUSTERS}/get?cluster_id=c": {"state": "TERMINATED"}}
    sent = update("databricks_cluster", answers, prior=prior, num_workers=2)
    body = {"cluster_id": "c", "spark_version": "v", "num_workers": 2, "node_type_id": "n"}
    assert sent[1:] == [("POST", f"{CLUSTERS}/edit", body)]


def test_a_pinned_cluster_is_unpinned_before_it_goes_and_one_that_is_gone_is_missing() -> None:
    pinned = RefusedError("unpin the cluster first")
    sent = delete("databricks_cluster", {f"POST {CLUSTERS}/permanent-delete": [pinned, {}]}, id="c")
    assert [one[1].rpartition("/")[2] for one in sent] == ["permanent-delete", "unpin", "permanent-delete"]
    gone = RefusedError("Cluster c does not exist")
    assert len(delete("databricks_cluster", {f"POST {CLUSTERS}/permanent-delete": gone}, id="c")) == 1
    with pytest.raises(MissingError):
        read("databricks_cluster", {f"GET {CLUSTERS}/get?cluster_id=c": gone}, id="c")


def test_whether_a_cluster_is_pinned_is_asked_of_a_list() -> None:
    path = f"{CLUSTERS}/list?filter_by.is_pinned=true&page_size=100"
    answers = {
        f"GET {CLUSTERS}/get?cluster_id=c": {"spark_version": "v"},
        f"GET {path}": {"clusters": [{"cluster_id": "c"}]},
    }
    state, sent = read("databricks_cluster", answers, id="c")
    assert [one[1] for one in sent] == [f"{CLUSTERS}/get?cluster_id=c", path]
    assert state["is_pinned"] is True


def served(**given: Any) -> list[dict[str, Any]]:
    entity = block("databricks_model_serving", "config", "served_entities", **given)
    return [block("databricks_model_serving", "config", served_entities=[entity])]


def test_an_endpoint_is_waited_for_until_nothing_is_updated(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("time.sleep", pauses.append)
    states = [{"state": {"config_update": one}} for one in ("IN_PROGRESS", "NOT_UPDATING")]
    sent = create(
        "databricks_model_serving",
        {f"GET {ENDPOINTS}/e": states},
        name="e",
        config=served(entity_name="m", entity_version="1", scale_to_zero_enabled=True),
    )
    entity = {"entity_name": "m", "entity_version": "1", "scale_to_zero_enabled": True}
    assert sent[0] == ("POST", ENDPOINTS, {"name": "e", "config": {"served_entities": [entity]}})
    assert sent[1:] == [("GET", f"{ENDPOINTS}/e", None)] * 2
    assert len(pauses) == 1


def test_an_endpoint_that_fails_is_deleted_again() -> None:
    answers = {f"GET {ENDPOINTS}/e": {"state": {"config_update": "UPDATE_FAILED"}}}
    with pytest.raises(RefusedError, match="failed to reach NOT_UPDATING, got UPDATE_FAILED"):
        create("databricks_model_serving", answers, name="e")


def test_each_part_of_an_endpoint_is_changed_by_a_request_of_its_own() -> None:
    found = {"state": {"config_update": "NOT_UPDATING"}, "tags": [{"key": "a", "value": "b"}, {"key": "z"}]}
    sent = update(
        "databricks_model_serving",
        {f"GET {ENDPOINTS}/e": found},
        prior={"id": "e", "name": "e", "config": served(entity_name="m", entity_version="1")},
        config=served(entity_name="m", entity_version="2"),
        tags=[{"key": "a", "value": "c"}, {"key": "n", "value": None}],
        ai_gateway=[
            block(
                "databricks_model_serving",
                "ai_gateway",
                usage_tracking_config=[
                    block("databricks_model_serving", "ai_gateway", "usage_tracking_config", enabled=False)
                ],
            )
        ],
    )
    tags = {"add_tags": [{"key": "a", "value": "c"}, {"key": "n"}], "delete_tags": ["z"]}
    assert sent == [
        ("PUT", f"{ENDPOINTS}/e/config", {"served_entities": [{"entity_name": "m", "entity_version": "2"}]}),
        ("GET", f"{ENDPOINTS}/e", None),
        ("GET", f"{ENDPOINTS}/e", None),
        ("PATCH", f"{ENDPOINTS}/e/tags", tags),
        ("PUT", f"{ENDPOINTS}/e/ai-gateway", {"usage_tracking_config": {}}),
    ]


def test_what_is_served_is_read_as_it_was_asked_for() -> None:
    entities = [{"name": name, "workload_size": "Small"} for name in ("a", "b")]
    answers = {
        f"GET {ENDPOINTS}/e": {
            "name": "e",
            "id": "1",
            "config": {"served_entities": entities, "served_models": entities},
        }
    }
    config = served(name="b", entity_name="m")
    state, _ = read("databricks_model_serving", answers, id="e", config=config)
    (found,) = state["config"]
    assert [(one["name"], one["workload_size"]) for one in found["served_entities"]] == [("b", None), ("a", "Small")]
    assert found["served_models"] == []
    assert state["serving_endpoint_id"] == "1"


def test_a_scope_is_found_in_the_list_of_all() -> None:
    assert create("databricks_secret_scope", name="s") == [
        ("POST", f"{SECRETS}/scopes/create", {"scope": "s", "scope_backend_type": "DATABRICKS"})
    ]
    answers = {f"GET {SECRETS}/scopes/list": {"scopes": [{"name": "s", "backend_type": "DATABRICKS"}]}}
    state, _ = read("databricks_secret_scope", answers, id="s")
    assert (state["name"], state["backend_type"]) == ("s", "DATABRICKS")
    with pytest.raises(MissingError, match="no Secret Scope found with scope name t"):
        read("databricks_secret_scope", answers, id="t")
    assert delete("databricks_secret_scope", id="s") == [("POST", f"{SECRETS}/scopes/delete", {"scope": "s"})]


def test_an_entry_of_a_scope_is_written_until_it_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("time.sleep", pauses.append)
    path = f"{SECRETS}/acls/get?scope=s&principal=users"
    answers = {f"GET {path}": [MissingError("not yet"), {"permission": "READ"}]}
    sent = create("databricks_secret_acl", answers, scope="s", principal="users", permission="READ")
    put = ("POST", f"{SECRETS}/acls/put", {"scope": "s", "principal": "users", "permission": "READ"})
    assert sent == [put, ("GET", path, None)] * 2
    assert len(pauses) == 1
    assert delete("databricks_secret_acl", id="s|||users") == [
        ("POST", f"{SECRETS}/acls/delete", {"scope": "s", "principal": "users"})
    ]
