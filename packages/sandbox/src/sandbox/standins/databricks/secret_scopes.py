"""databricks_secret_scope and databricks_secret_acl."""

import re
import time

from sandbox.standins.behaviour import MissingError, RefusedError, Resource
from sandbox.standins.databricks.session import Session, backoff, workspace
from sandbox.standins.plan import Rules, Values

CREATE = workspace("POST", "/api/2.0/secrets/scopes/create")
LIST = workspace("GET", "/api/2.0/secrets/scopes/list")
DELETE = workspace("POST", "/api/2.0/secrets/scopes/delete")
PUT_ACL = workspace("POST", "/api/2.0/secrets/acls/put")
GET_ACL = workspace("GET", "/api/2.0/secrets/acls/get")
DELETE_ACL = workspace("POST", "/api/2.0/secrets/acls/delete")

_NAME = re.compile(r"[\w.@_/-]{1,128}")
_PATIENCE_SECONDS = 5 * 60
_BETWEEN = "|||"  # in the id of an entry


def _create(session: Session, planned: Values) -> Values:
    vault = planned["keyvault_metadata"]
    body = {"scope": planned["name"], "scope_backend_type": "AZURE_KEYVAULT" if vault else "DATABRICKS"}
    if vault:
        body["backend_azure_keyvault"] = dict(vault[0])
    if planned["initial_manage_principal"]:
        body["initial_manage_principal"] = planned["initial_manage_principal"]
    session.send(CREATE, body=body)
    return {"id": planned["name"]}


def _read(session: Session, state: Values) -> Values | None:
    for scope in session.send(LIST).get("scopes", []):
        if scope["name"] == state["id"]:
            vault = scope.get("keyvault_metadata")
            return {
                "id": state["id"],
                "name": scope["name"],
                "backend_type": scope.get("backend_type"),
                "keyvault_metadata": [vault] if vault else [],
            }
    raise MissingError(f"no Secret Scope found with scope name {state['id']}")


def _delete(session: Session, state: Values) -> None:
    session.send(DELETE, body={"scope": state["id"]})


def _validate(config: Values) -> str | None:
    if isinstance(config["name"], str) and not _NAME.fullmatch(config["name"]):
        return (
            "invalid value for name (Must consist of alphanumeric characters, dashes, underscores, and periods, and "
            "may not exceed 128 characters.)"
        )
    return None


SCOPE: Resource[Session] = Resource(
    requests=(CREATE, LIST, DELETE),
    create=_create,
    read=_read,
    delete=_delete,
    validate=_validate,
    drops_unasked=True,
    rules=Rules(replace=frozenset({"backend_type", "initial_manage_principal", "keyvault_metadata", "name"})),
    version=2,
)


def _put(session: Session, planned: Values) -> Values:
    """Written and looked at until it is there (robustPutACL)."""
    asked = {"scope": planned["scope"], "principal": planned["principal"]}
    waited, attempt = 0.0, 0
    while True:
        session.send(PUT_ACL, body={**asked, "permission": planned["permission"]})
        try:
            found = session.send(GET_ACL, query=asked).get("permission")
            fault = f"secret ACL permission mismatch: expected {planned['permission']}, got {found}"
        except RefusedError as error:
            found, fault = None, f"secret ACL creation could not be verified: {error}"
        if found == planned["permission"]:
            return {"id": _BETWEEN.join((planned["scope"], planned["principal"]))}
        attempt += 1
        pause = backoff(attempt)
        if waited + pause > _PATIENCE_SECONDS:
            raise RefusedError(fault)
        time.sleep(pause)
        waited += pause


def _named(state: Values) -> dict[str, str]:
    scope, between, principal = state["id"].partition(_BETWEEN)
    if not between:
        raise RefusedError(f"invalid ID: {state['id']}")
    return {"scope": scope, "principal": principal}


def _read_acl(session: Session, state: Values) -> Values | None:
    named = _named(state)
    return {"id": state["id"], **named, "permission": session.send(GET_ACL, query=named)["permission"]}


def _delete_acl(session: Session, state: Values) -> None:
    session.send(DELETE_ACL, body=_named(state))


ACL: Resource[Session] = Resource(
    requests=(PUT_ACL, GET_ACL, DELETE_ACL),
    create=_put,
    read=_read_acl,
    delete=_delete_acl,
    reads_back=False,
    rules=Rules(replace=frozenset({"permission", "principal", "scope"})),
)
