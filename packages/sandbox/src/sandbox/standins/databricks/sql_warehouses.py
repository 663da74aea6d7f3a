"""databricks_sql_endpoint."""

import time
from typing import Any

from sandbox.standins import schema
from sandbox.standins.behaviour import RefusedError, Resource
from sandbox.standins.databricks.payloads import from_json, to_json
from sandbox.standins.databricks.session import Session, backoff, workspace
from sandbox.standins.plan import Rules, Values
from sandbox.standins.wire import Unknown

CREATE = workspace("POST", "/api/2.0/sql/warehouses")
READ = workspace("GET", "/api/2.0/sql/warehouses/{id}")
EDIT = workspace("POST", "/api/2.0/sql/warehouses/{id}/edit")
DELETE = workspace("DELETE", "/api/2.0/sql/warehouses/{id}")
DATA_SOURCES = workspace("GET", "/api/2.0/preview/sql/data_sources")

_NEVER_SENT = frozenset(
    {
        "creator_name",
        "data_source_id",
        "health",
        "id",
        "jdbc_url",
        "no_wait",
        "num_active_sessions",
        "num_clusters",
        "odbc_params",
        "state",
        "timeouts",
    }
)
_ALWAYS_SENT = ("auto_stop_mins", "enable_photon", "enable_serverless_compute")  # zero or not
_SIZES = ("2X-Small", "X-Small", "Small", "Medium", "Large", "X-Large", "2X-Large", "3X-Large", "4X-Large")
_TYPES = ("PRO", "CLASSIC")
_MOST_CLUSTERS = 30
_CHANNEL = "CHANNEL_NAME_CURRENT"
_PATIENCE_SECONDS = 20 * 60
_FAILED = ("DELETED", "STOPPED")


def _create(session: Session, planned: Values) -> Values:
    id_ = str(session.send(CREATE, body=_body(planned))["id"])
    if not planned["no_wait"]:
        try:
            _until_it_runs(session, id_)
        except RefusedError as error:
            session.send(DELETE, id=id_)
            raise RefusedError(f"failed waiting for warehouse to start: {error}") from error
    return {"id": id_}


def _read(session: Session, state: Values) -> Values | None:
    found = session.send(READ, id=state["id"])
    read = from_json(_block(), found)
    for name in ("no_wait", "timeouts"):
        read.pop(name)  # known here only
    for name in ("health", "odbc_params"):
        read[name] = [_whole(name, found[name])] if found.get(name) else []
    return read | {"id": state["id"], "data_source_id": _data_source(session, state["id"])}


def _update(session: Session, prior: Values, planned: Values) -> Values:
    session.send(EDIT, id=prior["id"], body={"id": prior["id"], **_body(planned)})
    return {"id": prior["id"]}


def _delete(session: Session, state: Values) -> None:
    session.send(DELETE, id=state["id"])


def _body(planned: Values) -> dict[str, Any]:
    body = to_json(_block(), planned, local=_NEVER_SENT)
    return body | {name: planned[name] for name in _ALWAYS_SENT if planned[name] is not None}


def _until_it_runs(session: Session, id_: str) -> None:
    """Wait as the SDK does (sdk/service/sql, WaitGetWarehouseRunning)."""
    waited, attempt = 0.0, 0
    while waited < _PATIENCE_SECONDS:
        found = session.send(READ, id=id_)
        if found.get("state") == "RUNNING":
            return
        if found.get("state") in _FAILED:
            summary = (found.get("health") or {}).get("summary", "")
            raise RefusedError(f"failed to reach RUNNING, got {found['state']}: {summary}")
        attempt += 1
        pause = backoff(attempt)
        time.sleep(pause)
        waited += pause
    raise RefusedError(f"timed out: warehouse {id_} does not run yet")


def _data_source(session: Session, id_: str) -> str:
    for one in session.send(DATA_SOURCES):
        if one.get("warehouse_id") == id_:
            return str(one["id"])
    raise RefusedError(f"no data source found for endpoint {id_}")


def _whole(name: str, said: dict[str, Any]) -> dict[str, Any]:
    """What only the service says is an object with all of its members."""
    kind = _block().attributes[name].type
    return {
        member: said.get(member, [] if isinstance(type_, list) and type_[0] == "list" else None)
        for member, type_ in kind[1][1].items()
    }


def _validate(config: Values) -> str | None:
    for name, allowed in (("cluster_size", _SIZES), ("warehouse_type", _TYPES)):
        if isinstance(config[name], str) and config[name] not in allowed:
            return f"expected {name} to be one of {list(allowed)}, got {config[name]}"
    most = config["max_num_clusters"]
    if most is not None and not isinstance(most, Unknown) and not 1 <= most <= _MOST_CLUSTERS:
        return f"expected max_num_clusters to be in the range (1 - {_MOST_CLUSTERS}), got {most}"
    return None


def _block() -> schema.Block:
    return schema.load("databricks").resources["databricks_sql_endpoint"]


def _channel(config: Values, prior: Values | None, planned: Values) -> Values:
    """Without a block, its name still has a default: another channel is left."""
    if prior and prior["channel"] and not config["channel"]:
        return planned | {"channel": [{**prior["channel"][0], "name": _CHANNEL}]}
    return planned


RESOURCE: Resource[Session] = Resource(
    requests=(CREATE, READ, EDIT, DELETE, DATA_SOURCES),
    create=_create,
    read=_read,
    update=_update,
    delete=_delete,
    validate=_validate,
    drops_unasked=True,
    rules=Rules(
        defaults={
            "auto_stop_mins": 120,
            "channel.name": _CHANNEL,
            "enable_photon": True,
            "max_num_clusters": 1,
            "spot_instance_policy": "COST_OPTIMIZED",
        },
        customize=_channel,
        unset=dict.fromkeys(("channel", "channel.*", "min_num_clusters", "tags", "warehouse_type"), bool),
    ),
)
