"""What a bundle deploys, with real Terraform and the stand-ins, against the sandbox."""

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from databricks.sdk import WorkspaceClient

from packages.sandbox.tests.standins_fixtures import Terraform
from tests.bundle_resources import RESOURCES, ROOT, SCHEMA, TABLE
from tests.deployments import Deployment, deployment_in, enter
from tests.synthesis import config

STAGING = config()["environments"]["staging"]["host"]
PROVIDERS = {"databricks": {"host": STAGING, "auth_type": "oauth-m2m", "retry_timeout_seconds": 20}}
NOTEBOOK = "# Databricks notebook source\nprint(1)\n"

EVERYTHING = {
    "provider": PROVIDERS,
    "resource": RESOURCES,
    "data": {"databricks_current_user": {"me": {}}},
}
FILES = {"train.py": NOTEBOOK, "lib.py": "X = 1\n", "empty.py": "", "drawn.ipynb": '{"cells": [], "metadata": {}}'}
PREPARE = f"""
from databricks.sdk import WorkspaceClient

client = WorkspaceClient(host={STAGING!r})
client.catalogs.create("bundled")
client.schemas.create("taxi", "bundled")
warehouse = next(iter(client.warehouses.list()))
done = client.statement_execution.execute_statement("CREATE TABLE {TABLE} (price DOUBLE)", warehouse.id)
assert done.status.state.value == "SUCCEEDED", done.status
"""


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with deployment_in(tmp_path_factory.mktemp("bundled"), config()) as deployment:
        deployment.sandbox.python(PREPARE)
        deployment.sandbox.ask("save")
        yield deployment


def written(sandbox: Deployment, folder: Path) -> Terraform:
    """The configuration of everything, initialized, with its code beside it."""
    terraform = Terraform(folder, sandbox.environ)
    folder.mkdir(exist_ok=True)
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    terraform.write(EVERYTHING)
    terraform.ok("init", "-no-color", "-input=false")
    return terraform


def drifted(terraform: Terraform) -> dict[str, dict[str, tuple[Any, Any]]]:
    """{address: {attribute: (in the state, found)}} of what a refresh changes."""
    changes = {item["address"]: item["change"] for item in terraform.plan().get("resource_drift", [])}
    return {
        address: {
            name: (change["before"].get(name), change["after"].get(name))
            for name in change["before"]
            if change["before"].get(name) != change["after"].get(name)
        }
        for address, change in changes.items()
    }


def left_over(before: dict[str, Any], after: dict[str, Any]) -> list[Any]:
    """The ids of what is there now and was not, but for folders that were made for what was in them."""
    return [
        (kind, key)
        for kind, documents in after.items()
        for key in documents.keys() - before.get(kind, {}).keys()
        if "DIRECTORY" not in documents[key].values()
    ]


def test_everything_applies_then_the_plan_is_empty_then_nothing_is_left(sandbox: Deployment, tmp_path: Path) -> None:
    sandbox.sandbox.ask("restore")
    before = sandbox.dump()
    terraform = written(sandbox, tmp_path / "stack")
    terraform.apply()
    assert terraform.actions() == {}
    assert drifted(terraform) == {}
    terraform.ok("destroy", "-auto-approve", "-no-color")
    assert left_over(before, sandbox.dump()) == []


