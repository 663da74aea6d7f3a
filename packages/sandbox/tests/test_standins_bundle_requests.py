"""What each operation on a bundle's resources sends, in order and to the letter, and what is planned around it."""

import base64
import hashlib
from pathlib import Path
from typing import Any

import pytest

from packages.sandbox.tests.recorded_requests import block, create, delete, planned, read, update
from sandbox.standins import schema
from sandbox.standins.behaviour import MissingError, RefusedError
from sandbox.standins.wire import UNKNOWN, conform

UC = "/api/2.1/unity-catalog"
MLFLOW = "/api/2.0/mlflow"
WORKSPACE = "/api/2.0/workspace"
PERMISSIONS = "/api/2.0/permissions"
ME = "/api/2.0/preview/scim/v2/Me"
CODE = base64.b64encode(b"print(1)").decode()
DIGEST = hashlib.md5(b"print(1)", usedforsecurity=False).hexdigest()
BLOCKS = schema.load("databricks").resources


def task(key: str, **given: Any) -> dict[str, Any]:
    return block("databricks_job", "task", task_key=key, **given)


def cluster(**given: Any) -> dict[str, Any]:
    return block("databricks_job", "task", "new_cluster", **given)


# --- jobs


def test_a_job_is_created_sorted_with_a_queue_that_is_off_and_with_its_number_of_workers() -> None:
    sent = create(
        "databricks_job",
        {"POST /api/2.2/jobs/create": {"job_id": 7}},
        name="j",
        max_concurrent_runs=1,
        task=[
            task(
                "b",
                depends_on=[block("databricks_job", "task", "depends_on", task_key=key) for key in ("z", "a")],
                new_cluster=[cluster(spark_version="v", num_workers=0, driver_instance_pool_id="left")],
                library=[block("databricks_job", "task", "library", whl="x.whl")],
            ),
            task("a", condition_task=[{"left": "", "op": "EQUAL_TO", "right": "1"}]),
        ],
        parameter=[{"name": "p", "default": ""}],
    )
    body = {
        "name": "j",
        "max_concurrent_runs": 1,
        "queue": {"enabled": False},
        "parameters": [{"name": "p", "default": ""}],
        "tasks": [
            {"task_key": "a", "condition_task": {"left": "", "op": "EQUAL_TO", "right": "1"}},
            {
                "task_key": "b",
                "depends_on": [{"task_key": "a"}, {"task_key": "z"}],
                "new_cluster": {"spark_version": "v", "num_workers": 0},
                "libraries": [{"whl": "x.whl"}],
            },
        ],
    }
    assert sent == [("POST", "/api/2.2/jobs/create", body)]


def test_an_instance_pool_decides_about_the_nodes() -> None:
    aws = block("databricks_job", "task", "new_cluster", "aws_attributes", instance_profile_arn="arn", zone_id="auto")
    made = cluster(
        instance_pool_id="p",
        node_type_id="n",
        driver_node_type_id="n",
        enable_elastic_disk=True,
        aws_attributes=[aws],
        autoscale=[{"min_workers": 1, "max_workers": 2}],
    )
    ((_, _, body),) = create(
        "databricks_job", {"POST /api/2.2/jobs/create": {"job_id": 7}}, task=[task("a", new_cluster=[made])]
    )
    assert body["tasks"][0]["new_cluster"] == {
        "instance_pool_id": "p",
        "aws_attributes": {"instance_profile_arn": "arn"},
        "autoscale": {"min_workers": 1, "max_workers": 2},
    }


@pytest.mark.parametrize(
    ("url", "provider"),
    [
        ("https://github.com/o/r", "gitHub"),
        ("https://dev.azure.com/o/r", "azureDevOpsServices"),
        ("https://git-codecommit.eu-west-1.amazonaws.com/r", "awsCodeCommit"),
    ],
)
def test_a_git_provider_is_guessed_when_a_job_is_created(url: str, provider: str) -> None:
    source = block("databricks_job", "git_source", url=url, branch="main")
    ((_, _, body),) = create(
        "databricks_job", {"POST /api/2.2/jobs/create": {"job_id": 7}}, task=[task("a")], git_source=[source]
    )
    assert body["git_source"] == {"git_url": url, "git_branch": "main", "git_provider": provider}


