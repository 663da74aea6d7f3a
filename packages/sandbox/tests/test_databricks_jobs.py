"""Jobs: what is sent comes back, and their access lists hold."""

from typing import Any

import pytest
from databricks.sdk.errors import BadRequest, NotFound, PermissionDenied
from databricks.sdk.service import iam, jobs

from packages.sandbox.tests.databricks_projects import Project, job_cluster
from packages.sandbox.tests.databricks_sandbox import STAGING

SETTINGS = {
    "name": "staging-taxi-fare-batch-inference-job",
    "deployment": {"kind": "BUNDLE", "metadata_file_path": "/Workspace/Users/x/state/metadata.json"},
    "edit_mode": "UI_LOCKED",
    "format": "MULTI_TASK",
    "max_concurrent_runs": 1,
    "queue": {"enabled": True},
    "tags": {"dev": "jane_doe"},
    "schedule": {"pause_status": "UNPAUSED", "quartz_cron_expression": "0 0 11 * * ?", "timezone_id": "UTC"},
    "job_clusters": [{"job_cluster_key": "b", "new_cluster": {"num_workers": 0, "spark_version": "16.4.x-scala2.12"}}],
    "parameters": [{"name": "z", "default": "1"}, {"name": "a", "default": ""}],
    "tasks": [
        {
            "task_key": "batch",
            "job_cluster_key": "b",
            "notebook_task": {
                "notebook_path": "/Workspace/Users/x/nb",
                "source": "WORKSPACE",
                "base_parameters": {"env": "staging", "start": ""},
            },
        },
        {"task_key": "after", "depends_on": [{"task_key": "batch"}], "run_job_task": {"job_id": 7}},
    ],
}


def send(project: Project, method: str, path: str, **arguments: Any) -> dict[str, Any]:
    answer = project.databricks.workspace().api_client.do(method, path, **arguments)
    return dict(answer)


@pytest.mark.parametrize("version", ["2.0", "2.1", "2.2"])
def test_settings_come_back_as_they_were_sent(project: Project, version: str) -> None:
    made = send(project, "POST", f"/api/{version}/jobs/create", body=SETTINGS)
    shown = send(project, "GET", f"/api/{version}/jobs/get", query={"job_id": made["job_id"]})
    assert shown["settings"] == SETTINGS
    assert set(shown) == {"job_id", "creator_user_name", "run_as_user_name", "created_time", "settings"}


def test_nothing_is_left_of_a_deleted_job(project: Project) -> None:
    before = project.databricks.store.dump()
    job_id = project.make_job()
    project.client.jobs.run_now(job_id)
    project.client.jobs.delete(job_id)
    assert project.databricks.store.dump() == before
    with pytest.raises(NotFound, match=f"Job {job_id} does not exist"):
        project.client.jobs.get(job_id)


def test_reset_replaces_and_update_changes(project: Project) -> None:
    job_id = project.make_job(project.task("a"), project.task("b"))
    project.client.jobs.update(
        job_id,
        new_settings=jobs.JobSettings(name="renamed", tasks=[project.task("b", env="test")]),
        fields_to_remove=["tasks/a"],
    )
    settings = project.client.jobs.get(job_id).settings
    assert (settings.name, [task.task_key for task in settings.tasks]) == ("renamed", ["b"])
    assert settings.tasks[0].notebook_task.base_parameters == {"env": "test"}
    project.client.jobs.reset(job_id, new_settings=jobs.JobSettings(tasks=[project.task("c")]))
    settings = project.client.jobs.get(job_id).settings
    assert (settings.name, [task.task_key for task in settings.tasks]) == ("Untitled", ["c"])


def test_lists_show_names_and_on_demand_tasks(project: Project) -> None:
    ids = [project.make_job(name=f"job-{number}") for number in range(3)]
    assert [job.job_id for job in project.client.jobs.list(limit=2)] == ids
    (found,) = project.client.jobs.list(name="job-1", expand_tasks=True)
    assert found.settings.tasks[0].task_key == "train"


