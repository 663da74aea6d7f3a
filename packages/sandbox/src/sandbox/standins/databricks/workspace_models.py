"""databricks_mlflow_model: a model of the workspace's own registry."""

from sandbox.standins.behaviour import Resource, answered
from sandbox.standins.databricks.session import Session, workspace
from sandbox.standins.databricks.unity_catalog import present
from sandbox.standins.plan import Rules, Values

CREATE = workspace("POST", "/api/2.0/mlflow/registered-models/create")
READ = workspace("GET", "/api/2.0/mlflow/databricks/registered-models/get")
CHANGE = workspace("PATCH", "/api/2.0/mlflow/registered-models/update")
DELETE = workspace("DELETE", "/api/2.0/mlflow/registered-models/delete")


def _create(session: Session, planned: Values) -> Values:
    tags = [present(tag) for tag in planned["tags"] or []]
    body = {"name": planned["name"]} | present({"description": planned["description"], "tags": tags})
    return {"id": session.send(CREATE, body=body)["registered_model"]["name"]}


def _read(session: Session, state: Values) -> Values | None:
    found = session.send(READ, query={"name": state["id"]})["registered_model_databricks"]
    kept = answered(found, ("name", "description", "tags"))
    return {"id": state["id"], "registered_model_id": found["id"], **kept}


def _update(session: Session, prior: Values, planned: Values) -> Values:
    # Changed tags have no way to the API (tpd/mlflow/resource_mlflow_model.go).
    session.send(CHANGE, body={"name": planned["name"]} | present({"description": planned["description"]}))
    return {"id": prior["id"]}


def _delete(session: Session, state: Values) -> None:
    session.send(DELETE, query={"name": state["id"]})


RESOURCE: Resource[Session] = Resource(
    requests=(CREATE, READ, CHANGE, DELETE),
    create=_create,
    read=_read,
    update=_update,
    delete=_delete,
    drops_unasked=True,
    rules=Rules(replace=frozenset({"name"})),
)
