"""Attributes of experiments and of the models of a workspace's own registry."""

from sandbox.tampering.attributes.forms import Attribute, Document, Form, More, Never, Rows
from sandbox.tampering.console import Console
from sandbox.tampering.managed import Managed

_MLFLOW = "/api/2.0/mlflow"
_NAMES = Never("it has one always, by which it is found")


def _tags(before: Document, after: Document) -> tuple[list[Document], list[str]]:
    """The tags that are set, and the keys of those that are taken away."""
    kept = after.get("tags") or []
    gone = [tag["key"] for tag in before.get("tags") or () if tag["key"] not in [one["key"] for one in kept]]
    return [tag for tag in kept if tag not in (before.get("tags") or ())], gone


def _read_experiment(console: Console, one: Managed) -> Document:
    found = console.databricks("GET", one.host, f"{_MLFLOW}/experiments/get", query={"experiment_id": str(one["id"])})
    return dict(found["experiment"])


def _write_experiment(console: Console, one: Managed, before: Document, after: Document) -> None:
    for tag in _tags(before, after)[0]:
        body = {"experiment_id": one["id"], **tag}
        console.databricks("POST", one.host, f"{_MLFLOW}/experiments/set-experiment-tag", body)


def _read_model(console: Console, one: Managed) -> Document:
    path = f"{_MLFLOW}/databricks/registered-models/get"
    found = console.databricks("GET", one.host, path, query={"name": str(one["name"])})
    return dict(found["registered_model_databricks"])


def _write_model(console: Console, one: Managed, before: Document, after: Document) -> None:
    models, name = f"{_MLFLOW}/registered-models", str(one["name"])
    if after.get("description") != before.get("description"):
        body = {"name": name, "description": after.get("description", "")}
        console.databricks("PATCH", one.host, f"{models}/update", body)
    tags, gone = _tags(before, after)
    for tag in tags:
        console.databricks("POST", one.host, f"{models}/set-tag", {"name": name, **tag})
    for key in gone:
        console.databricks("DELETE", one.host, f"{models}/delete-tag", query={"name": name, "key": key})


EXPERIMENTS = Rows(
    Form(type="databricks_mlflow_experiment", read=_read_experiment, write=_write_experiment),
    (
        Attribute(name="name", removed=_NAMES, added=_NAMES),
        Attribute(
            name="tags",
            removed=Never("the service has no request that takes a tag of an experiment away"),
            added=More({"key": "by", "value": "hand"}),
        ),
    ),
)
MODELS = Rows(
    Form(type="databricks_mlflow_model", read=_read_model, write=_write_model),
    (
        Attribute(name="description", added="made by hand"),
        Attribute(name="tags", added=[{"key": "by", "value": "hand"}]),
    ),
)
