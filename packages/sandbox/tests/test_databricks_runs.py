"""Runs: simulated, and refused where their principal lacks a right."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from databricks.sdk.errors import OperationFailed, PermissionDenied
from databricks.sdk.errors.base import DatabricksError
from databricks.sdk.service import iam, jobs

from packages.sandbox.tests.databricks_projects import Project, make_project
from packages.sandbox.tests.databricks_sandbox import STAGING, open_sandbox
from sandbox.github.world.day_one import seed as seed_github
from sandbox.github.world.git.git_objects import write_blob, write_commit, write_tree
from sandbox.github.world.git.ref_store import write_ref
from sandbox.github.world.repositories.repositories import find_repository

SCHEMA = "staging.taxi_fare"
ROLE = {
    ("catalog", "staging"): ("USE_CATALOG",),
    ("schema", SCHEMA): ("USE_SCHEMA", "SELECT", "MODIFY", "CREATE_TABLE", "CREATE_MODEL", "EXECUTE"),
    ("catalog", "source"): ("USE_CATALOG",),
    ("schema", "source.trips"): ("USE_SCHEMA",),
    ("table", "source.trips.yellow"): ("SELECT", "MODIFY"),
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    with open_sandbox(tmp_path, monkeypatch) as databricks:
        made = make_project(databricks)
        for (kind, name), privileges in ROLE.items():
            made.grant(kind, name, *privileges)
        yield made


def run(project: Project, job_id: int, **arguments: Any) -> jobs.Run:
    """A run at its end; the clock is moved, nobody waits."""
    started = project.client.jobs.run_now(job_id, **arguments)
    project.databricks.clock.offset += timedelta(minutes=1)
    return project.client.jobs.get_run(started.run_id)


def error_of(project: Project, **parameters: Any) -> str | None:
    """What a run of one task fails with."""
    ended = run(project, project.make_job(project.task(**parameters)))
    return project.client.jobs.get_run_output(ended.tasks[0].run_id).error


def test_a_run_waits_runs_and_ends_and_says_that_it_was_simulated(project: Project) -> None:
    job_id = project.make_job(project.task("a"), project.task("b", after=("a",)))
    started = project.client.jobs.run_now(job_id)
    states: list[str] = []
    for _ in range(40):
        current = project.client.jobs.get_run(started.run_id).state.life_cycle_state.value
        states += [] if states[-1:] == [current] else [current]
        project.databricks.clock.offset += timedelta(milliseconds=100)
    assert states == ["PENDING", "RUNNING", "TERMINATED"]
    ended = project.client.jobs.get_run(started.run_id)
    assert ended.state.result_state is jobs.RunResultState.SUCCESS
    assert "no code was run" in ended.state.state_message
    assert ended.tasks[1].start_time >= ended.tasks[0].end_time
    output = project.client.jobs.get_run_output(ended.tasks[0].run_id)
    assert "no code was run" in output.notebook_output.result


def test_reading_the_state_of_a_run_writes_nothing(project: Project) -> None:
    job_id = project.make_job()
    started = project.client.jobs.run_now(job_id)
    before = project.databricks.store.dump()
    project.databricks.clock.offset += timedelta(minutes=1)
    project.client.jobs.get_run(started.run_id)
    assert project.databricks.store.dump() == before


# Each right that the guide grants, a task that needs it, and the words in which it fails without.
MISSING = [
    (
        "catalog",
        "source",
        "USE_CATALOG",
        {"input_table_name": "source.trips.yellow"},
        "USE CATALOG on Catalog 'source'",
    ),
    ("schema", "source.trips", "USE_SCHEMA", {"input_table_name": "source.trips.yellow"}, "USE SCHEMA on Schema"),
    ("table", "source.trips.yellow", "SELECT", {"training_data_path": "source.trips.yellow"}, "SELECT on Table"),
    ("table", "source.trips.yellow", "MODIFY", {"output_table_name": "source.trips.yellow"}, "MODIFY on Table"),
    ("schema", SCHEMA, "CREATE_TABLE", {"output_table_name": f"{SCHEMA}.predictions"}, "CREATE TABLE on Schema"),
]


@pytest.mark.parametrize(("kind", "name", "privilege", "parameters", "words"), MISSING)
def test_a_run_fails_in_sparks_words_without_a_right_on_a_table(
    project: Project, kind: Any, name: Any, privilege: Any, parameters: Any, words: Any
) -> None:
    assert error_of(project, **parameters) is None
    project.revoke(kind, name, privilege)
    error = error_of(project, **parameters)
    assert error.startswith("[INSUFFICIENT_PERMISSIONS] Insufficient privileges: User does not have ")
    assert words in error


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"input_table_name": "source.trips.yellow"}, "[UC_NOT_ENABLED] Unity Catalog is not enabled on this cluster."),
        ({"model_name": f"{SCHEMA}.fare"}, "RestException: METASTORE_DOES_NOT_EXIST: No metastore assigned"),
    ],
)
def test_a_run_fails_on_what_a_workspace_without_a_metastore_does_not_have(
    project: Project, parameters: Any, words: str
) -> None:
    assignments = project.databricks.account().metastore_assignments
    assignments.delete(STAGING.id, assignments.get(STAGING.id).metastore_assignment.metastore_id)
    assert error_of(project, **parameters).startswith(words)


def test_a_run_that_fails_says_so_in_task_run_and_wait(project: Project) -> None:
    project.revoke("table", "source.trips.yellow", "SELECT")
    job_id = project.make_job(
        project.task("a", input_table_name="source.trips.yellow"), project.task("b", after=("a",))
    )
    ended = run(project, job_id)
    assert (ended.state.life_cycle_state.value, ended.state.result_state.value) == ("INTERNAL_ERROR", "FAILED")
    assert "Task a failed with message: [INSUFFICIENT_PERMISSIONS]" in ended.state.state_message
    assert [task.state.result_state.value for task in ended.tasks] == ["FAILED", "UPSTREAM_FAILED"]
    with pytest.raises(OperationFailed, match="INSUFFICIENT_PERMISSIONS"):
        project.client.jobs.wait_get_run_job_terminated_or_skipped(ended.run_id)


def test_training_registers_the_model_and_needs_the_right_to(project: Project) -> None:
    training = {"training_data_path": "source.trips.yellow", "model_name": f"{SCHEMA}.fare"}
    assert error_of(project, **training) is None
    project.revoke("schema", SCHEMA, "CREATE_MODEL")
    assert "PERMISSION_DENIED: User does not have CREATE MODEL on Schema" in error_of(project, **training)
    admin = project.databricks.workspace()
    admin.registered_models.create(name="fare", catalog_name="staging", schema_name="taxi_fare")
    assert "CREATE MODEL VERSION on Routine or Model" in error_of(project, **training)
    admin.api_client.do("PATCH", f"/api/2.1/unity-catalog/models/{SCHEMA}.fare", body={"owner": project.name})
    assert error_of(project, **training) is None


def test_inference_loads_the_model_and_needs_execute(project: Project) -> None:
    inference = {"input_table_name": "source.trips.yellow", "model_name": f"{SCHEMA}.fare"}
    assert "RESOURCE_DOES_NOT_EXIST: Routine or Model" in error_of(project, **inference)
    admin = project.databricks.workspace()
    admin.registered_models.create(name="fare", catalog_name="staging", schema_name="taxi_fare")
    assert error_of(project, **inference) is None
    project.revoke("schema", SCHEMA, "EXECUTE")
    assert "PERMISSION_DENIED: User does not have EXECUTE on Routine or Model" in error_of(project, **inference)


def test_validation_loads_the_model_that_training_registers(project: Project) -> None:
    job_id = project.make_job(
        project.task("Train", experiment_name=f"/Users/{project.name}/e", model_name=f"{SCHEMA}.fare"),
        project.task(
            "Validate",
            after=("Train",),
            experiment_name=f"/Users/{project.name}/e",
            model_name=f"{SCHEMA}.fare",
            run_mode="dry_run",
        ),
    )
    ended = run(project, job_id)
    told = [project.client.jobs.get_run_output(task.run_id).notebook_output.result for task in ended.tasks]
    assert f"registers model {SCHEMA}.fare" in told[0]
    assert f"loads model {SCHEMA}.fare" in told[1]


def test_a_table_that_only_another_job_would_have_written_can_be_read(project: Project) -> None:
    reading = {"pickup_features_table": f"{SCHEMA}.pickup"}
    assert "[TABLE_OR_VIEW_NOT_FOUND]" in error_of(project, **reading)
    project.make_job(project.task(output_table_name=f"{SCHEMA}.pickup"), name="features")
    assert error_of(project, **reading) is None


@pytest.mark.parametrize(
    ("name", "words"),
    [("nowhere.a.b", "NO_SUCH_CATALOG_EXCEPTION"), ("staging.nowhere.b", "SCHEMA_NOT_FOUND")],
)
def test_what_a_table_lies_in_must_exist(project: Project, name: str, words: str) -> None:
    assert words in error_of(project, input_table_name=name)


def test_parameters_of_job_and_run_count(project: Project) -> None:
    project.revoke("table", "source.trips.yellow", "SELECT")
    task = project.task(input_table_name="{{job.parameters.source}}")
    created = project.client.jobs.create(
        tasks=[task], parameters=[jobs.JobParameterDefinition(name="source", default="")]
    )
    assert run(project, created.job_id).state.result_state is jobs.RunResultState.SUCCESS
    for given in (
        {"job_parameters": {"source": "source.trips.yellow"}},
        {"notebook_params": {"input_table_name": "source.trips.yellow"}},
    ):
        assert run(project, created.job_id, **given).state.result_state is jobs.RunResultState.FAILED


def test_an_experiment_needs_the_right_to_write_where_it_lies(project: Project) -> None:
    other, _ = project.databricks.make_member("other")
    assert error_of(project, experiment_name=f"/Users/{project.name}/new") is None
    assert "PERMISSION_DENIED" in error_of(project, experiment_name=f"/Users/{other.application_id}/new")
    assert "Parent directory" in error_of(project, experiment_name=f"/Users/{project.name}/no/new")


def test_a_notebook_must_be_there_and_be_readable(project: Project) -> None:
    job_id = project.make_job()
    project.client.workspace.delete(project.notebook)
    ended = run(project, job_id)
    assert f'Unable to access the notebook "{project.notebook}"' in ended.state.state_message


def test_the_principal_that_the_job_runs_as_is_who_counts(project: Project) -> None:
    job_id = project.make_job(project.task(input_table_name="source.trips.yellow"))
    poor, _ = project.databricks.make_member("poor")
    admin = project.databricks.workspace()
    run_as = jobs.JobRunAs(service_principal_name=poor.application_id)
    admin.jobs.update(job_id, new_settings=jobs.JobSettings(run_as=run_as))
    assert "lacks the required permissions" in run(project, job_id).state.state_message
    folder = admin.workspace.get_status(project.notebook)
    admin.permissions.update(
        "notebooks",
        str(folder.object_id),
        access_control_list=[
            iam.AccessControlRequest(
                service_principal_name=poor.application_id, permission_level=iam.PermissionLevel.CAN_READ
            )
        ],
    )
    assert "USE CATALOG on Catalog 'source'" in run(project, job_id).state.state_message


def test_a_job_outlives_who_made_it_but_runs_as_nobody(project: Project) -> None:
    job_id = project.make_job()
    project.client.git_credentials.create("gitHub", personal_access_token="x")
    databricks = project.databricks
    databricks.account().service_principals_v2.delete(project.principal.id)
    admin = databricks.workspace()
    assert admin.jobs.get(job_id).creator_user_name == project.principal.id
    started = admin.jobs.run_now(job_id)
    databricks.clock.offset += timedelta(minutes=1)
    assert "no longer there" in admin.jobs.get_run(started.run_id).state.state_message
    assert "databricks.git_credential" not in databricks.store.dump()


def test_a_run_is_cancelled_listed_and_deleted(project: Project) -> None:
    job_id = project.make_job()
    started = project.client.jobs.run_now(job_id)
    assert [one.run_id for one in project.client.jobs.list_runs(job_id=job_id, active_only=True)] == [started.run_id]
    with pytest.raises(DatabricksError, match="active run"):
        project.client.jobs.delete_run(started.run_id)
    project.client.jobs.cancel_run(started.run_id)
    cancelled = project.client.jobs.get_run(started.run_id)
    assert cancelled.state.result_state is jobs.RunResultState.CANCELED
    assert list(project.client.jobs.list_runs(job_id=job_id, active_only=True)) == []
    project.client.jobs.delete_run(started.run_id)
    assert list(project.client.jobs.list_runs(job_id=job_id)) == []


def test_the_same_idempotency_token_starts_one_run(project: Project) -> None:
    job_id = project.make_job()
    ids = {project.client.jobs.run_now(job_id, idempotency_token="once").run_id for _ in range(2)}
    assert len(ids) == 1


def test_runs_of_others_jobs_are_not_to_be_seen(project: Project) -> None:
    started = project.client.jobs.run_now(project.make_job())
    _, other = project.databricks.make_member("other")
    assert list(other.jobs.list_runs()) == []
    with pytest.raises(PermissionDenied):
        other.jobs.get_run(started.run_id)


def test_code_comes_from_the_branch_with_a_credential_for_the_private_repository(project: Project) -> None:
    databricks = project.databricks
    seed_github(databricks.store, databricks.world, databricks.clock, admin_token="t")
    repository = find_repository(databricks.store, "acme", "taxi-fare")
    task = jobs.Task(
        task_key="a", existing_cluster_id="1", notebook_task=jobs.NotebookTask(notebook_path="training/Train")
    )
    source = jobs.GitSource(
        git_url="https://github.com/acme/taxi-fare", git_provider=jobs.GitProvider.GIT_HUB, git_branch="main"
    )
    job_id = project.client.jobs.create(tasks=[task], git_source=source).job_id
    assert "Missing Git provider credentials" in run(project, job_id).state.state_message
    project.client.git_credentials.create("gitHub", git_username="ci", personal_access_token="ghp_x")
    assert "training/Train does not exist" in run(project, job_id).state.state_message
    blob = write_blob(databricks.store, repository, b"# Databricks notebook source\n")
    tree = write_tree(databricks.store, repository, {"training/Train.py": blob})
    commit = write_commit(
        databricks.store, databricks.clock, repository, tree=tree, parents=[], message="x", author="a"
    )
    write_ref(databricks.store, repository, "refs/heads/main", commit)
    assert run(project, job_id).state.result_state is jobs.RunResultState.SUCCESS
    gone = jobs.GitSource(git_url=source.git_url, git_provider=source.git_provider, git_branch="release")
    project.client.jobs.update(job_id, new_settings=jobs.JobSettings(git_source=gone))
    assert "git_branch release does not exist" in run(project, job_id).state.state_message


def test_a_git_credential_is_its_owners_and_goes_with_them(project: Project) -> None:
    before = project.databricks.store.dump()
    made = project.client.git_credentials.create("gitHub", git_username="ci", personal_access_token="ghp_secret")
    assert "ghp_secret" not in str(project.databricks.store.dump())
    with pytest.raises(DatabricksError, match="Only one Git credential is supported"):
        project.client.git_credentials.create("gitHub", personal_access_token="x")
    _, other = project.databricks.make_member("other")
    assert list(other.git_credentials.list()) == []
    project.client.git_credentials.update(made.credential_id, "gitHub", git_username="robot")
    assert project.client.git_credentials.get(made.credential_id).git_username == "robot"
    project.client.git_credentials.delete(made.credential_id)
    assert "databricks.git_credential" not in project.databricks.store.dump()
    assert "databricks.git_credential" not in before
