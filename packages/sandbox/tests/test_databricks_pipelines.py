"""Pipelines, and what kinds of machines and runtimes there are."""

import pytest
from databricks.sdk.errors import NotFound, PermissionDenied
from databricks.sdk.errors.base import DatabricksError
from databricks.sdk.service import pipelines

from packages.sandbox.tests.databricks_projects import Project

SPEC = {
    "name": "features",
    "catalog": "staging",
    "target": "taxi_fare",
    "continuous": False,
    "libraries": [{"notebook": {"path": "/Workspace/Users/x/features"}}],
    "clusters": [{"label": "default", "num_workers": 1}],
}


def test_a_pipeline_comes_back_as_it_was_sent(project: Project) -> None:
    client = project.client.api_client
    made = client.do("POST", "/api/2.0/pipelines", body=SPEC)
    shown = client.do("GET", f"/api/2.0/pipelines/{made['pipeline_id']}")
    assert shown["spec"] == {**SPEC, "id": made["pipeline_id"]}
    assert (shown["state"], shown["creator_user_name"], shown["run_as_user_name"]) == (
        "IDLE",
        project.name,
        project.name,
    )


def test_a_pipeline_is_changed_and_deleted_without_a_trace(project: Project) -> None:
    before = project.databricks.store.dump()
    pipeline_id = project.client.pipelines.create(name="features").pipeline_id
    assert project.client.pipelines.get(pipeline_id).spec.storage == f"dbfs:/pipelines/{pipeline_id}"
    project.client.pipelines.update(pipeline_id, name="renamed", catalog="staging")
    assert project.client.pipelines.get(pipeline_id).name == "renamed"
    assert [one.name for one in project.client.pipelines.list_pipelines()] == ["renamed"]
    project.client.pipelines.delete(pipeline_id)
    assert project.databricks.store.dump() == before
    with pytest.raises(NotFound, match=f"The specified pipeline {pipeline_id} was not found"):
        project.client.pipelines.get(pipeline_id)


def test_a_name_is_taken_once_unless_one_insists(project: Project) -> None:
    project.client.pipelines.create(name="features")
    with pytest.raises(DatabricksError, match="already used by another pipeline"):
        project.client.pipelines.create(name="features")
    project.client.pipelines.create(name="features", allow_duplicate_names=True)


def test_a_continuous_pipeline_runs_at_once(project: Project) -> None:
    pipeline_id = project.client.pipelines.create(name="features", continuous=True).pipeline_id
    assert project.client.pipelines.get(pipeline_id).state is pipelines.PipelineState.RUNNING


def test_a_dry_run_makes_nothing(project: Project) -> None:
    before = project.databricks.store.dump()
    assert project.client.pipelines.create(name="features", dry_run=True).effective_settings.name == "features"
    assert project.databricks.store.dump() == before


def test_pipelines_of_others_are_closed(project: Project) -> None:
    pipeline_id = project.client.pipelines.create(name="features").pipeline_id
    _, other = project.databricks.make_member("other")
    assert list(other.pipelines.list_pipelines()) == []
    for refused in (
        lambda: other.pipelines.get(pipeline_id),
        lambda: other.pipelines.update(pipeline_id, name="mine"),
        lambda: other.pipelines.delete(pipeline_id),
    ):
        with pytest.raises(PermissionDenied):
            refused()
    assert isinstance(project.client.pipelines.get(pipeline_id).spec, pipelines.PipelineSpec)


def test_the_smallest_machine_and_the_latest_runtime_can_be_chosen(project: Project) -> None:
    here = project.client.clusters
    assert here.select_node_type(local_disk=True, min_memory_gb=30, min_cores=4) == "i3.xlarge"
    assert here.select_spark_version(long_term_support=True) == "16.4.x-scala2.12"
    assert here.select_spark_version(ml=True, long_term_support=True) == "16.4.x-cpu-ml-scala2.12"
