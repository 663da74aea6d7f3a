"""databricks_volume."""

from sandbox.standins.behaviour import RefusedError, Resource, answered, partly
from sandbox.standins.databricks.session import Session
from sandbox.standins.databricks.unity_catalog import (
    catalog_request,
    change_owner_first,
    changes,
    equal_but_for_case,
    equal_but_for_slash,
    present,
)
from sandbox.standins.plan import Rules, Values
from sandbox.standins.wire import Unknown

CREATE = catalog_request("POST", "/volumes")
READ = catalog_request("GET", "/volumes/{full_name}")
CHANGE = catalog_request("PATCH", "/volumes/{full_name}")
DELETE = catalog_request("DELETE", "/volumes/{full_name}")

_REQUIRED = ("catalog_name", "schema_name", "name", "volume_type")
_READ = (*_REQUIRED, "comment", "owner", "storage_location")
_TYPES = ("MANAGED", "EXTERNAL")


def _create(session: Session, planned: Values) -> Values:
    optional = present({name: planned[name] for name in ("comment", "storage_location")})
    full_name = session.send(CREATE, body={name: planned[name] for name in _REQUIRED} | optional)["full_name"]
    with partly({"id": full_name}):
        if planned["owner"]:
            body = present({name: planned[name] for name in ("comment", "owner")})
            session.send(CHANGE, full_name=full_name, body=body)
    return {"id": full_name}


def _read(session: Session, state: Values) -> Values | None:
    found = session.send(READ, full_name=state["id"])
    path = "/Volumes/" + found["full_name"].replace(".", "/")
    return {"id": state["id"], "volume_path": path} | answered(found, _READ)


def _update(session: Session, prior: Values, planned: Values) -> Values:
    full_name = prior["id"]
    if full_name.count(".") != 2:
        raise RefusedError(f"invalid id <{full_name}>: id should be in the format catalog.schema.volume")

    def send(body: Values) -> str:
        return str(session.send(CHANGE, full_name=full_name, body=body)["full_name"])

    def send_rest(changed: set[str]) -> str:
        body = changes(planned, changed, ("comment",))
        new_name = {"new_name": planned["name"]} if full_name.rpartition(".")[2] != planned["name"] else {}
        return send(body | new_name)

    renamed = change_owner_first(prior, planned, send=send, send_rest=send_rest)
    if renamed is None:
        return {"id": full_name}
    return {"id": renamed, "volume_path": "/Volumes/" + renamed.replace(".", "/")}


def _delete(session: Session, state: Values) -> None:
    session.send(DELETE, full_name=state["id"])


def _validate(config: Values) -> str | None:
    kind = config["volume_type"]
    if isinstance(kind, Unknown) or kind in _TYPES:
        return None
    return f'expected volume_type to be one of ["MANAGED" "EXTERNAL"], got {kind}'


RESOURCE: Resource[Session] = Resource(
    requests=(CREATE, READ, CHANGE, DELETE),
    create=_create,
    read=_read,
    update=_update,
    delete=_delete,
    validate=_validate,
    drops_unasked=True,
    rules=Rules(
        replace=frozenset({"catalog_name", "schema_name", "storage_location", "volume_type"}),
        same={
            "storage_location": equal_but_for_slash,
            **dict.fromkeys(("name", "catalog_name", "schema_name"), equal_but_for_case),
        },
        unset={"storage_location": bool},
    ),
)
