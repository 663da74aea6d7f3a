"""databricks_quality_monitor, which the real provider serves from the plugin framework."""

import random
import time
from typing import Any

from sandbox.standins import schema
from sandbox.standins.behaviour import MissingError, RefusedError, Resource
from sandbox.standins.databricks.payloads import from_json, to_json
from sandbox.standins.databricks.session import Session
from sandbox.standins.databricks.unity_catalog import catalog_request
from sandbox.standins.plan import Rules, Values
from sandbox.standins.wire import UNKNOWN

CREATE = catalog_request("POST", "/tables/{table_name}/monitor")
READ = catalog_request("GET", "/tables/{table_name}/monitor")
CHANGE = catalog_request("PUT", "/tables/{table_name}/monitor")
DELETE = catalog_request("DELETE", "/tables/{table_name}/monitor")

_COMPUTED = (
    "dashboard_id",
    "drift_metrics_table_name",
    "id",
    "monitor_version",
    "profile_metrics_table_name",
    "status",
)
_NEVER_SENT = frozenset({"id", "table_name", "provider_config", *_COMPUTED})
_NOT_CHANGED = frozenset({"assets_dir", "skip_builtin_dashboard", "warehouse_id"})
_NOT_READ = ("provider_config", "skip_builtin_dashboard", "warehouse_id")
_OBJECTS = frozenset(
    {
        "data_classification_config",
        "inference_log",
        "notifications",
        "notifications.on_failure",
        "notifications.on_new_classification_tag_detected",
        "schedule",
        "snapshot",
        "time_series",
    }
)
_PATIENCE_SECONDS = 15 * 60


def _create(session: Session, planned: Values) -> Values:
    name = planned["table_name"]
    try:
        session.send(CREATE, table_name=name, body=_body(planned, _NEVER_SENT))
    except RefusedError as error:
        raise RefusedError(f"failed to create monitor: {error}") from error
    return {"id": name} | _active(session, name)


def _update(session: Session, prior: Values, planned: Values) -> Values:
    name = planned["table_name"]
    body = _body(planned, (_NEVER_SENT - {"dashboard_id"}) | _NOT_CHANGED)
    body |= {"dashboard_id": prior["dashboard_id"]} if prior["dashboard_id"] else {}
    body.get("schedule", {}).pop("pause_status", None)
    try:
        session.send(CHANGE, table_name=name, body=body)
    except RefusedError as error:
        raise RefusedError(f"failed to update monitor: {error}") from error
    # The id comes back with the next refresh (resource_quality_monitor.go:265-278).
    return _active(session, name)


def _body(planned: Values, local: frozenset[str]) -> Any:
    return to_json(_block(), planned, local=local, objects=_OBJECTS, zeros=True)


def _active(session: Session, name: str) -> Values:
    """The monitor, once it is active."""
    started, attempt = time.monotonic(), 0
    while True:
        try:
            found = session.send(READ, table_name=name)
        except RefusedError as error:
            raise RefusedError(f"failed to get monitor: {error}") from error
        status = found.get("status")
        if status == "MONITOR_STATUS_ACTIVE":
            return _state(found)
        if status in ("MONITOR_STATUS_ERROR", "MONITOR_STATUS_FAILED"):
            raise RefusedError(f"failed to get monitor: monitor status returned {status} for monitor: {name}")
        attempt += 1
        if time.monotonic() - started > _PATIENCE_SECONDS:
            raise RefusedError(f"failed to get monitor: timed out: monitor {name} is still pending")
        time.sleep(min(attempt, 10) + random.uniform(0.05, 0.75))  # noqa: S311 (jitter)


def _state(found: dict[str, Any]) -> Values:
    read = from_json(_block(), found, zeros=False)
    return {name: value for name, value in read.items() if name not in ("id", *_NOT_READ)}


def _read(session: Session, state: Values) -> Values | None:
    name = state["table_name"]
    try:
        found = session.send(READ, table_name=name)
    except MissingError:
        return None
    except RefusedError as error:
        raise RefusedError(f"failed to get monitor: {error}") from error
    kept = {key: state[key] or None for key in ("skip_builtin_dashboard", "warehouse_id")}
    return {"id": name} | kept | _state(found)


def _delete(session: Session, state: Values) -> None:
    try:
        session.send(DELETE, table_name=state["table_name"])
    except MissingError:
        return
    except RefusedError as error:
        raise RefusedError(f"failed to delete monitor: {error}") from error


def _unknown_again(config: Values, prior: Values | None, planned: Values) -> Values:
    """A change makes all that is computed unknown, as the framework does."""
    if prior is None or planned == prior:
        return planned
    unknown = {name: UNKNOWN for name in _COMPUTED if config[name] is None}
    schedule = [block | {"pause_status": UNKNOWN} for block in planned["schedule"]]
    return planned | unknown | {"schedule": schedule}


def _block() -> schema.Block:
    return schema.load("databricks").resources["databricks_quality_monitor"]


RESOURCE: Resource[Session] = Resource(
    requests=(CREATE, READ, CHANGE, DELETE),
    create=_create,
    read=_read,
    update=_update,
    delete=_delete,
    importer=lambda _session, table_name: {"table_name": table_name},
    reads_back=False,
    legacy_type_system=False,
    rules=Rules(strict=True, customize=_unknown_again),
)
