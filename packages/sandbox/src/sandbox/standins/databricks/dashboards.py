"""databricks_dashboard (tpd/dashboards/resource_dashboard.go)."""

import hashlib
from pathlib import Path

from sandbox.standins.behaviour import RefusedError, Resource, answered
from sandbox.standins.databricks import workspace_objects
from sandbox.standins.databricks.session import Session, workspace
from sandbox.standins.databricks.unity_catalog import present
from sandbox.standins.plan import Rules, Values
from sandbox.standins.wire import is_known

CREATE = workspace("POST", "/api/2.0/lakeview/dashboards")
READ = workspace("GET", "/api/2.0/lakeview/dashboards/{dashboard_id}")
CHANGE = workspace("PATCH", "/api/2.0/lakeview/dashboards/{dashboard_id}")
TRASH = workspace("DELETE", "/api/2.0/lakeview/dashboards/{dashboard_id}")
PUBLISH = workspace("POST", "/api/2.0/lakeview/dashboards/{dashboard_id}/published")

_SAID = (
    "create_time",
    "dashboard_id",
    "display_name",
    "etag",
    "lifecycle_state",
    "parent_path",
    "path",
    "serialized_dashboard",
    "update_time",
    "warehouse_id",
)


def _create(session: Session, planned: Values) -> Values:
    content = _content(planned)
    body = present({name: planned[name] for name in _SAID} | {"serialized_dashboard": content})
    try:
        made = session.send(CREATE, body=body)
    except RefusedError as error:
        if not (str(error).startswith("Path (") and str(error).endswith(") doesn't exist.")):
            raise
        session.send(workspace_objects.MAKE_DIRECTORIES, body={"path": planned["parent_path"]})
        made = session.send(CREATE, body=body)
    id_ = made["dashboard_id"]
    _publish(session, id_, made.get("warehouse_id", ""), planned)
    return {"id": id_, "etag": made["etag"], "md5": _md5(content)}


def _publish(session: Session, id_: str, warehouse_id: str, planned: Values) -> None:
    """Publish; a dashboard that cannot be is trashed."""
    body = {"embed_credentials": bool(planned["embed_credentials"]), **present({"warehouse_id": warehouse_id})}
    try:
        session.send(PUBLISH, dashboard_id=id_, body=body)
    except RefusedError:
        session.send(TRASH, dashboard_id=id_)
        raise


def _read(session: Session, state: Values) -> Values | None:
    found = session.send(READ, dashboard_id=state["id"])
    if found.get("lifecycle_state") == "TRASHED":
        return None
    read = answered(found, _SAID)
    if state["file_path"]:
        del read["serialized_dashboard"]
    return {"id": state["id"], **read, "dashboard_change_detected": found["etag"] != state["etag"]}


def _update(session: Session, prior: Values, planned: Values) -> Values:
    id_, content = prior["id"], _content(planned)
    told = {name: planned[name] for name in _SAID} | {"dashboard_id": id_, "serialized_dashboard": content}
    changed = session.send(CHANGE, dashboard_id=id_, body=present(told))
    _publish(session, id_, planned["warehouse_id"], planned)
    return {"id": id_, "etag": changed["etag"], "md5": _md5(content)}


def _delete(session: Session, state: Values) -> None:
    session.send(TRASH, dashboard_id=state["id"])


def _content(values: Values) -> str:
    if values["file_path"]:
        return Path(values["file_path"]).read_text(encoding="utf-8")
    return str(values["serialized_dashboard"] or "")


def _md5(content: str) -> str:
    return hashlib.md5(content.encode(), usedforsecurity=False).hexdigest()


def _same_folder(before: str, configured: str) -> bool:
    return before.removeprefix("/Workspace") == configured.removeprefix("/Workspace")


def _compared_by_digest(config: Values, prior: Values | None, planned: Values) -> Values:
    """The service writes the JSON anew: what was sent last is known by its digest, other changes by the etag."""
    if prior is None or not is_known([config["serialized_dashboard"], config["file_path"]]):
        return planned
    if prior["md5"] != _md5(_content(config)) or prior["dashboard_change_detected"]:
        return planned
    return planned | {"serialized_dashboard": prior["serialized_dashboard"]}


def _validate(config: Values) -> str | None:
    if config["serialized_dashboard"] is not None and config["file_path"] is not None:
        return '"serialized_dashboard": conflicts with file_path'
    return None


RESOURCE: Resource[Session] = Resource(
    requests=(CREATE, READ, CHANGE, TRASH, PUBLISH, workspace_objects.MAKE_DIRECTORIES),
    create=_create,
    read=_read,
    update=_update,
    delete=_delete,
    validate=_validate,
    answers_win=frozenset({"parent_path", "serialized_dashboard"}),
    rules=Rules(
        defaults={"embed_credentials": True},
        replace=frozenset({"parent_path"}),
        same={"parent_path": _same_folder},
        customize=_compared_by_digest,
    ),
)
