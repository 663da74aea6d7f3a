"""What the Databricks CLI makes of bundles, applied to a server that keeps what it is sent."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from packages.bundle.tests.bundle_vectors import vectors
from packages.sandbox.tests.standins_fixtures import Fake, serving, terraform

VECTORS = vectors.cases("projects")
TYPES = {"jobs": "job", "experiments": "mlflowExperiment", "registered-models": "registered-model"}
UC = "/api/2.1/unity-catalog"


@pytest.fixture
def fake() -> Iterator[Fake]:
    with serving(Fake()) as fake:
        keep_everything(fake)
        yield fake


def keep_everything(fake: Fake) -> None:
    """Answer for what bundles make: each object as it was sent, with what only a service knows."""
    objects: dict[str, Any] = {}
    ids = itertools.count(101)

    def kept(key: str) -> Any:
        return objects.get(key) or (404, {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": f"{key} does not exist"})

    @fake.on("GET", "/api/2.0/preview/scim/v2/Me")
    def me(_: Any) -> Any:
        return {"id": "1", "userName": "deployer@example.com"}

    @fake.on("POST", "/api/2.2/jobs/create")
    def create_job(body: Any) -> Any:
        number = next(ids)
        settings = {"format": "MULTI_TASK", "email_notifications": {}, "timeout_seconds": 0, **body}
        for task in settings["tasks"]:
            task.setdefault("run_if", "ALL_SUCCESS")
        who = settings.pop("run_as", {"user_name": "deployer@example.com"})
        objects["job"] = objects[f"job {number}"] = {
            "job_id": number,
            "creator_user_name": "deployer@example.com",
            "run_as_user_name": next(iter(who.values())),
            "settings": settings,
        }
        return {"job_id": number}

    @fake.on("POST", "/api/2.0/mlflow/experiments/create")
    def create_experiment(body: Any) -> Any:
        number = str(next(ids))
        objects[f"experiment {number}"] = {"experiment_id": number, "artifact_location": f"dbfs:/{number}", **body}
        return {"experiment_id": number}

    @fake.on("POST", "/api/2.0/mlflow/registered-models/create")
    def create_model(body: Any) -> Any:
        objects[f"model {body['name']}"] = {"id": f"{next(ids):032x}", **body}
        return {"registered_model": body}

    @fake.on("POST", "/api/2.0/pipelines")
    def create_pipeline(body: Any) -> Any:
        objects["pipeline p"] = {"pipeline_id": "p", "state": "IDLE", "spec": {"id": "p", **body}}
        return {"pipeline_id": "p"}

    @fake.on("POST", f"{UC}/(schemas|models|volumes)")
    def create_securable(body: Any, kind: str) -> Any:
        full_name = ".".join(body[name] for name in ("catalog_name", "schema_name", "name") if name in body)
        objects[f"{kind} {full_name}"] = {"full_name": full_name, "owner": "deployer@example.com", **body}
        return objects[f"{kind} {full_name}"]

    @fake.on("POST", f"{UC}/tables/([^/]+)/monitor")
    def create_monitor(body: Any, table: str) -> Any:
        known = {"table_name": table, "status": "MONITOR_STATUS_ACTIVE", "monitor_version": "0"}
        metrics = {f"{kind}_metrics_table_name": f"{table}_{kind}_metrics" for kind in ("drift", "profile")}
        objects[f"monitor {table}"] = {**known, **metrics, **body}
        return objects[f"monitor {table}"]

    @fake.on("PATCH", f"{UC}/permissions/(.+)")
    def grant(body: Any, name: str) -> Any:
        given = [{"principal": item["principal"], "privileges": item["add"]} for item in body["changes"]]
        objects[f"grants {name}"] = {"privilege_assignments": given}
        return {}

    @fake.on("PUT", "/api/2.0/permissions/([^/]+)/(.+)")
    def permit(body: Any, kind: str, name: str) -> Any:
        entries = [
            {**{key: value for key, value in entry.items() if key != "permission_level"}, "all_permissions": [entry]}
            for entry in body["access_control_list"]
        ]
        objects[f"{kind} {name}"] = {"object_type": TYPES.get(kind, kind), "access_control_list": entries}
        return objects[f"{kind} {name}"]

    fake.on("GET", f"{UC}/permissions/(.+)")(lambda _, name: objects.get(f"grants {name}", {}))
    fake.on("GET", f"{UC}/tables/([^/]+)/monitor")(lambda _, table: kept(f"monitor {table}"))
    fake.on("GET", f"{UC}/(schemas|models|volumes)/(.+)")(lambda _, kind, name: kept(f"{kind} {name}"))
    fake.on("GET", "/api/2.0/permissions/([^/]+)/(.+)")(lambda _, kind, name: kept(f"{kind} {name}"))
    fake.on("GET", "/api/2.0/pipelines/(.+)")(lambda _, name: kept(f"pipeline {name}"))

    def named() -> str:
        """The one value of the last request's query."""
        return parse_qsl(fake.requests[-1][1].partition("?")[2])[0][1]

    fake.on("GET", "/api/2.2/jobs/get")(lambda _: kept(f"job {named()}"))
    fake.on("GET", "/api/2.0/mlflow/experiments/get")(lambda _: {"experiment": kept(f"experiment {named()}")})
    fake.on("GET", "/api/2.0/mlflow/databricks/registered-models/get")(
        lambda _: {"registered_model_databricks": kept(f"model {named()}")}
    )


@pytest.mark.parametrize("vector", VECTORS, ids=lambda case: case.name)
def test_the_second_plan_is_empty(vector: vectors.Case, fake: Fake, tmp_path: Path) -> None:
    stack = terraform(tmp_path / "stack")
    provider = {"databricks": {"host": fake.url, "token": "t", "retry_timeout_seconds": 5}}
    stack.write({"provider": provider, "resource": vectors.expected(vector)["terraform"]})
    stack.ok("init", "-no-color")
    stack.apply()
    assert stack.actions() == {}
