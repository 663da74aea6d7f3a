"""databricks_obo_token: a token on behalf of a service principal."""

from sandbox.standins.behaviour import RefusedError, Resource
from sandbox.standins.databricks.session import Session, is_gone, workspace
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
    try:
        info = session.send(READ, id=state["id"])["token_info"]
    except RefusedError as error:
        if is_gone(error):
            return None
        raise
    expiry = info.get("expiry_time", 0)
    if 0 < expiry < now() * 1000:
        return None  # an expired token is made again
    return {"id": state["id"], "comment": info.get("comment", "")}


def _delete(session: Session, state: Values) -> None:
    try:
        session.send(DELETE, id=state["id"])
    except RefusedError as error:
        if not is_gone(error):
            raise


RESOURCE: Resource[Session] = Resource(
    requests=(CREATE, READ, DELETE),
    create=_create,
    read=_read,
    delete=_delete,
    rules=Rules(replace=frozenset(_ARGUMENTS)),
    sensitive=frozenset({"token_value"}),
)
