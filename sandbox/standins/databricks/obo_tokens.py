"""databricks_obo_token: a token on behalf of a service principal."""

from sandbox.standins.behaviour import Resource
from sandbox.standins.databricks.session import Session, workspace
from sandbox.standins.now import now
from sandbox.standins.plan import Rules, Values

CREATE = workspace("POST", "/api/2.0/token-management/on-behalf-of/tokens")
READ = workspace("GET", "/api/2.0/token-management/tokens/{id}")
DELETE = workspace("DELETE", "/api/2.0/token-management/tokens/{id}")

_ARGUMENTS = ("application_id", "lifetime_seconds", "comment")


def _create(session: Session, planned: Values) -> Values:
    answer = session.send(CREATE, body={name: planned[name] for name in _ARGUMENTS if planned[name]})
    return {"id": answer["token_info"]["token_id"], "token_value": answer["token_value"]}


def _read(session: Session, state: Values) -> Values | None:
    info = session.send(READ, id=state["id"])["token_info"]
    expiry = info.get("expiry_time", 0)
    if 0 < expiry < now() * 1000:
        return None  # an expired token is made again
    return {"id": state["id"], "comment": info.get("comment", "")}


def _delete(session: Session, state: Values) -> None:
    session.send(DELETE, id=state["id"])


RESOURCE: Resource[Session] = Resource(
    requests=(CREATE, READ, DELETE),
    create=_create,
    read=_read,
    delete=_delete,
    rules=Rules(replace=frozenset(_ARGUMENTS)),
    sensitive=frozenset({"token_value"}),
)
