"""Models of the workspace's own registry; those of Unity Catalog are in test_databricks_unity_catalog.py."""

import pytest
from databricks.sdk.errors import NotFound, PermissionDenied
from databricks.sdk.errors.base import DatabricksError
from databricks.sdk.service import iam, ml

from packages.sandbox.tests.databricks_projects import Project


def test_a_model_is_made_described_listed_and_deleted_without_a_trace(project: Project) -> None:
    before, registry = project.databricks.store.dump(), project.client.model_registry
    registry.create_model("fare", description="ours", tags=[ml.ModelTag("team", "ml")])
    shown = registry.get_model("fare").registered_model_databricks
    assert (shown.name, shown.description, shown.tags[0].value) == ("fare", "ours", "ml")
    assert len(shown.id) == 32
    registry.update_model("fare", description="theirs")
    assert registry.get_model("fare").registered_model_databricks.description == "theirs"
    assert [one.name for one in registry.list_models()] == ["fare"]
    registry.delete_model("fare")
    assert project.databricks.store.dump() == before
    with pytest.raises(NotFound, match="RegisteredModel 'fare' does not exist"):
        registry.get_model("fare")


def test_tags_of_a_model_can_be_set(project: Project) -> None:
    registry = project.client.model_registry
    registry.create_model("fare", tags=[ml.ModelTag("team", "ml")])
    registry.set_model_tag("fare", "team", "data")
    registry.set_model_tag("fare", "stage", "")
    tags = registry.get_model("fare").registered_model_databricks.tags
    assert {tag.key: tag.value for tag in tags} == {"team": "data", "stage": ""}
    _, client = project.databricks.make_member("other")
    with pytest.raises(PermissionDenied):
        client.model_registry.set_model_tag("fare", "team", "mine")


def test_a_name_is_taken_once(project: Project) -> None:
    project.client.model_registry.create_model("fare")
    with pytest.raises(DatabricksError, match="already exists"):
        project.client.model_registry.create_model("fare")


def test_levels_on_a_model_allow_what_they_say(project: Project) -> None:
    project.client.model_registry.create_model("fare")
    model_id = project.client.model_registry.get_model("fare").registered_model_databricks.id
    other, client = project.databricks.make_member("other")
    with pytest.raises(PermissionDenied):
        client.model_registry.get_model("fare")
    for level, refused in (
        (iam.PermissionLevel.CAN_READ, lambda: client.model_registry.update_model("fare", description="x")),
        (iam.PermissionLevel.CAN_EDIT, lambda: client.model_registry.delete_model("fare")),
    ):
        entry = iam.AccessControlRequest(service_principal_name=other.application_id, permission_level=level)
        shown = project.client.permissions.update("registered-models", model_id, access_control_list=[entry])
        assert shown.object_type == "registered-model"
        assert client.model_registry.get_model("fare")
        with pytest.raises(PermissionDenied):
            refused()
    client.model_registry.update_model("fare", description="x")
