"""Experiments, and models of a workspace's own registry."""

from collections.abc import Mapping
from typing import Any

from checks.drift.live.row import CLI, PROVIDER, Default, LiveRow

_EXPERIMENT = f"{PROVIDER}/mlflow/resource_mlflow_experiment.go"
_MODEL = f"{PROVIDER}/mlflow/resource_mlflow_model.go"


def _is_own(tag: Mapping[str, Any]) -> bool:
    """Whether MLflow has set a tag itself (https://mlflow.org/docs/latest/tracking.html#system-tags)."""
    return str(tag.get("key", "")).startswith("mlflow.")


def _path(name: str) -> str:
    """A path of the workspace as the provider compares it (experimentNameSuppressDiff)."""
    return name.removeprefix("/Workspace").rstrip("/")


ROWS = (
    LiveRow(
        type="databricks_mlflow_experiment",
        url="/api/2.0/mlflow/experiments/get?experiment_id={id}",
        inside="experiment",
        identity={
            "experiment_id": "it says which object is meant",
            "description": f"the service does not take it: {_EXPERIMENT}",
        },
        defaults=(
            Default("artifact_location", f"{CLI}/bundle/direct/dresources/resources.yml"),
            Default("creation_time", _EXPERIMENT),
            Default("last_update_time", _EXPERIMENT),
            Default("lifecycle_stage", _EXPERIMENT, ("active",)),
        ),
        own={"tags": _is_own},
        alike={"name": _path},
    ),
    LiveRow(
        type="databricks_mlflow_model",
        url="/api/2.0/mlflow/databricks/registered-models/get?name={id}",
        inside="registered_model_databricks",
        identity={
            "id": "it says which object is meant",
            "name": "it says which object is meant",
            "registered_model_id": f"the service's own: {_MODEL}",
        },
        own={"tags": _is_own},
    ),
)
