"""databricks_model_serving."""

import time
from collections.abc import Iterable
from typing import Any

from sandbox.standins import schema
from sandbox.standins.behaviour import RefusedError, Resource
from sandbox.standins.databricks.payloads import from_json, to_json
from sandbox.standins.databricks.session import Session, backoff, workspace
from sandbox.standins.plan import Rules, Values

CREATE = workspace("POST", "/api/2.0/serving-endpoints")
READ = workspace("GET", "/api/2.0/serving-endpoints/{name}")
CONFIGURE = workspace("PUT", "/api/2.0/serving-endpoints/{name}/config")
TAG = workspace("PATCH", "/api/2.0/serving-endpoints/{name}/tags")
GUARD = workspace("PUT", "/api/2.0/serving-endpoints/{name}/ai-gateway")
DELETE = workspace("DELETE", "/api/2.0/serving-endpoints/{name}")

_NEVER_SENT = frozenset({"endpoint_url", "id", "serving_endpoint_id", "timeouts"})
_LOCAL = ("rate_limits", "timeouts")  # no answer has them
_SERVED = ("served_entities", "served_models")
_MADE_SO = ("catalog_name", "schema_name", "table_name_prefix")  # of auto_capture_config
_FAILED = ("UPDATE_FAILED", "UPDATE_CANCELED")
_PATIENCE_SECONDS = 45 * 60


def _create(session: Session, planned: Values) -> Values:
    name = planned["name"]
    session.send(CREATE, body=_body(planned))
    try:
        _until_updated(session, name)
    except RefusedError:
        session.send(DELETE, name=name)
        raise
    return {"id": name}


def _read(session: Session, state: Values) -> Values | None:
    found = session.send(READ, name=state["id"])
    read = from_json(_block(), found)
    for name in _LOCAL:
        read.pop(name)
    read["tags"] = [{**tag, "value": tag["value"] or None} for tag in read["tags"]]
    for config in read["config"]:
        _as_configured(config, state["config"][0] if state["config"] else None)
    return read | {
        "id": state["id"],
        "serving_endpoint_id": found.get("id"),
        "endpoint_url": found.get("endpoint_url", ""),
    }


def _update(session: Session, prior: Values, planned: Values) -> Values:
    name = prior["id"]
    body = _body(planned)
    if prior["config"] != planned["config"]:
        session.send(CONFIGURE, name=name, body=body.get("config", {}))
        _until_updated(session, name)
    if prior["tags"] != planned["tags"]:
        _tag(session, name, body.get("tags", []))
    if prior["ai_gateway"] != planned["ai_gateway"]:
        session.send(GUARD, name=name, body=body["ai_gateway"])
    return {"id": name}


def _delete(session: Session, state: Values) -> None:
    session.send(DELETE, name=state["id"])


def _body(planned: Values) -> dict[str, Any]:
    return to_json(_block(), planned, local=_NEVER_SENT)


def _tag(session: Session, name: str, wanted: list[dict[str, Any]]) -> None:
    """Add what is new and take away what is not wanted any more."""
    held = {tag["key"]: tag.get("value") or None for tag in session.send(READ, name=name).get("tags", [])}
    added = [tag for tag in wanted if tag["key"] not in held or held[tag["key"]] != tag.get("value")]
    gone = [key for key in held if key not in {tag["key"] for tag in wanted}]
    changes = {"add_tags": added, "delete_tags": gone}
    session.send(TAG, name=name, body={key: value for key, value in changes.items() if value})


def _until_updated(session: Session, name: str) -> None:
    """Wait as the SDK does (sdk/service/serving, WaitGetServingEndpointNotUpdating)."""
    waited, attempt = 0.0, 0
    while waited < _PATIENCE_SECONDS:
        status = session.send(READ, name=name)["state"]["config_update"]
        if status == "NOT_UPDATING":
            return
        if status in _FAILED:
            raise RefusedError(f"failed to reach NOT_UPDATING, got {status}: current status: {status}")
        attempt += 1
        pause = backoff(attempt)
        time.sleep(pause)
        waited += pause
    raise RefusedError(f"timed out: endpoint {name} is still updating")


def _as_configured(config: Values, known: Values | None) -> None:
    """What is served by the names, in the order and with the sizes that were asked for."""
    if known is None or not known["served_models"]:
        config["served_models"] = []
    elif not known["served_entities"]:
        config["served_entities"] = []
    for kind in _SERVED:
        config[kind] = _as_asked(config[kind], known[kind] if known else [])


def _as_asked(served: list[Values], asked: list[Values]) -> list[Values]:
    order = {one["name"]: place for place, one in enumerate(asked)}
    unsized = {one["name"] for one in asked if not one["workload_size"]}
    sized = [{**one, "workload_size": None} if one["name"] in unsized else one for one in served]
    return sorted(sized, key=lambda one: order.get(one["name"], len(order)))


def _replaced(prior: Values, planned: Values) -> Iterable[str]:
    """Where requests are captured to cannot be changed."""
    before, after = (_captured(one) for one in (prior, planned))
    if before and after and any(before[name] != after[name] for name in _MADE_SO):
        yield "config"


def _captured(values: Values) -> Values | None:
    config = values["config"]
    blocks = config[0]["auto_capture_config"] if isinstance(config, list) and config else None
    return blocks[0] if blocks else None


def _block() -> schema.Block:
    return schema.load("databricks").resources["databricks_model_serving"]


RESOURCE: Resource[Session] = Resource(
    requests=(CREATE, READ, CONFIGURE, TAG, GUARD, DELETE),
    create=_create,
    read=_read,
    update=_update,
    delete=_delete,
    drops_unasked=True,
    rules=Rules(
        defaults={"served_models.scale_to_zero_enabled": True},
        replace=frozenset({"name", "route_optimized"}),
        replace_when=_replaced,
        unset=dict.fromkeys(("routes.served_entity_name", "routes.served_model_name"), bool),
        computed=frozenset({"config", "config.traffic_config"}),
    ),
)
