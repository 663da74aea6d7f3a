"""databricks_service_principal, and the data source that finds one."""

from typing import Any

from sandbox.standins.behaviour import DataSource, Level, RefusedError, Resource
from sandbox.standins.databricks.session import Session, scim
from sandbox.standins.plan import Rules, Values

CREATE = scim("POST", "/ServicePrincipals")
LIST = scim("GET", "/ServicePrincipals")
READ = scim("GET", "/ServicePrincipals/{id}")
REPLACE = scim("PUT", "/ServicePrincipals/{id}")
DISABLE = scim("PATCH", "/ServicePrincipals/{id}")
DELETE = scim("DELETE", "/ServicePrincipals/{id}")

_SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:ServicePrincipal"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"

# tpd/scim/scim.go:41-47: attribute, entitlement
ENTITLEMENTS = {
    "allow_cluster_create": "allow-cluster-create",
    "allow_instance_pool_create": "allow-instance-pool-create",
    "databricks_sql_access": "databricks-sql-access",
    "workspace_access": "workspace-access",
    "workspace_consume": "workspace-consume",
}


def entitlements_of(planned: Values) -> list[dict[str, str]]:
    """The configured entitlements as SCIM writes them; none is written as one empty object."""
    return [{"value": value} for name, value in ENTITLEMENTS.items() if planned.get(name)] or [{}]


def conflicting_entitlements(config: Values) -> str | None:
    """What is wrong with the configured entitlements."""
    others = [name for name in ("workspace_access", "databricks_sql_access") if config[name] is not None]
    if config["workspace_consume"] is None or not others:
        return None
    return f'"workspace_consume": conflicts with {" and ".join(others)}'


def _body(planned: Values) -> dict[str, Any]:
    sent = {
        "schemas": [_SCHEMA],
        "displayName": planned["display_name"],
        "applicationId": planned["application_id"],
        "active": bool(planned["active"]),
        "entitlements": entitlements_of(planned),
        "externalId": planned["external_id"],
    }
    return {name: value for name, value in sent.items() if value is not None and value != ""}


def _state(found: dict[str, Any]) -> Values:
    application_id = found.get("applicationId")
    return {
        "id": found["id"],
        "display_name": found.get("displayName"),
        "active": found.get("active", False),
        "external_id": found.get("externalId", ""),
        "application_id": application_id,
        "home": f"/Users/{application_id}",
        "repos": f"/Repos/{application_id}",
        "acl_principal_id": f"servicePrincipals/{application_id}",
    }


def _create(session: Session, planned: Values) -> Values:
    try:
        return {"id": session.send(CREATE, body=_body(planned))["id"]}
    except RefusedError as error:
        application_id = planned["application_id"]
        known = (
            f"Service principal with application ID {application_id} already exists.",
            f"User with email {application_id} already exists in this account",
        )
        if not planned["force"] or str(error) not in known:
            raise
        (found,) = session.send(LIST, query=_filter("applicationId", application_id))["Resources"]
        return _update(session, found, planned)


def _filter(path: str, value: str) -> dict[str, str]:
    return {"excludedAttributes": "roles", "filter": f'{path} eq "{value}"'}


def _read(session: Session, state: Values) -> Values | None:
    found = session.send(
        READ, id=state["id"], query={"attributes": "userName,displayName,active,externalId,entitlements"}
    )
    held = {entry.get("value") for entry in found.get("entitlements", [])}
    # Only what is held is written: that an entitlement was taken away goes unnoticed (tpd/scim/scim.go:67-75).
    return _state(found) | {name: True for name, value in ENTITLEMENTS.items() if value in held}


def _update(session: Session, prior: Values, planned: Values) -> Values:
    kept = session.send(READ, id=prior["id"], query={"attributes": "groups,roles"})
    body = _body(planned) | {name: kept[name] for name in ("groups", "roles") if name in kept}
    body.pop("applicationId", None)
    session.send(REPLACE, id=prior["id"], body=body)
    return {"id": prior["id"]}


def _delete(session: Session, state: Values) -> None:
    disable = state["disable_as_user_deletion"]
    if disable or (disable is None and session.level is Level.ACCOUNT):
        operation = {"op": "replace", "path": "active", "value": [{"value": "false"}]}
        session.send(DISABLE, id=state["id"], body={"schemas": [PATCH], "Operations": [operation]})
    else:
        session.send(DELETE, id=state["id"])


def _validate(config: Values) -> str | None:
    if config["application_id"] is None and config["display_name"] is None:
        return "one of application_id, display_name must be specified"
    return conflicting_entitlements(config)


RESOURCE: Resource[Session] = Resource(
    requests=(CREATE, LIST, READ, REPLACE, DISABLE, DELETE),
    create=_create,
    read=_read,
    update=_update,
    delete=_delete,
    validate=_validate,
    rules=Rules(defaults={"active": True, **dict.fromkeys(ENTITLEMENTS, False)}, replace=frozenset({"application_id"})),
)


def _find(session: Session, config: Values) -> Values:
    keys = {"application_id": "applicationId", "display_name": "displayName", "scim_id": "id"}
    wanted = [(path, config[name]) for name, path in keys.items() if config[name]]
    if len(wanted) != 1:
        raise RefusedError("exactly one of application_id, display_name or scim_id should be specified")
    ((path, value),) = wanted
    matches = session.send(LIST, query=_filter(path, value)).get("Resources", [])
    if not matches:
        raise RefusedError(f"cannot find SP with {path} {value}")
    if len(matches) > 1:
        raise RefusedError(f"there are {len(matches)} Service Principals with {path} {value}")
    state = _state(matches[0])
    return state | {"sp_id": state["id"], "scim_id": state["id"]}


DATA_SOURCE: DataSource[Session] = DataSource(requests=(LIST,), read=_find)
