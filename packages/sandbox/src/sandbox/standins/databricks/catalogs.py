"""databricks_catalog."""

from sandbox.standins.behaviour import RefusedError, Resource, answered, partly
from sandbox.standins.databricks import schemas
from sandbox.standins.databricks.session import Session
from sandbox.standins.databricks.unity_catalog import (
    CURRENT_METASTORE,
    catalog_request,
    change_in_place,
    equal_but_for_case,
    equal_but_for_slash,
    present,
    validate_metastore,
)
from sandbox.standins.plan import Rules, Values

CREATE = catalog_request("POST", "/catalogs")
READ = catalog_request("GET", "/catalogs/{name}")
CHANGE = catalog_request("PATCH", "/catalogs/{name}")
DELETE = catalog_request("DELETE", "/catalogs/{name}")
BIND = catalog_request("PATCH", "/bindings/catalog/{name}")
ASSIGN = catalog_request("PATCH", "/workspace-bindings/catalogs/{name}")

_CREATED_WITH = (
    "name",
    "comment",
    "connection_name",
    "options",
    "properties",
    "provider_name",
    "share_name",
    "storage_root",
)
_CHANGEABLE = ("comment", "enable_predictive_optimization", "isolation_mode", "properties")
_CHANGED_AFTER_CREATE = ("owner", "isolation_mode", "enable_predictive_optimization")
_READ = (
    *_CREATED_WITH,
    *_CHANGED_AFTER_CREATE,
    "browse_only",
    "catalog_type",
    "created_at",
    "created_by",
    "full_name",
    "metastore_id",
    "securable_type",
    "storage_location",
    "updated_at",
    "updated_by",
)


def _create(session: Session, planned: Values) -> Values:
    validate_metastore(session, planned["metastore_id"])
    created = session.send(CREATE, body=present({name: planned[name] for name in _CREATED_WITH}))
    name = created["name"]
    if not created.get("share_name") and not created.get("connection_name"):
        try:
            session.send(schemas.DELETE, full_name=f"{name}.default")
        except RefusedError as error:
            # Before SetId: the catalog exists and is in no state (tpd/catalog/resource_catalog.go).
            raise RefusedError(f"cannot remove new catalog default schema: {error}") from error
    with partly({"id": name}):
        if any(planned[key] for key in _CHANGED_AFTER_CREATE):
            session.send(CHANGE, name=name, body=present({key: planned[key] for key in ("owner", *_CHANGEABLE)}))
            _bind_if_isolated(session, planned, name)
    return {"id": name}


def _read(session: Session, state: Values) -> Values | None:
    found = session.send(READ, name=state["id"])
    return {"id": state["id"]} | answered(found, _READ)


def _update(session: Session, prior: Values, planned: Values) -> Values:
    name = prior["id"]

    def send(body: Values) -> None:
        session.send(CHANGE, name=name, body=body)

    if change_in_place(session, prior, planned, changeable=_CHANGEABLE, send=send):
        _bind_if_isolated(session, planned, name)
    return {"id": name}


def _delete(session: Session, state: Values) -> None:
    validate_metastore(session, state["metastore_id"])
    if state["isolation_mode"] == "ISOLATED":
        session.send(ASSIGN, name=state["id"], body={"assign_workspaces": [_workspace_id(session)]})
    session.send(DELETE, name=state["id"], query={"force": "true"} if state["force_destroy"] else None)


def _bind_if_isolated(session: Session, planned: Values, name: str) -> None:
    """An isolated catalog could not be read again from a workspace that it is not bound to."""
    if planned["isolation_mode"] == "ISOLATED":
        binding = {"workspace_id": _workspace_id(session), "binding_type": "BINDING_TYPE_READ_WRITE"}
        session.send(BIND, name=name, body={"add": [binding]})


def _workspace_id(session: Session) -> int:
    return int(session.send(CURRENT_METASTORE)["workspace_id"])


RESOURCE: Resource[Session] = Resource(
    requests=(CURRENT_METASTORE, CREATE, READ, CHANGE, DELETE, BIND, ASSIGN, schemas.DELETE),
    create=_create,
    read=_read,
    update=_update,
    delete=_delete,
    drops_unasked=True,
    rules=Rules(
        defaults={"force_destroy": False},
        replace=frozenset({"connection_name", "provider_name", "share_name", "storage_root"}),
        same={
            "storage_root": equal_but_for_slash,
            **dict.fromkeys(("name", "connection_name", "share_name", "provider_name"), equal_but_for_case),
        },
    ),
)