def test_a_git_provider_that_cannot_be_guessed_is_asked_for() -> None:
    source = block("databricks_job", "git_source", url="https://git.example.com/r", branch="main")
    with pytest.raises(RefusedError, match="cannot be guessed by url"):
        create("databricks_job", task=[task("a")], git_source=[source])


def test_a_job_is_reset_with_its_tasks_as_they_are_written() -> None:
    sent = update("databricks_job", prior={"id": "7", "task": [task("a")]}, task=[task("b"), task("a")], name="n")
    settings = {"name": "n", "tasks": [{"task_key": "b"}, {"task_key": "a"}], "queue": {"enabled": False}}
    assert sent == [("POST", "/api/2.2/jobs/reset", {"job_id": 7, "new_settings": settings})]


def test_a_job_without_tasks_goes_to_the_old_api() -> None:
    sent = create("databricks_job", {"POST /api/2.0/jobs/create": {"job_id": 7}}, existing_cluster_id="c", name="j")
    assert sent == [("POST", "/api/2.0/jobs/create", {"existing_cluster_id": "c", "name": "j"})]
    found = {"settings": {"format": "MULTI_TASK", "tasks": [{"task_key": "a"}]}}
    state, sent = read("databricks_job", {"GET /api/2.0/jobs/get?job_id=7": found}, id="7")  # as after an import
    assert sent == [("GET", "/api/2.0/jobs/get?job_id=7", None)]
    assert state["task"][0]["task_key"] == "a"


def test_a_job_is_read_page_by_page_sorted_and_with_who_runs_it() -> None:
    path = "/api/2.2/jobs/get?job_id=7"
    first = {
        "run_as_user_name": "0a0b0c0d-0000-1111-2222-333344445555",
        "settings": {"tasks": [{"task_key": "b", "max_retries": 1}], "email_notifications": {}},
        "next_page_token": "p",
    }
    last = {"settings": {"tasks": [{"task_key": "a"}]}}
    answers = {f"GET {path}": first, f"GET {path}&page_token=p": last}
    state, sent = read("databricks_job", answers, id="7", format="MULTI_TASK")
    assert [request[1] for request in sent] == [path, f"{path}&page_token=p"]
    assert [(item["task_key"], item["max_retries"]) for item in state["task"]] == [("a", 0), ("b", 1)]
    assert state["run_as"] == [{"service_principal_name": "0a0b0c0d-0000-1111-2222-333344445555", "user_name": None}]
    assert state["url"] == "https://acme.example/#job/7"
    assert len(state["email_notifications"]) == 1


def test_a_job_that_does_not_exist_is_gone_whatever_the_status() -> None:
    gone = RefusedError("Job 7 does not exist.")
    with pytest.raises(MissingError):
        read("databricks_job", {"GET /api/2.2/jobs/get?job_id=7": gone}, id="7", format="MULTI_TASK")
    assert delete("databricks_job", id="7") == [("POST", "/api/2.2/jobs/delete", {"job_id": 7})]


def test_a_job_has_the_providers_defaults() -> None:
    schedule = block("databricks_job", "schedule", quartz_cron_expression="q", timezone_id="UTC")
    made = planned("databricks_job", {"schedule": [schedule], "task": [task("a", new_cluster=[cluster()])]})
    assert (made["name"], made["max_concurrent_runs"], made["always_running"]) == ("Untitled", 1, False)
    assert made["schedule"][0]["pause_status"] == "UNPAUSED"
    assert (made["format"], made["run_as"], made["url"]) == (UNKNOWN, UNKNOWN, UNKNOWN)
    found = made["task"][0]
    assert (found["retry_on_timeout"], found["new_cluster"][0]["node_type_id"]) == (UNKNOWN, UNKNOWN)
    assert found["new_cluster"][0]["num_workers"] == 0


