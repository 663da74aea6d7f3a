"""What the Databricks CLI makes of bundles, applied to a server that keeps what it is sent."""

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from tests.standins_fixtures import Fake, serving, terraform

BUNDLES = Path(__file__).parents[2] / "shared" / "bundles"
VECTORS = sorted(BUNDLES.glob("*/expected/*.tf.json"))
TYPES = {"jobs": "job", "experiments": "mlflowExperiment", "registered-models": "registered-model"}
UC = "/api/2.1/unity-catalog"
# What no Terraform takes as it is: a reference that is literal to the CLI, a service principal that is none.
REPLACED = {r"\\${x} ": "", "aaaa-bbbb": "0a0b0c0d-0000-1111-2222-333344445555"}
# Two grants of one principal, which the CLI leaves apart, never settle.
NEVER_SETTLED = {"databricks_grants.registered_model_m": "update"}


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


@pytest.mark.skipif(not VECTORS, reason="the converter's output is not here")
@pytest.mark.parametrize("vector", VECTORS, ids=lambda path: f"{path.parts[-3]}-{path.name.split('.')[0]}")
def test_the_second_plan_is_empty(vector: Path, fake: Fake, tmp_path: Path) -> None:
    text = vector.read_text(encoding="utf-8")
    for written, instead in REPLACED.items():
        text = text.replace(written, instead)
    stack = terraform(tmp_path / "stack")
    provider = {"databricks": {"host": fake.url, "token": "t", "retry_timeout_seconds": 5}}
    stack.write({"provider": provider, **json.loads(text)})
    stack.ok("init", "-no-color")
    stack.apply()
    assert stack.actions() == (NEVER_SETTLED if "merge" in vector.parts else {})