@dataclass
class World:
    """Everything applied, and an administrator who can do things behind Terraform's back."""

    terraform: Terraform
    sandbox: Deployment

    def ask(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        environ = self.sandbox.environ
        client = WorkspaceClient(
            host=STAGING,
            client_id=environ["DATABRICKS_CLIENT_ID"],
            client_secret=environ["DATABRICKS_CLIENT_SECRET"],
            auth_type="oauth-m2m",
        )
        return client.api_client.do(method, path, body=body, query=query)

    def id(self, address: str) -> str:
        return str(self.terraform.state(address)["id"])

    def settings(self, address: str) -> dict[str, Any]:
        settings: dict[str, Any] = self.ask("GET", "/api/2.2/jobs/get", job_id=self.id(address))["settings"]
        return settings

    def with_resources(self, change: Callable[[dict[str, Any]], Any]) -> None:
        """Write a changed configuration."""
        resources = copy.deepcopy(RESOURCES)
        change(resources)
        self.terraform.write({**EVERYTHING, "resource": resources})


@pytest.fixture(scope="module")
def applied(sandbox: Deployment, tmp_path_factory: pytest.TempPathFactory) -> World:
    sandbox.sandbox.ask("restore")
    terraform = written(sandbox, tmp_path_factory.mktemp("applied") / "stack")
    terraform.apply()
    return World(terraform, sandbox)


@pytest.fixture
def world(applied: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Everything applied; what a test writes or does is put back."""
    enter(applied.sandbox, monkeypatch)
    yield applied
    for name, text in FILES.items():
        (applied.terraform.folder / name).write_text(text, encoding="utf-8")
    applied.terraform.write(EVERYTHING)
    applied.terraform.apply()


def test_the_plan_of_a_changed_task_shows_that_task_alone(world: World) -> None:
    def change(resources: dict[str, Any]) -> None:
        resources["databricks_job"]["training"]["task"][1]["notebook_task"][0]["base_parameters"] = {"env": "other"}

    world.with_resources(change)
    changes = [item for item in world.terraform.plan()["resource_changes"] if item["change"]["actions"] != ["no-op"]]
    assert [item["address"] for item in changes] == ["databricks_job.training"]
    before, after = changes[0]["change"]["before"], changes[0]["change"]["after"]
    assert {name for name in after if after[name] != before[name]} == {"task"}
    assert [now == was for now, was in zip(after["task"], before["task"], strict=True)] == [True, False, True]
    world.terraform.apply()
    assert world.terraform.actions() == {}
    assert world.settings("databricks_job.training")["tasks"][1]["notebook_task"]["base_parameters"] == {"env": "other"}


def test_changed_code_uploads_that_file_alone(world: World) -> None:
    (world.terraform.folder / "train.py").write_text(NOTEBOOK + "print(2)\n", encoding="utf-8")
    (world.terraform.folder / "drawn.ipynb").write_text('{"cells": []}', encoding="utf-8")
    assert world.terraform.actions() == {"databricks_notebook.train": "update", "databricks_notebook.drawn": "update"}
    world.terraform.apply()
    assert world.terraform.actions() == {}
    (world.terraform.folder / "lib.py").write_text("X = 2\n", encoding="utf-8")
    assert world.terraform.actions() == {"databricks_workspace_file.lib": "update"}


def job_id(world: World, name: str) -> int:
    return int(world.id(f"databricks_job.{name}"))


# What somebody does -> what the next plan wants to do about it.
DRIFT: dict[str, tuple[Callable[[World], Any], dict[str, str]]] = {
    "a task is changed": (
        lambda w: w.ask(
            "POST",
            "/api/2.2/jobs/reset",
            {
                "job_id": job_id(w, "training"),
                "new_settings": {**(s := w.settings("databricks_job.training")), "tasks": s["tasks"][:2]},
            },
        ),
        {"databricks_job.training": "update"},
    ),
    "a job is paused": (
        lambda w: w.ask(
            "POST",
            "/api/2.2/jobs/update",
            {
                "job_id": job_id(w, "scheduled"),
                "new_settings": {
                    "schedule": {**w.settings("databricks_job.scheduled")["schedule"], "pause_status": "PAUSED"}
                },
            },
        ),
        {"databricks_job.scheduled": "update"},
    ),
    "a job is deleted": (
        lambda w: w.ask("POST", "/api/2.2/jobs/delete", {"job_id": job_id(w, "bare")}),
        {"databricks_job.bare": "create"},
    ),
    "permissions on a job are added": (
        lambda w: w.ask(
            "PATCH",
            f"/api/2.0/permissions/jobs/{job_id(w, 'training')}",
            {"access_control_list": [{"group_name": "users", "permission_level": "CAN_MANAGE_RUN"}]},
        ),
        {"databricks_permissions.job": "update"},
    ),
    "permissions on an experiment are taken away": (
        lambda w: w.ask(
            "PUT",
            f"/api/2.0/permissions/experiments/{w.id('databricks_mlflow_experiment.e')}",
            {"access_control_list": []},
        ),
        {"databricks_permissions.experiment": "create"},
    ),
    "an experiment is renamed": (
        lambda w: w.ask(
            "POST",
            "/api/2.0/mlflow/experiments/update",
            {
                "experiment_id": (id_ := w.id("databricks_mlflow_experiment.e")),
                "new_name": w.terraform.state("databricks_mlflow_experiment.e")["name"] + id_,
            },
        ),
        {"databricks_mlflow_experiment.e": "update"},
    ),
    "models, a volume and a pipeline are described otherwise": (
        lambda w: (
            w.ask("PATCH", "/api/2.0/mlflow/registered-models/update", {"name": "test-taxi", "description": "other"}),
            w.ask("PATCH", "/api/2.1/unity-catalog/models/bundled.made.m", {"comment": "other"}),
            w.ask("PATCH", "/api/2.1/unity-catalog/volumes/bundled.made.v", {"comment": "other"}),
            w.ask(
                "PUT",
                f"/api/2.0/pipelines/{(id_ := w.id('databricks_pipeline.p'))}",
                {**w.ask("GET", f"/api/2.0/pipelines/{id_}")["spec"], "name": "other"},
            ),
        ),
        {
            "databricks_mlflow_model.m": "update",
            "databricks_registered_model.r": "update",
            "databricks_volume.v": "update",
            "databricks_pipeline.p": "update",
        },
    ),
    "a monitor is scheduled otherwise": (
        lambda w: w.ask(
            "PUT",
            f"/api/2.1/unity-catalog/tables/{TABLE}/monitor",
            {
                "output_schema_name": SCHEMA,
                "inference_log": w.ask("GET", f"/api/2.1/unity-catalog/tables/{TABLE}/monitor")["inference_log"],
                "schedule": {"quartz_cron_expression": "0 0 9 * * ?", "timezone_id": "UTC"},
            },
        ),
        {"databricks_quality_monitor.q": "update"},
    ),
    "code is deleted": (
        lambda w: [
            w.ask("POST", "/api/2.0/workspace/delete", {"path": w.id(address)})
            for address in ("databricks_notebook.drawn", "databricks_workspace_file.empty")
        ],
        {"databricks_notebook.drawn": "create", "databricks_workspace_file.empty": "create"},
    ),
    "code is rewritten, which nobody sees": (
        lambda w: w.ask(
            "POST",
            "/api/2.0/workspace/import",
            {"path": w.id("databricks_workspace_file.lib"), "format": "RAW", "content": "WA==", "overwrite": True},
        ),
        {},
    ),
}


def test_the_plan_shows_what_somebody_did(world: World) -> None:
    """All of it at once: each shows at an object of its own."""
    for act, _ in DRIFT.values():
        act(world)
    expected = {address: action for _, actions in DRIFT.values() for address, action in actions.items()}
    assert world.terraform.actions() == expected


def test_what_cannot_be_changed_is_replaced(world: World) -> None:
    """And what hangs on it: permissions are of an id, grants of a name."""

    def change(resources: dict[str, Any]) -> None:
        resources["databricks_mlflow_experiment"]["e"]["artifact_location"] = "dbfs:/elsewhere"
        resources["databricks_mlflow_model"]["m"]["name"] = "other"
        resources["databricks_registered_model"]["r"]["name"] = "other"
        resources["databricks_volume"]["v"]["schema_name"] = "taxi"
        resources["databricks_notebook"]["drawn"]["path"] = f"{ROOT}/files/Other"
        resources["databricks_workspace_file"]["empty"]["path"] = f"{ROOT}/files/__init__.py"
        resources["databricks_permissions"]["job"]["job_id"] = "${databricks_job.bare.id}"

    world.with_resources(change)
    assert world.terraform.actions() == dict.fromkeys(
        (
            "databricks_mlflow_experiment.e",
            "databricks_permissions.experiment",
            "databricks_mlflow_model.m",
            "databricks_permissions.model",
            "databricks_registered_model.r",
            "databricks_grants.r",
            "databricks_volume.v",
            "databricks_notebook.drawn",
            "databricks_workspace_file.empty",
            "databricks_permissions.job",
        ),
        "replace",
    )
    world.terraform.apply()
    assert world.terraform.actions() == {}


def test_whatever_else_changes_is_updated_in_place(world: World) -> None:
    def change(resources: dict[str, Any]) -> None:
        job = resources["databricks_job"]["training"]
        del job["schedule"], job["tags"], job["queue"]
        job["name"] = "other"
        job["job_cluster"][0]["new_cluster"][0]["num_workers"] = 0
        job["email_notifications"] = [{"on_failure": ["a@example.com"]}]
        resources["databricks_job"]["bare"]["task"][0]["new_cluster"][0]["autoscale"] = [
            {"min_workers": 1, "max_workers": 2}
        ]
        resources["databricks_mlflow_experiment"]["e"]["name"] += "-other"
        resources["databricks_mlflow_model"]["m"]["description"] = "other"
        resources["databricks_registered_model"]["r"]["comment"] = "other"
        resources["databricks_volume"]["v"]["comment"] = "other"
        resources["databricks_pipeline"]["p"]["development"] = True
        resources["databricks_quality_monitor"]["q"]["slicing_exprs"] = ["a = 1"]
        resources["databricks_permissions"]["job"]["access_control"] = [
            {"group_name": "users", "permission_level": "CAN_MANAGE_RUN"}
        ]
        resources["databricks_directory"]["assets"]["delete_recursive"] = False

    world.with_resources(change)
    assert world.terraform.actions() == dict.fromkeys(
        (
            "databricks_job.training",
            "databricks_job.bare",
            "databricks_mlflow_experiment.e",
            "databricks_mlflow_model.m",
            "databricks_registered_model.r",
            "databricks_volume.v",
            "databricks_pipeline.p",
            "databricks_quality_monitor.q",
            "databricks_permissions.job",
            "databricks_directory.assets",
        ),
        "update",
    )
    world.terraform.apply()
    assert world.terraform.actions() == {}


# What a plan after the import still wants, and why.
AFTER_IMPORT = {
    "databricks_schema.made": "update",  # force_destroy is in no answer
    "databricks_directory.assets": "update",  # neither is delete_recursive
    **dict.fromkeys(  # the content is uploaded again, since nobody knows what the remote one is
        (
            "databricks_notebook.train",
            "databricks_notebook.drawn",
            "databricks_workspace_file.lib",
            "databricks_workspace_file.empty",
        ),
        "update",
    ),
    **dict.fromkeys(  # imported by id, configured by path
        ("databricks_permissions.directory", "databricks_permissions.notebook", "databricks_permissions.file"),
        "replace",
    ),
}


def test_imports_read_what_exists(applied: World, tmp_path: Path) -> None:
    addresses = sorted(f"{type_}.{name}" for type_, named in RESOURCES.items() for name in named)
    ids = {address: applied.id(address) for address in addresses} | {"databricks_quality_monitor.q": TABLE}
    fresh = Terraform(tmp_path / "fresh", applied.sandbox.environ)
    fresh.folder.mkdir()
    for name, text in FILES.items():
        (fresh.folder / name).write_text(text, encoding="utf-8")
    fresh.write({**EVERYTHING, "import": [{"to": address, "id": id_} for address, id_ in ids.items()]})
    fresh.ok("init", "-no-color", "-input=false")
    assert fresh.actions() == {address: AFTER_IMPORT.get(address, "import") for address in addresses}
