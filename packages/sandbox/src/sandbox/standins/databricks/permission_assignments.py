"""databricks_permission_assignment: a principal's place in a workspace."""

from typing import Any

from sandbox.standins.behaviour import RefusedError, Resource, partly
from sandbox.standins.databricks.session import Session, workspace
from sandbox.standins.plan import Rules, Values

ASSIGN_BY_NAME = workspace("POST", "/api/2.0/preview/permissionassignments")
LIST = workspace("GET", "/api/2.0/preview/permissionassignments")
ASSIGN = workspace("PUT", "/api/2.0/preview/permissionassignments/principals/{principal_id}")
REMOVE = workspace("DELETE", "/api/2.0/preview/permissionassignments/principals/{principal_id}")

_NAMES = ("service_principal_name", "user_name", "group_name")


def _create(session: Session, planned: Values) -> Values:
    permissions = planned["permissions"]
    if planned["principal_id"]:
        assignment = _accepted(
            session.send(ASSIGN, principal_id=planned["principal_id"], body={"permissions": permissions})
        )
        return {"id": str(assignment["principal"]["principal_id"])}
    (name,) = (name for name in _NAMES if planned[name])
    # An admin by name is first assigned as a user (tpd/access/resource_permission_assignment.go:154-183).
    first = ["USER"] if "ADMIN" in permissions else permissions
    answer = session.send(
        ASSIGN_BY_NAME, body={"permission_assignments": [{name: planned[name], "permissions": first}]}
    )
    if not answer.get("permission_assignments"):
        raise RefusedError("no permission assignment found")
    assignment = _accepted(answer["permission_assignments"][0])
    principal_id = assignment["principal"]["principal_id"]
    with partly({"id": str(principal_id)}):
        if first != permissions:
            _accepted(session.send(ASSIGN, principal_id=principal_id, body={"permissions": permissions}))
    return {"id": str(principal_id)}


def _accepted(assignment: dict[str, Any]) -> dict[str, Any]:
    """A refusal of one assignment arrives with status 200."""
    if assignment.get("error"):
        raise RefusedError(assignment["error"])
    return assignment


def _read(session: Session, state: Values) -> Values | None:
    assignments = session.send(LIST).get("permission_assignments", [])
    found = [entry for entry in assignments if str(entry["principal"]["principal_id"]) == state["id"]]
    return _state(found[0]) if found else None


def _state(assignment: dict[str, Any]) -> Values:
    principal = assignment["principal"]
    return {
        "id": str(principal["principal_id"]),
        "principal_id": principal["principal_id"],
        "permissions": assignment["permissions"],
        "display_name": principal.get("display_name"),
        **{name: principal.get(name, "") for name in _NAMES},
    }


def _update(session: Session, prior: Values, planned: Values) -> Values:
    _accepted(session.send(ASSIGN, principal_id=prior["id"], body={"permissions": planned["permissions"]}))
    return {"id": prior["id"]}


def _delete(session: Session, state: Values) -> None:
    session.send(REMOVE, principal_id=state["id"])


def _validate(config: Values) -> str | None:
    given = [name for name in ("principal_id", *_NAMES) if config[name] is not None]
    if len(given) == 1:
        return None
    return f"exactly one of principal_id, {', '.join(_NAMES)} must be set, found: {', '.join(given) or 'none'}"


RESOURCE: Resource[Session] = Resource(
    requests=(ASSIGN_BY_NAME, LIST, ASSIGN, REMOVE),
    create=_create,
    read=_read,
    update=_update,
    delete=_delete,
    validate=_validate,
    drops_unasked=True,
    rules=Rules(replace=frozenset({"principal_id", *_NAMES})),
)
