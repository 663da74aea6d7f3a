"""databricks_service_principal_secret: an OAuth secret of a service principal."""

from datetime import datetime
from typing import Any

from sandbox.standins.behaviour import Level, RefusedError, Request, Resource
from sandbox.standins.databricks.session import Session, is_gone
from sandbox.standins.now import now
from sandbox.standins.plan import Rules, Values

_COMPUTED = ("create_time", "expire_time", "secret_hash", "status", "update_time")


def _request(method: str, path: str = "") -> Request:
    end = f"/servicePrincipals/{{principal}}/credentials/secrets{path}"
    account = f"/api/2.0/accounts/{{account_id}}{end}"
    return Request(method, {Level.ACCOUNT: account, Level.WORKSPACE: f"/api/2.0/accounts{end}"})


CREATE = _request("POST")
LIST = _request("GET")
DELETE = _request("DELETE", "/{id}")


def _create(session: Session, planned: Values) -> Values:
    body = {"lifetime": planned["lifetime"]} if planned["lifetime"] else {}
    created = session.send(CREATE, principal=planned["service_principal_id"], body=body)
    return _state(created) | {"secret": created["secret"], "lifetime": planned["lifetime"] or ""}


def _state(found: dict[str, Any]) -> Values:
    return {"id": found["id"]} | {name: found.get(name, "") for name in _COMPUTED}


def _read(session: Session, state: Values) -> Values | None:
    principal = state["service_principal_id"]
    query: dict[str, str] = {}
    while True:
        page = session.send(LIST, principal=principal, query=query)
        for found in page.get("secrets", []):
            if found["id"] == state["id"]:
                expires = found.get("expire_time")
                alive = not expires or datetime.fromisoformat(expires).timestamp() > now()
                return _state(found) if alive else None
        if not page.get("next_page_token"):
            return None
        query = {"page_token": page["next_page_token"]}


def _delete(session: Session, state: Values) -> None:
    try:
        session.send(DELETE, principal=state["service_principal_id"], id=state["id"])
    except RefusedError as error:
        if not is_gone(error):
            raise


RESOURCE: Resource[Session] = Resource(
    requests=(CREATE, LIST, DELETE),
    create=_create,
    read=_read,
    delete=_delete,
    reads_back=False,
    rules=Rules(replace=frozenset({"service_principal_id", "lifetime", "time_rotating"})),
    sensitive=frozenset({"secret"}),
)
