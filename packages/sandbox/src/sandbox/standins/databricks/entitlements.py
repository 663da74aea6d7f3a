"""databricks_entitlements: what a principal may do in a workspace besides its permissions."""

from sandbox.standins.behaviour import Level, RefusedError, Resource
from sandbox.standins.databricks.service_principals import (
    ENTITLEMENTS,
    PATCH,
    conflicting_entitlements,
    entitlements_of,
)
from sandbox.standins.databricks.session import Session, workspace_scim
from sandbox.standins.plan import Rules, Values

# (attribute with the principal's id, beginning of the id in the state, read, patch); the first that is set counts
_PRINCIPALS = (
    ("group_id", "group", workspace_scim("GET", "/Groups/{id}"), workspace_scim("PATCH", "/Groups/{id}")),
    ("user_id", "user", workspace_scim("GET", "/Users/{id}"), workspace_scim("PATCH", "/Users/{id}")),
    (
        "service_principal_id",
        "spn",
        workspace_scim("GET", "/ServicePrincipals/{id}"),
        workspace_scim("PATCH", "/ServicePrincipals/{id}"),
    ),
)
_ATTRIBUTES = tuple(attribute for attribute, _, _, _ in _PRINCIPALS)
_IGNORED = "invalidPath No such attribute with the name : entitlements in the current resource"


def _patch(session: Session, values: Values, operation: str) -> Values:
    if session.level is Level.ACCOUNT:
        raise RefusedError("entitlements can only be managed with a provider configured at the workspace-level")
    body = {"op": operation, "path": "entitlements", "value": entitlements_of(values)}
    id_ = ""
    for attribute, prefix, _, request in _PRINCIPALS:
        if not values[attribute]:
            continue
        id_ = id_ or f"{prefix}/{values[attribute]}"
        try:
            session.send(request, id=values[attribute], body={"schemas": [PATCH], "Operations": [body]})
        except RefusedError as error:
            if _IGNORED not in str(error):
                raise
    return {"id": id_}


def _create(session: Session, planned: Values) -> Values:
    return _patch(session, planned, "replace")


def _read(session: Session, state: Values) -> Values | None:
    prefix, separator, id_ = state["id"].partition("/")
    if not separator:
        raise RefusedError(f"ID must be two elements: {state['id']}")
    for attribute, known, request, _ in _PRINCIPALS:
        if known == prefix.lower():
            found = session.send(request, id=id_, query={"attributes": "entitlements"})
            held = {entry.get("value") for entry in found.get("entitlements", [])}
            return {"id": state["id"], attribute: id_} | {name: value in held for name, value in ENTITLEMENTS.items()}
    return {}


def _update(session: Session, _prior: Values, planned: Values) -> Values:
    return _patch(session, planned, "replace")


def _delete(session: Session, state: Values) -> None:
    if any(state[name] for name in ENTITLEMENTS):
        _patch(session, state, "remove")


def _validate(config: Values) -> str | None:
    if conflict := conflicting_entitlements(config):
        return conflict
    if any(config[attribute] is not None for attribute in _ATTRIBUTES):
        return None
    return f"one of {', '.join(_ATTRIBUTES)} must be specified"


RESOURCE: Resource[Session] = Resource(
    requests=tuple(request for _, _, read, patch in _PRINCIPALS for request in (read, patch)),
    create=_create,
    read=_read,
    update=_update,
    delete=_delete,
    validate=_validate,
    rules=Rules(defaults=dict.fromkeys(ENTITLEMENTS, False), replace=frozenset(_ATTRIBUTES)),
)
