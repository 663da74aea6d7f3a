"""databricks_directory: a folder of a workspace."""

from sandbox.standins.behaviour import RefusedError, Resource, answered
from sandbox.standins.databricks import workspace_objects as objects
from sandbox.standins.databricks.session import Session
from sandbox.standins.plan import Rules, Values


def _create(session: Session, planned: Values) -> Values:
    session.send(objects.MAKE_DIRECTORIES, body={"path": planned["path"]})
    return {"id": planned["path"]}


def _read(session: Session, state: Values) -> Values | None:
    found = objects.status(session, state["id"])
    if found.get("object_type") != "DIRECTORY":
        raise RefusedError(f"different object type, {found.get('object_type')}, on this path other than a directory")
    kept = answered(found, ("object_id", "path"))
    workspace_path = objects.places(session, state["id"])["workspace_path"]
    return {"id": state["id"], "workspace_path": workspace_path, **kept}


def _update(session: Session, prior: Values, _planned: Values) -> Values:
    _read(session, prior)  # nothing but how it is deleted can change
    return {"id": prior["id"]}


def _delete(session: Session, state: Values) -> None:
    recursive = {"recursive": True} if state["delete_recursive"] else {}
    session.send(objects.DELETE, body={"path": state["id"]} | recursive)


def _same_path(before: str, configured: str) -> bool:
    return configured == f"{before}/"


RESOURCE: Resource[Session] = Resource(
    requests=(objects.STATUS, objects.MAKE_DIRECTORIES, objects.DELETE),
    create=_create,
    read=_read,
    update=_update,
    delete=_delete,
    drops_unasked=True,
    rules=Rules(
        defaults={"delete_recursive": False},
        replace=frozenset({"path"}),
        same={"path": _same_path},
    ),
)