def test_what_the_service_adds_to_a_job_is_no_change() -> None:
    config: dict[str, Any] = {
        "name": "j",
        "max_concurrent_runs": 1,
        "task": [
            task(
                "a",
                new_cluster=[cluster(spark_version="v")],
                notebook_task=[block("databricks_job", "task", "notebook_task", notebook_path="/n")],
            )
        ],
    }
    attributes = block("databricks_job", "task", "new_cluster", "aws_attributes", zone_id="auto")
    added = {
        "id": "7",
        "url": "u",
        "format": "MULTI_TASK",
        "always_running": False,
        "control_run_state": False,
        "run_as": [{"user_name": "me", "service_principal_name": None}],
        "queue": [{"enabled": True}],
        "email_notifications": [block("databricks_job", "email_notifications", no_alert_for_skipped_runs=False)],
        "webhook_notifications": [block("databricks_job", "webhook_notifications")],
    }
    state = config | added
    state["task"] = [
        task(
            "a",
            run_if="ALL_SUCCESS",
            retry_on_timeout=False,
            new_cluster=[
                cluster(
                    spark_version="v",
                    num_workers=0,
                    node_type_id="n",
                    data_security_mode="SINGLE_USER",
                    enable_elastic_disk=True,
                    aws_attributes=[attributes],
                )
            ],
            notebook_task=[block("databricks_job", "task", "notebook_task", notebook_path="/n", source="WORKSPACE")],
        )
    ]
    after = planned("databricks_job", config, state)
    assert after == conform(BLOCKS["databricks_job"].type, BLOCKS["databricks_job"].empty | state)
    state["task"][0]["run_if"] = "ALL_DONE"
    assert planned("databricks_job", config, state)["task"][0]["run_if"] is None


# --- experiments and models


def test_an_experiment_is_only_renamed() -> None:
    sent = create(
        "databricks_mlflow_experiment",
        {f"POST {MLFLOW}/experiments/create": {"experiment_id": "3"}},
        name="/e",
        description="never sent",
        tags=[{"key": "k", "value": "v"}],
    )
    body = {"name": "/e", "tags": [{"key": "k", "value": "v"}]}
    assert sent == [("POST", f"{MLFLOW}/experiments/create", body)]
    sent = update("databricks_mlflow_experiment", prior={"id": "3", "name": "/e"}, name="/f", tags=[])
    assert sent == [("POST", f"{MLFLOW}/experiments/update", {"experiment_id": "3", "new_name": "/f"})]
    assert delete("databricks_mlflow_experiment", id="3") == [
        ("POST", f"{MLFLOW}/experiments/delete", {"experiment_id": "3"})
    ]


@pytest.mark.parametrize("name", ["/Workspace/Users/me/e", "/Users/me/e", "/Users/me/e/"])
def test_an_experiments_name_is_the_same_with_and_without_workspace(name: str) -> None:
    prior = {"id": "3", "name": "/Users/me/e", "artifact_location": "dbfs:/3"}
    assert planned("databricks_mlflow_experiment", {"name": name}, prior)["name"] == "/Users/me/e"


def test_a_model_of_the_workspace_is_described_and_known_by_two_ids() -> None:
    answer = {"registered_model": {"name": "m"}}
    sent = create("databricks_mlflow_model", {f"POST {MLFLOW}/registered-models/create": answer}, name="m")
    assert sent == [("POST", f"{MLFLOW}/registered-models/create", {"name": "m"})]
    path = f"{MLFLOW}/databricks/registered-models/get?name=m"
    found = {"registered_model_databricks": {"id": "ab12", "name": "m", "description": "d"}}
    state, _ = read("databricks_mlflow_model", {f"GET {path}": found}, id="m")
    assert state == {"id": "m", "registered_model_id": "ab12", "name": "m", "description": "d"}
    sent = update("databricks_mlflow_model", prior={"id": "m", "name": "m"}, description="e")
    assert sent == [("PATCH", f"{MLFLOW}/registered-models/update", {"name": "m", "description": "e"})]
    assert delete("databricks_mlflow_model", id="m") == [("DELETE", f"{MLFLOW}/registered-models/delete?name=m", None)]


def test_a_registered_model_is_changed_twice_after_its_owner() -> None:
    prior = {"id": "c.s.m", "name": "m", "catalog_name": "c", "schema_name": "s", "owner": "a", "created_at": 1}
    sent = update("databricks_registered_model", prior=prior, owner="b", comment="new")
    body = {"name": "m", "catalog_name": "c", "schema_name": "s", "comment": "new", "created_at": 1}
    path = f"{UC}/models/c.s.m"
    assert sent == [("PATCH", path, {"owner": "b"}), ("PATCH", path, body), ("PATCH", path, body)]


