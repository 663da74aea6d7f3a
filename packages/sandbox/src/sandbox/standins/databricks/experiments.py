"""databricks_mlflow_experiment."""

from sandbox.standins.behaviour import Resource, answered
from sandbox.standins.databricks.session import Session, workspace
from sandbox.standins.databricks.unity_catalog import present
from sandbox.standins.plan import Rules, Values

CREATE = workspace("POST", "/api/2.0/mlflow/experiments/create")
READ = workspace("GET", "/api/2.0/mlflow/experiments/get")
CHANGE = workspace("POST", "/api/2.0/mlflow/experiments/update")
DELETE = workspace("POST", "/api/2.0/mlflow/experiments/delete")

_READ = ("artifact_location", "creation_time", "experiment_id", "last_update_time", "lifecycle_stage", "name", "tags")


def _create(session: Session, planned: Values) -> Values:
    tags = [present(tag) for tag in planned["tags"] or []]
    body = {"name": planned["name"]} | present({"artifact_location": planned["artifact_location"], "tags": tags})
    return {"id": session.send(CREATE, body=body)["experiment_id"]}


def _read(session: Session, state: Values) -> Values | None:
    found = session.send(READ, query={"experiment_id": state["id"]})["experiment"]
    return {"id": state["id"]} | answered(found, _READ)


def _update(session: Session, prior: Values, planned: Values) -> Values:
    # The name alone can change: other tags, or a description, never reach the API.
    session.send(CHANGE, body={"experiment_id": prior["id"], "new_name": planned["name"]})
    return {"id": prior["id"]}


def _delete(session: Session, state: Values) -> None:
    session.send(DELETE, body={"experiment_id": state["id"]})


def _same_name(before: str, configured: str) -> bool:
    return _plain(before) == _plain(configured)


def _plain(name: str) -> str:
    return name.removeprefix("/Workspace").removesuffix("/")


RESOURCE: Resource[Session] = Resource(
    requests=(CREATE, READ, CHANGE, DELETE),
    create=_create,
    read=_read,
    update=_update,
    delete=_delete,
    drops_unasked=True,
    rules=Rules(
        replace=frozenset({"artifact_location"}),
        same={"name": _same_name},
        unset={"artifact_location": bool},
        computed=frozenset({"tags"}),
    ),
)