def test_more_than_a_hundred_tasks_come_by_page(project: Project) -> None:
    keys = [f"t{number:03}" for number in range(130)]
    job_id = project.make_job(*(project.task(key) for key in keys))
    assert [task.task_key for task in project.client.jobs.get(job_id).settings.tasks] == keys


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"tasks": [{"task_key": "a"}, {"task_key": "a"}]}, "Duplicate task_key: a"),
        ({"tasks": [{"task_key": "a", "depends_on": [{"task_key": "b"}]}]}, "which does not exist"),
        ({"tasks": [{"task_key": "a", "job_cluster_key": "c"}]}, "Job cluster 'c' is not defined"),
        ({"tasks": [{"task_key": "a", "notebook_task": {"notebook_path": "x"}}]}, "Only absolute paths"),
        ({"git_source": {"git_url": "https://github.com/a/b"}}, "git_source.git_provider must be one of"),
    ],
)
def test_settings_that_contradict_themselves_are_refused(
    project: Project, settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(BadRequest, match=message):
        send(project, "POST", "/api/2.2/jobs/create", body=settings)


def test_a_job_cluster_needs_the_entitlement_to_create_clusters(project: Project) -> None:
    task = jobs.Task(task_key="a", new_cluster=job_cluster(), notebook_task=project.task().notebook_task)
    with pytest.raises(PermissionDenied, match="not authorized to create clusters"):
        project.client.jobs.create(tasks=[task])
    project.databricks.workspace().service_principals.patch(
        project.principal.id,
        operations=[
            iam.Patch(op=iam.PatchOp.ADD, path="entitlements", value=[{"value": "allow-cluster-create"}]),
        ],
    )
    assert project.client.jobs.create(tasks=[task]).job_id


def test_who_is_in_no_list_neither_sees_nor_changes_a_job(project: Project) -> None:
    job_id = project.make_job()
    _, other = project.databricks.make_member("other")
    assert list(other.jobs.list()) == []
    with pytest.raises(PermissionDenied, match="does not have View or Admin or Manage Run or Owner permissions on job"):
        other.jobs.get(job_id)
    for refused in (
        lambda: other.jobs.run_now(job_id),
        lambda: other.jobs.reset(job_id, new_settings=jobs.JobSettings(name="mine")),
        lambda: other.jobs.delete(job_id),
        lambda: other.permissions.get("jobs", str(job_id)),
    ):
        with pytest.raises(PermissionDenied):
            refused()


@pytest.mark.parametrize(
    ("level", "runs", "changes"),
    [("CAN_VIEW", False, False), ("CAN_MANAGE_RUN", True, False), ("CAN_MANAGE", True, True)],
)
def test_each_level_allows_what_it_says(project: Project, level: str, runs: bool, changes: bool) -> None:
    job_id = project.make_job()
    principal, other = project.databricks.make_member("other")
    project.client.permissions.update(
        "jobs",
        str(job_id),
        access_control_list=[
            iam.AccessControlRequest(
                service_principal_name=principal.application_id, permission_level=iam.PermissionLevel(level)
            )
        ],
    )
    assert other.jobs.get(job_id).job_id == job_id
    for allowed, call in (
        (runs, lambda: other.jobs.run_now(job_id)),
        (changes, lambda: other.jobs.update(job_id, new_settings=jobs.JobSettings(name="theirs"))),
        (changes, lambda: other.jobs.delete(job_id)),
    ):
        if allowed:
            call()
        else:
            with pytest.raises(PermissionDenied):
                call()


def test_a_list_can_come_with_the_job(project: Project) -> None:
    other, client = project.databricks.make_member("other")
    entry = jobs.JobAccessControlRequest(
        service_principal_name=other.application_id, permission_level=jobs.JobPermissionLevel.CAN_VIEW
    )
    made = project.client.jobs.create(name="shared", tasks=[project.task()], access_control_list=[entry])
    assert client.jobs.get(made.job_id).settings.name == "shared"
    assert project.client.jobs.get(made.job_id).creator_user_name == project.name


def test_jobs_run_as_their_owner_unless_an_admin_says_otherwise(project: Project) -> None:
    job_id = project.make_job()
    assert project.client.jobs.get(job_id).run_as_user_name == project.name
    other, client = project.databricks.make_member("other")
    run_as = jobs.JobRunAs(service_principal_name=other.application_id)
    with pytest.raises(PermissionDenied, match="not allowed to set"):
        project.client.jobs.update(job_id, new_settings=jobs.JobSettings(run_as=run_as))
    admin = project.databricks.workspace(STAGING)
    admin.jobs.update(job_id, new_settings=jobs.JobSettings(run_as=run_as))
    project.client.jobs.reset(job_id, new_settings=jobs.JobSettings(name="kept", tasks=[project.task()]))
    assert project.client.jobs.get(job_id).run_as_user_name == other.application_id
    assert client.config.token
