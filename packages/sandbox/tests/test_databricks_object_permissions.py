"""Access lists of jobs, folders and the like, as the provider and the CLI write and read them."""

from collections.abc import Callable
from typing import Any

import pytest
from databricks.sdk.errors import BadRequest, NotFound, PermissionDenied
from databricks.sdk.errors.base import DatabricksError
from databricks.sdk.service import iam

from packages.sandbox.tests.databricks_projects import Project
from packages.sandbox.tests.databricks_sandbox import ADMIN_CLIENT_ID


def pipeline(project: Project) -> str:
    return str(project.client.pipelines.create(name="p").pipeline_id)


def model(project: Project) -> str:
    project.client.model_registry.create_model("fare")
    return str(project.client.model_registry.get_model("fare").registered_model_databricks.id)


def node(path: str) -> Callable[[Project], str]:
    return lambda project: str(project.client.workspace.get_status(f"{project.home}{path}").object_id)


def folder(project: Project) -> str:
    project.client.workspace.mkdirs(f"{project.home}/sub")
    return node("/sub")(project)


# collection, what answers call it, its weakest level, and how to make one; docs: permission_definitions.go
KINDS: dict[str, tuple[str, str, Callable[[Project], str]]] = {
    "jobs": ("job", "CAN_VIEW", lambda project: str(project.make_job())),
    "pipelines": ("pipelines", "CAN_VIEW", pipeline),
    "experiments": (
        "mlflowExperiment",
        "CAN_READ",
        lambda project: project.client.experiments.create_experiment(f"/Users/{project.name}/e").experiment_id,
    ),
    "registered-models": ("registered-model", "CAN_READ", model),
    "directories": ("directory", "CAN_READ", folder),
    "notebooks": ("notebook", "CAN_READ", node("/train")),
}


def put(project: Project, collection: str, object_id: str, *entries: dict[str, Any]) -> dict[str, Any]:
    answer = project.client.api_client.do(
        "PUT", f"/api/2.0/permissions/{collection}/{object_id}", body={"access_control_list": list(entries)}
    )
    return dict(answer)


def direct(answer: dict[str, Any]) -> list[tuple[str, str]]:
    """Who has what by the object's own list."""
    return sorted(
        (entry.get("group_name") or entry.get("service_principal_name") or entry["user_name"], held["permission_level"])
        for entry in answer["access_control_list"]
        for held in entry["all_permissions"]
        if not held["inherited"]
    )


@pytest.mark.parametrize("collection", KINDS)
def test_a_list_comes_back_exactly_with_the_caller_under_its_own_kind(project: Project, collection: Any) -> None:
    object_type, weakest, make = KINDS[collection]
    object_id = make(project)
    own = "IS_OWNER" if collection in ("jobs", "pipelines") else "CAN_MANAGE"
    answer = put(
        project,
        collection,
        object_id,
        {"group_name": "users", "permission_level": weakest},
        # The provider always sends itself as a user.
        {"user_name": project.name, "permission_level": own},
    )
    assert (answer["object_type"], answer["object_id"]) == (object_type, f"/{collection}/{object_id}")
    assert direct(answer) == sorted([("users", weakest), (project.name, own)])
    own_entry = next(one for one in answer["access_control_list"] if one.get("service_principal_name") == project.name)
    assert "user_name" not in own_entry
    admins = next(one for one in answer["access_control_list"] if one.get("group_name") == "admins")
    assert [held["inherited"] for held in admins["all_permissions"]] == [True]
    again = project.client.api_client.do("GET", f"/api/2.0/permissions/{collection}/{object_id}")
    assert again == answer


