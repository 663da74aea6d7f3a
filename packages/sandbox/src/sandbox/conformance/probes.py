"""Requests that a workspace takes as they stand, one for each operation whose values have bounds.

They are made of a scratch schema and a scratch folder, and what they make is known by the scratch's name. A row is
tried by putting its values into the request of its operation.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.conformance.placing import Sent

UNITY_CATALOG = "/api/2.1/unity-catalog"
JOBS = "/api/2.2/jobs"


@dataclass(frozen=True, slots=True)
class Scratch:
    """Where everything happens: a schema in a catalog, a folder in the caller's home, and a name for the rest."""

    catalog: str
    name: str
    home: str

    @property
    def folder(self) -> str:
        """The scratch folder."""
        return f"{self.home}/{self.name}"

    def made(self, what: str) -> str:
        """A name by which something can be told to be the scratch's."""
        return f"{self.name}_{what}"


@dataclass(frozen=True, slots=True)
class Probe:
    """One operation. `drops` is the request that removes what a successful answer made, None for nothing.

    `around` is what the body needs beside a field, by how the field begins; `not_real` begins fields that are not tried
    for real: a workspace would refuse them for another reason, or nothing would tell that they are the scratch's.
    """

    name: str
    sends: Callable[[Scratch], Sent]
    drops: Callable[[Scratch, Sent, Mapping[str, Any]], Sent | None]
    makes: str
    around: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    not_real: tuple[str, ...] = ()


def _nothing(_scratch: Scratch, _sent: Sent, _answer: Mapping[str, Any]) -> None:
    return None


def _job(scratch: Scratch) -> Sent:
    task = {
        "task_key": "nothing",
        "notebook_task": {"notebook_path": f"{scratch.folder}/nothing", "source": "WORKSPACE"},
    }
    return Sent("POST", JOBS + "/create", body={"name": scratch.made("job"), "tasks": [task]})


def _drop_job(_scratch: Scratch, _sent: Sent, answer: Mapping[str, Any]) -> Sent:
    return Sent("POST", JOBS + "/delete", body={"job_id": answer["job_id"]})


def _volume(scratch: Scratch) -> Sent:
    place = {"catalog_name": scratch.catalog, "schema_name": scratch.name}
    return Sent("POST", UNITY_CATALOG + "/volumes", body={**place, "name": scratch.made("v"), "volume_type": "MANAGED"})


def _model(scratch: Scratch) -> Sent:
    place = {"catalog_name": scratch.catalog, "schema_name": scratch.name}
    return Sent("POST", UNITY_CATALOG + "/models", body={**place, "name": scratch.made("m")})


def _dropped_below(kind: str) -> Callable[[Scratch, Sent, Mapping[str, Any]], Sent]:
    def drop(scratch: Scratch, sent: Sent, _answer: Mapping[str, Any]) -> Sent:
        name = f"{scratch.catalog}.{scratch.name}.{sent.body['name']}"
        return Sent("DELETE", f"{UNITY_CATALOG}/{kind}/{{full_name}}", params={"full_name": name})

    return drop


def _schema(scratch: Scratch) -> Sent:
    return Sent(
        "POST", UNITY_CATALOG + "/schemas", body={"catalog_name": scratch.catalog, "name": scratch.made("schema")}
    )


def _drop_schema(scratch: Scratch, sent: Sent, _answer: Mapping[str, Any]) -> Sent:
    name = f"{scratch.catalog}.{sent.body['name']}"
    return Sent("DELETE", UNITY_CATALOG + "/schemas/{full_name}", params={"full_name": name})


def _experiment(scratch: Scratch) -> Sent:
    return Sent("POST", "/api/2.0/mlflow/experiments/create", body={"name": f"{scratch.folder}/experiment"})


def _drop_experiment(_scratch: Scratch, _sent: Sent, answer: Mapping[str, Any]) -> Sent:
    return Sent("POST", "/api/2.0/mlflow/experiments/delete", body={"experiment_id": answer["experiment_id"]})


def _workspace_model(scratch: Scratch) -> Sent:
    return Sent("POST", "/api/2.0/mlflow/registered-models/create", body={"name": scratch.made("registered")})


def _drop_workspace_model(_scratch: Scratch, sent: Sent, _answer: Mapping[str, Any]) -> Sent:
    return Sent("DELETE", "/api/2.0/mlflow/registered-models/delete", query={"name": sent.body["name"]})


def _pipeline(scratch: Scratch) -> Sent:
    libraries = [{"notebook": {"path": f"{scratch.folder}/nothing"}}]
    body = {"name": scratch.made("pipeline"), "libraries": libraries, "development": True, "continuous": False}
    return Sent("POST", "/api/2.0/pipelines", body=body)


def _drop_pipeline(_scratch: Scratch, _sent: Sent, answer: Mapping[str, Any]) -> Sent | None:
    if "pipeline_id" not in answer:
        return None
    return Sent("DELETE", "/api/2.0/pipelines/{pipeline_id}", params={"pipeline_id": str(answer["pipeline_id"])})


_CLUSTER = {"spark_version": "15.4.x-scala2.12", "node_type_id": "i3.xlarge", "num_workers": 1}
_TASK = {"task_key": "nothing", "notebook_task": {"notebook_path": "/Shared/nothing", "source": "WORKSPACE"}}
_SCHEDULE = {"quartz_cron_expression": "0 0 11 * * ?", "timezone_id": "UTC", "pause_status": "PAUSED"}
AROUND_JOB: Mapping[str, Mapping[str, Any]] = {
    "schedule": {"schedule": _SCHEDULE},
    "git_source": {"git_source": {"git_url": "https://github.com/databricks/cli", "git_provider": "gitHub"}},
    "job_clusters[].new_cluster": {"job_clusters": [{"job_cluster_key": "c", "new_cluster": _CLUSTER}]},
    "tasks[].new_cluster": {"tasks": [{**_TASK, "new_cluster": _CLUSTER}]},
    "parameters": {"parameters": [{"name": "p", "default": ""}]},
}

PROBES = (
    Probe(
        "job", _job, _drop_job, "jobs without a schedule that runs", AROUND_JOB, ("webhook_notifications", "trigger")
    ),
    Probe(
        "jobs, listed",
        lambda _scratch: Sent("GET", JOBS + "/list"),
        _nothing,
        "",
    ),
    Probe("runs, listed", lambda _scratch: Sent("GET", JOBS + "/runs/list"), _nothing, ""),
    Probe("schema", _schema, _drop_schema, "schemas beside the scratch schema"),
    Probe("volume", _volume, _dropped_below("volumes"), "volumes in the scratch schema"),
    Probe("model", _model, _dropped_below("models"), "models in the scratch schema"),
    Probe("experiment", _experiment, _drop_experiment, "experiments in the scratch folder", not_real=("name",)),
    Probe(
        "workspace model",
        _workspace_model,
        _drop_workspace_model,
        "a model in the workspace's registry",
        not_real=("name",),
    ),
    Probe("pipeline", _pipeline, _drop_pipeline, "pipelines that are never started"),
)
"""What a real workspace is asked for."""