def test_a_volume_may_be_renamed() -> None:
    prior = {"id": "c.s.v", "name": "v", "comment": "old"}
    sent = update("databricks_volume", {f"PATCH {UC}/volumes/c.s.v": {"full_name": "c.s.w"}}, prior=prior, name="w")
    assert sent == [("PATCH", f"{UC}/volumes/c.s.v", {"comment": "old", "new_name": "w"})]


# --- permissions


def entry(level: str, **who: str) -> dict[str, Any]:
    return block("databricks_permissions", "access_control", permission_level=level, **who)


def test_the_caller_becomes_the_owner_of_a_job_that_nobody_is_named_for() -> None:
    sent = create(
        "databricks_permissions",
        {f"GET {ME}": {"userName": "me"}},
        job_id="7",
        access_control=[entry("CAN_VIEW", group_name="users")],
    )
    body = [
        {"group_name": "users", "permission_level": "CAN_VIEW"},
        {"user_name": "me", "permission_level": "IS_OWNER"},
    ]
    assert sent == [("GET", ME, None), ("PUT", f"{PERMISSIONS}/jobs/7", {"access_control_list": body})]


def test_the_caller_keeps_managing_a_model_but_is_not_added_to_an_experiment() -> None:
    answers: dict[str, Any] = {f"GET {ME}": {"userName": "me"}}
    readers = [entry("CAN_READ", group_name="users")]
    sent = create("databricks_permissions", answers, registered_model_id="ab", access_control=readers)
    assert sent[-1][2]["access_control_list"][1:] == [{"user_name": "me", "permission_level": "CAN_MANAGE"}]
    sent = create("databricks_permissions", answers, experiment_id="3", access_control=readers)
    assert sent[-1] == (
        "PUT",
        f"{PERMISSIONS}/experiments/3",
        {"access_control_list": [{"group_name": "users", "permission_level": "CAN_READ"}]},
    )


def test_a_path_is_looked_up_before_its_permissions_are_set() -> None:
    answers: dict[str, Any] = {f"GET {ME}": {"userName": "me"}, f"GET {WORKSPACE}/get-status?path=/d": {"object_id": 5}}
    sent = create(
        "databricks_permissions", answers, directory_path="/d", access_control=[entry("CAN_RUN", group_name="users")]
    )
    assert [request[:2] for request in sent] == [
        ("GET", f"{WORKSPACE}/get-status?path=/d"),
        ("GET", ME),
        ("PUT", f"{PERMISSIONS}/directories/5"),
    ]


def test_nobody_takes_away_their_own_management_or_touches_admins() -> None:
    answers: dict[str, Any] = {f"GET {ME}": {"userName": "me"}}
    with pytest.raises(RefusedError, match="cannot remove management permissions for the current user for job"):
        create("databricks_permissions", answers, job_id="7", access_control=[entry("CAN_VIEW", user_name="me")])
    with pytest.raises(RefusedError, match="not possible to modify admin permissions for job resources"):
        create("databricks_permissions", answers, job_id="7", access_control=[entry("CAN_VIEW", group_name="admins")])


def acl(level: str, *, inherited: bool = False, **who: str) -> dict[str, Any]:
    return {**who, "all_permissions": [{"permission_level": level, "inherited": inherited}]}


LIST = [
    acl("CAN_VIEW", group_name="users"),
    acl("CAN_MANAGE", group_name="admins"),
    acl("CAN_MANAGE", group_name="team", inherited=True),
    acl("IS_OWNER", service_principal_name="me"),
]


def test_what_is_inherited_the_admins_and_the_callers_own_are_not_read() -> None:
    answers: dict[str, Any] = {
        f"GET {ME}": {"userName": "me"},
        f"GET {PERMISSIONS}/jobs/7": {"object_type": "job", "access_control_list": LIST},
    }
    given: dict[str, Any] = {"id": "/jobs/7", "access_control": [entry("CAN_VIEW", group_name="users")]}
    state, _ = read("databricks_permissions", answers, **given)
    assert state == {
        "id": "/jobs/7",
        "job_id": "7",
        "object_type": "job",
        "access_control": [entry("CAN_VIEW", group_name="users")],
    }
    given["access_control"] = [entry("IS_OWNER", service_principal_name="me")]
    state, _ = read("databricks_permissions", answers, **given)
    assert entry("IS_OWNER", service_principal_name="me") in state["access_control"]