@pytest.mark.parametrize("collection", ["jobs", "pipelines"])
def test_there_is_one_owner_whom_only_admins_change(project: Project, collection: str) -> None:
    object_id = KINDS[collection][2](project)
    noun = collection.removesuffix("s")
    with pytest.raises(BadRequest, match=f"The {noun} must have exactly one owner"):
        put(project, collection, object_id, {"group_name": "users", "permission_level": "CAN_VIEW"})
    with pytest.raises(PermissionDenied, match="Only workspace admins"):
        put(project, collection, object_id, {"user_name": ADMIN_CLIENT_ID, "permission_level": "IS_OWNER"})
    with pytest.raises(BadRequest, match="group cannot be the owner"):
        put(project, collection, object_id, {"group_name": "users", "permission_level": "IS_OWNER"})
    admin = project.databricks.workspace()
    entry = iam.AccessControlRequest(
        service_principal_name=ADMIN_CLIENT_ID, permission_level=iam.PermissionLevel.IS_OWNER
    )
    admin.permissions.update(collection, object_id, access_control_list=[entry])
    with pytest.raises(PermissionDenied):
        project.client.permissions.get(collection, object_id)


def test_levels_in_a_folder_are_inherited_and_shown_as_such(project: Project) -> None:
    other, client = project.databricks.make_member("other")
    object_id = folder(project)
    project.client.workspace.mkdirs(f"{project.home}/sub/deep")
    put(
        project,
        "directories",
        object_id,
        {"service_principal_name": other.application_id, "permission_level": "CAN_MANAGE"},
    )
    deep = str(client.workspace.get_status(f"{project.home}/sub/deep").object_id)
    answer = dict(client.api_client.do("GET", f"/api/2.0/permissions/directories/{deep}"))
    assert direct(answer) == []
    names = [one.get("service_principal_name") or one["group_name"] for one in answer["access_control_list"]]
    assert sorted(names) == sorted([project.name, other.application_id, "admins"])
    client.workspace.mkdirs(f"{project.home}/sub/deep/theirs")
    with pytest.raises(PermissionDenied):
        client.workspace.get_status(project.notebook)


def test_a_home_stays_its_owners_whatever_a_list_says(project: Project) -> None:
    admin = project.databricks.workspace()
    home = str(admin.workspace.get_status(project.home).object_id)
    admin.permissions.set("directories", home, access_control_list=[])
    project.client.workspace.mkdirs(f"{project.home}/mine")


def test_only_levels_of_the_kind_and_known_principals_are_taken(project: Project) -> None:
    job_id = str(project.make_job())
    with pytest.raises(BadRequest, match="CAN_EDIT is not a permission level of job"):
        put(project, "jobs", job_id, {"group_name": "users", "permission_level": "CAN_EDIT"})
    with pytest.raises(NotFound, match=r"GroupName\(nobodies\) does not exist"):
        put(project, "jobs", job_id, {"group_name": "nobodies", "permission_level": "CAN_VIEW"})


def test_levels_that_can_be_given_are_listed(project: Project) -> None:
    answer = project.client.permissions.get_permission_levels("jobs", str(project.make_job()))
    levels = [one.permission_level.value for one in answer.permission_levels]
    assert levels == ["CAN_VIEW", "CAN_MANAGE_RUN", "IS_OWNER", "CAN_MANAGE"]


def test_what_does_not_exist_has_no_list(project: Project) -> None:
    notebook = node("/train")(project)
    for collection, object_id in (("jobs", "1"), ("experiments", "x"), ("files", notebook), ("directories", "5")):
        with pytest.raises(NotFound):
            project.client.permissions.get(collection, object_id)
    with pytest.raises(DatabricksError, match=r"object_permissions\.py"):
        project.client.permissions.get("instance-pools", "1")


def test_who_is_deleted_is_in_no_list_any_more(project: Project) -> None:
    other, _ = project.databricks.make_member("other")
    job_id = str(project.make_job())
    project.client.permissions.update(
        "jobs",
        job_id,
        access_control_list=[
            iam.AccessControlRequest(
                service_principal_name=other.application_id, permission_level=iam.PermissionLevel.CAN_VIEW
            )
        ],
    )
    project.databricks.account().service_principals_v2.delete(other.id)
    answer = project.client.api_client.do("GET", f"/api/2.0/permissions/jobs/{job_id}")
    assert direct(dict(answer)) == [(project.name, "IS_OWNER")]
