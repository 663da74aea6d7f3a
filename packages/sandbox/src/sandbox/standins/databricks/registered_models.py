"""databricks_registered_model: a model in Unity Catalog."""

from typing import Any

from sandbox.standins.behaviour import Resource, answered, partly
from sandbox.standins.databricks.session import Session
from sandbox.standins.databricks.unity_catalog import catalog_request, change_owner_first, equal_but_for_case, present
from sandbox.standins.plan import Rules, Values

CREATE = catalog_request("POST", "/models")
READ = catalog_request("GET", "/models/{full_name}")
CHANGE = catalog_request("PATCH", "/models/{full_name}")
DELETE = catalog_request("DELETE", "/models/{full_name}")

_IDENTITY = ("name", "catalog_name", "schema_name", "storage_location")
_FIELDS = (
    *_IDENTITY,
    "comment",
    "owner",
    "browse_only",
    "created_at",
    "created_by",
    "metastore_id",
    "updated_at",
    "updated_by",
)


def _body(planned: Values) -> dict[str, Any]:
    aliases = [present(alias) for alias in planned["aliases"]]
    return present({name: planned[name] or None for name in _FIELDS} | {"aliases": aliases})


def _create(session: Session, planned: Values) -> Values:
    full_name = session.send(CREATE, body=_body(planned) | present({"full_name": planned["full_name"]}))["full_name"]
    with partly({"id": full_name}):
        if planned["owner"]:
            session.send(CHANGE, full_name=full_name, body=_body(planned))
    return {"id": full_name}


def _read(session: Session, state: Values) -> Values | None:
    found = session.send(READ, full_name=state["id"])
    return {"id": state["id"]} | answered(found, (*_FIELDS, "full_name", "aliases"))


def _update(session: Session, prior: Values, planned: Values) -> Values:
    full_name = prior["id"]

    def send(body: Values) -> None:
        session.send(CHANGE, full_name=full_name, body=body)

    def send_rest(changed: set[str]) -> Values:
        emptied = {"comment": ""} if "comment" in changed and not planned["comment"] else {}
        body = _body(planned | {"owner": None}) | emptied
        send(body)
        return body

    body = change_owner_first(prior, planned, send=send, send_rest=send_rest)
    if body is not None:
        send(body)  # the provider sends it twice
    return {"id": full_name}


def _delete(session: Session, state: Values) -> None:
    session.send(DELETE, full_name=state["id"])


RESOURCE: Resource[Session] = Resource(
    requests=(CREATE, READ, CHANGE, DELETE),
    create=_create,
    read=_read,
    update=_update,
    delete=_delete,
    drops_unasked=True,
    rules=Rules(
        replace=frozenset(_IDENTITY),
        same=dict.fromkeys(("name", "catalog_name", "schema_name"), equal_but_for_case),
    ),
)