def test_permissions_that_nobody_has_are_gone_and_those_of_another_kind_an_error() -> None:
    answers: dict[str, Any] = {f"GET {ME}": {"userName": "me"}}
    answers[f"GET {PERMISSIONS}/jobs/7"] = {"object_type": "job", "access_control_list": LIST[1:]}
    assert read("databricks_permissions", answers, id="/jobs/7")[0] is None
    answers[f"GET {PERMISSIONS}/jobs/7"] = {"object_type": "pipelines"}
    with pytest.raises(RefusedError, match="expected object type job, got pipelines"):
        read("databricks_permissions", answers, id="/jobs/7")


def test_permissions_go_back_to_the_admins_and_the_jobs_creator() -> None:
    answers: dict[str, Any] = {
        f"GET {PERMISSIONS}/jobs/7": {"object_type": "job", "access_control_list": LIST},
        "GET /api/2.2/jobs/get?job_id=7": {"creator_user_name": "maker"},
    }
    body = [
        {"group_name": "admins", "permission_level": "CAN_MANAGE"},
        {"user_name": "maker", "permission_level": "IS_OWNER"},
    ]
    sent = delete("databricks_permissions", answers, id="/jobs/7")
    assert [request[:2] for request in sent] == [
        ("GET", f"{PERMISSIONS}/jobs/7"),
        ("GET", "/api/2.2/jobs/get?job_id=7"),
        ("PUT", f"{PERMISSIONS}/jobs/7"),
    ]
    assert sent[-1][2] == {"access_control_list": body}
    answers["GET /api/2.2/jobs/get?job_id=7"] = MissingError("gone")
    assert len(delete("databricks_permissions", answers, id="/jobs/7")) == 2
    assert delete("databricks_permissions", id="/pipelines/p") == []


# --- workspace objects

PARENT = RefusedError("The parent folder (/a/b) does not exist.")


def test_a_missing_parent_folder_is_made_and_the_import_repeated() -> None:
    answers = {f"POST {WORKSPACE}/import": [PARENT, {"object_id": 9}]}
    sent = create("databricks_notebook", answers, path="/a/b/n", content_base64=CODE, language="PYTHON")
    body = {"content": CODE, "path": "/a/b/n", "language": "PYTHON", "format": "SOURCE", "overwrite": True}
    assert sent == [
        ("POST", f"{WORKSPACE}/import", body),
        ("POST", f"{WORKSPACE}/mkdirs", {"path": "/a/b"}),
        ("POST", f"{WORKSPACE}/import", body),
    ]


def test_a_notebook_that_is_not_source_is_read_back(tmp_path: Path) -> None:
    (tmp_path / "n.ipynb").write_bytes(b"print(1)")
    path = f"{WORKSPACE}/get-status?path=/n"
    answers = {f"POST {WORKSPACE}/import": {"object_id": 9}, f"GET {path}": {"object_id": 9, "path": "/n"}}
    sent = create("databricks_notebook", answers, path="/n", source=str(tmp_path / "n.ipynb"))
    body = {"content": CODE, "path": "/n", "format": "JUPYTER", "overwrite": True}
    assert sent == [("POST", f"{WORKSPACE}/import", body), ("GET", path, None)]


