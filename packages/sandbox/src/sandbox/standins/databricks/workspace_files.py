"""databricks_workspace_file."""

import base64
from typing import Any

from sandbox.standins.behaviour import Resource, answered
from sandbox.standins.databricks import workspace_objects as objects
from sandbox.standins.databricks.session import Session
from sandbox.standins.plan import Rules, Values


def _create(session: Session, planned: Values) -> Values:
    data, path = objects.content(planned), planned["path"]
    objects.upload(session, _import(data, path))
    return {"id": path, "md5": objects.digest(data)}


def _update(session: Session, prior: Values, planned: Values) -> Values:
    data = objects.content(planned)
    session.send(objects.IMPORT, body=_import(data, prior["id"]))
    return {"id": prior["id"], "md5": objects.digest(data)}


def _import(data: bytes, path: str) -> dict[str, Any]:
    return {"content": base64.b64encode(data).decode(), "format": "RAW", "overwrite": True, "path": path}


def _read(session: Session, state: Values) -> Values | None:
    found = objects.status(session, state["id"])
    kept = answered(found, ("object_id", "path"))
    return {"id": state["id"], **kept, **objects.places(session, state["id"])}


def _delete(session: Session, state: Values) -> None:
    session.send(objects.DELETE, body={"path": state["id"]})


RESOURCE: Resource[Session] = Resource(
    requests=(objects.IMPORT, objects.STATUS, objects.MAKE_DIRECTORIES, objects.DELETE),
    create=_create,
    read=_read,
    update=_update,
    delete=_delete,
    validate=objects.content_fault,
    drops_unasked=True,
    rules=Rules(
        defaults={"md5": objects.DIFFERENT},
        replace=frozenset({"path"}),
        customize=objects.plan_content,
    ),
    version=1,
)
