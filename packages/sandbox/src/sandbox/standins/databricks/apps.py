"""databricks_app, which the real provider serves from the plugin framework (tpd/pluginfw/products/app)."""

import time
from typing import Any

from sandbox.standins import framework, schema
from sandbox.standins.behaviour import MissingError, RefusedError, Resource, partly
from sandbox.standins.databricks.session import Session, backoff, workspace
from sandbox.standins.plan import Rules, Values
from sandbox.standins.wire import conform

CREATE = workspace("POST", "/api/2.0/apps")
READ = workspace("GET", "/api/2.0/apps/{name}")
CHANGE = workspace("PATCH", "/api/2.0/apps/{name}")
DELETE = workspace("DELETE", "/api/2.0/apps/{name}")

_LOCAL = ("no_compute", "provider_config")
_KEEPS = frozenset(
    {
        "create_time",
        "creator",
        "service_principal_client_id",
        "service_principal_id",
        "service_principal_name",
        "url",
    }
)


def _create(session: Session, planned: Values) -> Values:
    query = {} if planned["no_compute"] is None else {"no_compute": str(planned["no_compute"]).lower()}
    try:
        made = session.send(CREATE, query=query, body=_body(planned))
    except RefusedError as error:
        raise RefusedError(f"failed to create app: {error}") from error
    with partly(_state(made, planned)):
        return _state(_settled(session, planned["name"]), planned)


def _settled(session: Session, name: str) -> dict[str, Any]:
    """The app, once it runs or has stopped."""
    attempt = 0
    while True:
        found: dict[str, Any] = session.send(READ, name=name)
        status = found.get("compute_status") or {}
        if status.get("state") in ("ACTIVE", "STOPPED"):
            return found
        if status.get("state") == "ERROR":
            raise RefusedError(
                "error waiting for app to be active or stopped: failed to reach ACTIVE or STOPPED, got ERROR: "
                f"{status.get('message')}"
            )
        attempt += 1
        time.sleep(backoff(attempt))


def _read(session: Session, state: Values) -> Values | None:
    try:
        return _state(session.send(READ, name=state["name"]), state)
    except RefusedError as error:
        raise RefusedError(f"failed to read app: {error}") from error


def _update(session: Session, prior: Values, planned: Values) -> Values:
    try:
        return _state(session.send(CHANGE, name=prior["name"], body=_body(planned)), planned)
    except RefusedError as error:
        raise RefusedError(f"failed to update app: {error}") from error


def _delete(session: Session, state: Values) -> None:
    try:
        session.send(DELETE, name=state["name"])
    except MissingError:
        return
    except RefusedError as error:
        raise RefusedError(f"failed to delete app: {error}") from error


def _body(planned: Values) -> Any:
    return framework.sent({name: value for name, value in planned.items() if name not in _LOCAL})


def _state(found: dict[str, Any], held: Values) -> Values:
    state: Values = conform(_block().type, found)
    return state | {name: held[name] for name in _LOCAL}


def _block() -> schema.Block:
    return schema.load("databricks").resources["databricks_app"]


def _validate(config: Values) -> str | None:
    kinds = ("database", "genie_space", "job", "secret", "serving_endpoint", "sql_warehouse", "uc_securable")
    for resource in config["resources"] if isinstance(config["resources"], list) else ():
        if isinstance(resource, dict) and sum(resource[kind] is not None for kind in kinds) != 1:
            return f"Invalid Attribute Combination: exactly one of {', '.join(kinds)} is needed"
    return None


RESOURCE: Resource[Session] = Resource(
    requests=(CREATE, READ, CHANGE, DELETE),
    create=_create,
    read=_read,
    update=_update,
    delete=_delete,
    validate=_validate,
    importer=lambda _session, name: {"name": name},
    reads_back=False,
    gone_on_404=False,
    legacy_type_system=False,
    rules=Rules(strict=True, replace=frozenset({"name"}), customize=framework.planned(_block, _KEEPS)),
)
