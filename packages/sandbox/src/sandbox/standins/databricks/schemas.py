"""databricks_schema."""

from sandbox.standins.behaviour import Resource, answered, partly
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

CREATE = catalog_request("POST", "/schemas")
READ = catalog_request("GET", "/schemas/{full_name}")
CHANGE = catalog_request("PATCH", "/schemas/{full_name}")
DELETE = catalog_request("DELETE", "/schemas/{full_name}")

_CREATED_WITH = ("name", "catalog_name", "comment", "properties", "storage_root")
_CHANGEABLE = ("comment", "enable_predictive_optimization", "properties")
_READ = (*_CREATED_WITH, "enable_predictive_optimization", "metastore_id", "owner", "schema_id")


def _create(session: Session, planned: Values) -> Values:
    validate_metastore(session, planned["metastore_id"])
    created = session.send(CREATE, body=present({name: planned[name] for name in _CREATED_WITH}))
    full_name = created["full_name"]
    with partly({"id": full_name}):
        if planned["owner"] or planned["enable_predictive_optimization"]:
            body = present({key: planned[key] for key in ("owner", *_CHANGEABLE)})
            session.send(CHANGE, full_name=full_name, body=body)
    return {"id": full_name}


def _read(session: Session, state: Values) -> Values | None:
    found = session.send(READ, full_name=state["id"])
    return {"id": state["id"]} | answered(found, _READ)


def _update(session: Session, prior: Values, planned: Values) -> Values:
    full_name = prior["id"]

    def send(body: Values) -> None:
        session.send(CHANGE, full_name=full_name, body=body)

    change_in_place(session, prior, planned, changeable=_CHANGEABLE, send=send)
    return {"id": full_name}


def _delete(session: Session, state: Values) -> None:
    validate_metastore(session, state["metastore_id"])
    session.send(DELETE, full_name=state["id"], query={"force": "true"} if state["force_destroy"] else None)


RESOURCE: Resource[Session] = Resource(
    requests=(CURRENT_METASTORE, CREATE, READ, CHANGE, DELETE),
    create=_create,
    read=_read,
    update=_update,
    delete=_delete,
    drops_unasked=True,
    rules=Rules(
        defaults={"force_destroy": False},
        replace=frozenset({"name", "catalog_name", "storage_root"}),
        same={
            "storage_root": equal_but_for_slash,
            "name": equal_but_for_case,
            "catalog_name": equal_but_for_case,
        },
    ),
)
