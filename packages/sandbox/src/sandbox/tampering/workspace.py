"""What somebody edits, renames or deletes in the workspace: folders, notebooks, files, experiments, its own models."""

import base64
from typing import Any

from sandbox.tampering.acts import Act, another, by_hand, generated
from sandbox.tampering.console import Console, ImpossibleError
from sandbox.tampering.managed import Managed

_TREE = "/api/2.0/workspace"
_LANGUAGES = ("SQL", "R", "PYTHON", "SCALA")

# --- Folders, notebooks, files.


def _content(console: Console, one: Managed) -> bytes:
    found = console.databricks("GET", one.host, f"{_TREE}/export", query={"path": str(one["path"])})
    return base64.b64decode(found["content"])


def _status(console: Console, one: Managed) -> dict[str, Any]:
    found: dict[str, Any] = console.databricks("GET", one.host, f"{_TREE}/get-status", query={"path": str(one["path"])})
    return found


def _import(console: Console, one: Managed, content: bytes, **more: str) -> None:
    body = {"path": one["path"], "content": base64.b64encode(content).decode(), "overwrite": True, **more}
    console.databricks("POST", one.host, f"{_TREE}/import", body)


def _change_language(console: Console, notebook: Managed) -> None:
    language = another(_LANGUAGES, notebook["language"])
    if _status(console, notebook)["language"] == language:
        raise ImpossibleError("it is already so")
    _import(console, notebook, _content(console, notebook), language=language, format="SOURCE")


def _edit_notebook(console: Console, notebook: Managed) -> None:
    edited = _content(console, notebook) + b"\n# COMMAND ----------\n# edited by hand\n"
    _import(console, notebook, edited, language=_status(console, notebook)["language"], format="SOURCE")


def _edit_file(console: Console, file: Managed) -> None:
    _import(console, file, _content(console, file) + b"# edited by hand\n", format="RAW")


def _delete(console: Console, one: Managed) -> None:
    console.databricks("POST", one.host, f"{_TREE}/delete", {"path": one["path"], "recursive": True})


# --- Experiments.

_EXPERIMENTS = "/api/2.0/mlflow/experiments"


def _experiment(console: Console, one: Managed) -> dict[str, Any]:
    found = console.databricks("GET", one.host, f"{_EXPERIMENTS}/get", query={"experiment_id": str(one["id"])})
    return dict(found["experiment"])


def _rename_experiment(console: Console, one: Managed) -> None:
    body = {"experiment_id": one["id"], "new_name": f"{_experiment(console, one)['name']}-by-hand"}
    console.databricks("POST", one.host, f"{_EXPERIMENTS}/update", body)


def _retag_experiment(console: Console, one: Managed) -> None:
    tag = _experiment(console, one)["tags"][0]
    body = {"experiment_id": one["id"], "key": tag["key"], "value": by_hand(tag["value"])}
    console.databricks("POST", one.host, f"{_EXPERIMENTS}/set-experiment-tag", body)


def _delete_experiment(console: Console, one: Managed) -> None:
    console.databricks("POST", one.host, f"{_EXPERIMENTS}/delete", {"experiment_id": one["id"]})


# --- Models of the workspace's own registry.

_MODELS = "/api/2.0/mlflow/registered-models"


def _model(console: Console, one: Managed) -> dict[str, Any]:
    path = "/api/2.0/mlflow/databricks/registered-models/get"
    found = console.databricks("GET", one.host, path, query={"name": str(one["name"])})
    return dict(found["registered_model_databricks"])


def _redescribe_model(console: Console, one: Managed) -> None:
    body = {"name": one["name"], "description": by_hand(_model(console, one).get("description"))}
    console.databricks("PATCH", one.host, f"{_MODELS}/update", body)


def _retag_model(console: Console, one: Managed) -> None:
    tag = _model(console, one)["tags"][0]
    body = {"name": one["name"], "key": tag["key"], "value": by_hand(tag["value"])}
    console.databricks("POST", one.host, f"{_MODELS}/set-tag", body)


def _delete_model(console: Console, one: Managed) -> None:
    console.databricks("DELETE", one.host, f"{_MODELS}/delete", query={"name": str(one["name"])})


_NOTEBOOK, _FILE, _FOLDER = ("databricks_notebook",), ("databricks_workspace_file",), ("databricks_directory",)
_EXPERIMENT, _MODEL = ("databricks_mlflow_experiment",), ("databricks_mlflow_model",)

ACTS = (
    generated("databricks_notebook", "language", "is in another language", _change_language),
    Act("notebook-edited", "is edited", _NOTEBOOK, _edit_notebook, fits=lambda one: one["format"] == "SOURCE"),
    Act("notebook-deleted", "is deleted", _NOTEBOOK, _delete),
    Act("file-edited", "is edited", _FILE, _edit_file),
    Act("file-deleted", "is deleted", _FILE, _delete),
    Act("folder-deleted", "is deleted with all that lies in it", _FOLDER, _delete),
    generated("databricks_mlflow_experiment", "name", "is renamed", _rename_experiment),
    generated("databricks_mlflow_experiment", "tags", "has another value in a tag", _retag_experiment),
    Act("experiment-renamed", "is renamed", _EXPERIMENT, _rename_experiment),
    Act("experiment-deleted", "is deleted", _EXPERIMENT, _delete_experiment),
    generated("databricks_mlflow_model", "description", "has another description", _redescribe_model),
    generated("databricks_mlflow_model", "tags", "has another value in a tag", _retag_model),
    Act("workspace-model-deleted", "is deleted", _MODEL, _delete_model),
)