def test_a_file_is_imported_raw_even_when_it_is_empty(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    sent = create("databricks_workspace_file", path="/f", source=str(tmp_path / "empty"))
    body = {"content": "", "format": "RAW", "overwrite": True, "path": "/f"}
    assert sent == [("POST", f"{WORKSPACE}/import", body)]
    assert delete("databricks_workspace_file", id="/f") == [("POST", f"{WORKSPACE}/delete", {"path": "/f"})]


@pytest.mark.parametrize("type_name", ["databricks_notebook", "databricks_workspace_file"])
def test_content_changes_with_its_digest(type_name: str) -> None:
    config = {"path": "/n", "content_base64": CODE}
    assert planned(type_name, config)["md5"] == "different"
    assert planned(type_name, config, config | {"id": "/n", "md5": DIGEST})["md5"] == DIGEST
    assert planned(type_name, config, config | {"id": "/n", "md5": "0" * 32})["md5"] == "different"


def test_a_directory_must_be_one() -> None:
    sent = create("databricks_directory", path="/d")
    assert sent == [("POST", f"{WORKSPACE}/mkdirs", {"path": "/d"})]
    answers = {f"GET {WORKSPACE}/get-status?path=/d": {"object_type": "NOTEBOOK"}}
    with pytest.raises(RefusedError, match="different object type, NOTEBOOK"):
        read("databricks_directory", answers, id="/d")
    sent = delete("databricks_directory", id="/d", delete_recursive=True)
    assert sent == [("POST", f"{WORKSPACE}/delete", {"path": "/d", "recursive": True})]


# --- monitors and pipelines

MONITOR = f"{UC}/tables/c.s.t/monitor"
ACTIVE = {"table_name": "c.s.t", "status": "MONITOR_STATUS_ACTIVE", "monitor_version": 0, "dashboard_id": "d"}


def test_a_monitor_is_waited_for_until_it_is_active(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("time.sleep", pauses.append)
    sent = create(
        "databricks_quality_monitor",
        {f"GET {MONITOR}": [{"status": "MONITOR_STATUS_PENDING"}, ACTIVE]},
        table_name="c.s.t",
        assets_dir="/a",
        output_schema_name="c.s",
        snapshot=[{}],
        skip_builtin_dashboard=False,
        schedule=[{"quartz_cron_expression": "q", "timezone_id": "UTC", "pause_status": None}],
    )
    body = {
        "assets_dir": "/a",
        "output_schema_name": "c.s",
        "skip_builtin_dashboard": False,
        "snapshot": {},
        "schedule": {"quartz_cron_expression": "q", "timezone_id": "UTC"},
    }
    assert sent == [("POST", MONITOR, body), ("GET", MONITOR, None), ("GET", MONITOR, None)]
    assert len(pauses) == 1


def test_a_monitor_that_failed_is_an_error() -> None:
    with pytest.raises(RefusedError, match="monitor status returned MONITOR_STATUS_FAILED for monitor: "):
        create(
            "databricks_quality_monitor", {f"GET {MONITOR}": {"status": "MONITOR_STATUS_FAILED"}}, table_name="c.s.t"
        )


def test_a_changed_monitor_keeps_its_dashboard_and_where_its_assets_lie() -> None:
    prior = {"table_name": "c.s.t", "assets_dir": "/a", "output_schema_name": "c.s", "dashboard_id": "d"}
    sent = update("databricks_quality_monitor", {f"GET {MONITOR}": ACTIVE}, prior=prior, output_schema_name="c.other")
    assert sent[0] == ("PUT", MONITOR, {"output_schema_name": "c.other", "dashboard_id": "d"})
    after = planned(
        "databricks_quality_monitor", {"table_name": "c.s.t", "output_schema_name": "c.other"}, prior | {"id": "c.s.t"}
    )
    assert (after["dashboard_id"], after["id"], after["status"]) == (UNKNOWN, UNKNOWN, UNKNOWN)


def test_a_pipeline_is_looked_at_after_it_was_written_and_until_it_is_gone() -> None:
    path = "/api/2.0/pipelines"
    library = block("databricks_pipeline", "library", notebook=[{"path": "/n"}])
    single = block(
        "databricks_pipeline",
        "cluster",
        label="default",
        num_workers=0,
        spark_conf={"spark.databricks.cluster.profile": "singleNode"},
    )
    other = block("databricks_pipeline", "cluster", label="maintenance", num_workers=0)
    answers: dict[str, Any] = {f"POST {path}": {"pipeline_id": "p"}, f"GET {path}/p": {"state": "IDLE", "spec": {}}}
    sent = create(
        "databricks_pipeline", answers, name="n", edition="ADVANCED", library=[library], cluster=[single, other]
    )
    body = {
        "name": "n",
        "edition": "ADVANCED",
        "libraries": [{"notebook": {"path": "/n"}}],
        "clusters": [
            {
                "label": "default",
                "num_workers": 0,
                "spark_conf": {"spark.databricks.cluster.profile": "singleNode"},
            },
            {"label": "maintenance"},
        ],
    }
    assert sent == [("POST", path, body), ("GET", f"{path}/p", None)]
    sent = update("databricks_pipeline", answers, prior={"id": "p", "name": "n"}, name="m")
    assert sent[0] == ("PUT", f"{path}/p", {"id": "p", "name": "m"})
    answers[f"GET {path}/p"] = MissingError("gone")
    assert delete("databricks_pipeline", answers, id="p") == [
        ("DELETE", f"{path}/p", None),
        ("GET", f"{path}/p", None),
    ]
