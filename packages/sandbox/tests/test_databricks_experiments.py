"""Experiments: objects in the workspace's tree, with access lists."""

import pytest
from databricks.sdk.errors import NotFound, PermissionDenied
from databricks.sdk.errors.base import DatabricksError
from databricks.sdk.service import ml

from packages.sandbox.tests.databricks_projects import Project

CREATE = "/api/2.0/mlflow/experiments/create"


def test_an_experiment_is_found_by_id_and_by_name_under_either_spelling(project: Project) -> None:
    made = project.client.experiments.create_experiment(f"{project.home}/fare")
    shown = project.client.experiments.get_experiment(made.experiment_id).experiment
    assert (shown.name, shown.lifecycle_stage) == (f"/Users/{project.name}/fare", "active")
    for name in (shown.name, f"/Workspace{shown.name}"):
        assert project.client.experiments.get_by_name(name).experiment.experiment_id == made.experiment_id
    status = project.client.api_client.do("GET", "/api/2.0/workspace/get-status", query={"path": shown.name})
    assert (str(status["object_id"]), status["object_type"]) == (made.experiment_id, "MLFLOW_EXPERIMENT")


def test_what_is_sent_comes_back_and_tags_can_be_set(project: Project) -> None:
    tags = [ml.ExperimentTag("team", "ml")]
    made = project.client.experiments.create_experiment(
        f"/Users/{project.name}/fare", artifact_location="dbfs:/here", tags=tags
    )
    project.client.experiments.set_experiment_tag(made.experiment_id, "stage", "test")
    shown = project.client.experiments.get_experiment(made.experiment_id).experiment
    assert shown.artifact_location == "dbfs:/here"
    assert [(tag.key, tag.value) for tag in shown.tags] == [("team", "ml"), ("stage", "test")]


def test_an_experiment_is_renamed_and_keeps_its_id(project: Project) -> None:
    made = project.client.experiments.create_experiment(f"/Users/{project.name}/old")
    project.client.experiments.update_experiment(made.experiment_id, new_name=f"/Users/{project.name}/new")
    found = project.client.experiments.get_by_name(f"/Users/{project.name}/new").experiment
    assert found.experiment_id == made.experiment_id
    with pytest.raises(NotFound):
        project.client.experiments.get_by_name(f"/Users/{project.name}/old")


def test_nothing_is_left_of_a_deleted_experiment(project: Project) -> None:
    before = project.databricks.store.dump()
    made = project.client.experiments.create_experiment(f"/Users/{project.name}/fare")
    project.client.experiments.delete_experiment(made.experiment_id)
    assert project.databricks.store.dump() == before
    with pytest.raises(NotFound):
        project.client.experiments.get_experiment(made.experiment_id)


def test_a_name_is_taken_once_and_its_folder_must_exist(project: Project) -> None:
    project.client.experiments.create_experiment(f"/Users/{project.name}/fare")
    with pytest.raises(DatabricksError, match="already exists"):
        project.client.experiments.create_experiment(f"/Users/{project.name}/fare")
    with pytest.raises(NotFound, match=r"parent folder .* does not exist"):
        project.client.experiments.create_experiment(f"/Users/{project.name}/no/fare")


def test_experiments_are_searched_by_name_among_those_that_one_may_see(project: Project) -> None:
    for name in ("staging-fare", "test-fare"):
        project.client.experiments.create_experiment(f"/Users/{project.name}/{name}")
    found = project.client.experiments.search_experiments(filter="name LIKE '%/test-%'")
    assert [one.name for one in found] == [f"/Users/{project.name}/test-fare"]
    _, other = project.databricks.make_member("other")
    assert list(other.experiments.search_experiments()) == []


def test_an_experiment_of_others_is_neither_read_nor_changed(project: Project) -> None:
    made = project.client.experiments.create_experiment(f"/Users/{project.name}/fare")
    _, other = project.databricks.make_member("other")
    for refused in (
        lambda: other.experiments.create_experiment(f"/Users/{project.name}/mine"),
        lambda: other.experiments.get_experiment(made.experiment_id),
        lambda: other.experiments.set_experiment_tag(made.experiment_id, "a", "b"),
        lambda: other.experiments.update_experiment(made.experiment_id, new_name="/Shared/mine"),
        lambda: other.experiments.delete_experiment(made.experiment_id),
    ):
        with pytest.raises(PermissionDenied):
            refused()
    assert project.databricks.workspace().experiments.get_experiment(made.experiment_id)


def test_what_is_shared_is_everybodys(project: Project) -> None:
    made = project.client.experiments.create_experiment("/Shared/fare")
    _, other = project.databricks.make_member("other")
    other.experiments.set_experiment_tag(made.experiment_id, "a", "b")
