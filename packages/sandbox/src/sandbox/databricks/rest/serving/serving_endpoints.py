"""`/serving-endpoints`: endpoints that serve nothing (https://docs.databricks.com/api/workspace/servingendpoints).

Each is ready as soon as it is made or changed. That a version of a model exists is not asked: nothing here makes any.
"""

import re
from collections.abc import Iterator

from sandbox.databricks.rest.bodies import body, optional, required
from sandbox.databricks.world.access import object_access
from sandbox.databricks.world.access.object_access import CAN_VIEW, AccessObject
from sandbox.databricks.world.identity import principals
from sandbox.databricks.world.refusals import InvalidError
from sandbox.databricks.world.serving import serving_endpoints
from sandbox.databricks.world.workspaces import here
from sandbox.route import Call
from sandbox.source import databricks_api
from sandbox.store import Document

_SOURCE = databricks_api("workspace/servingendpoints/create")

_NAME = re.compile(r"[A-Za-z0-9_-]{1,63}")
_READY = {"ready": "READY", "config_update": "NOT_UPDATING"}
_SETTINGS = (
    "ai_gateway",
    "budget_policy_id",
    "description",
    "email_notifications",
    "rate_limits",
    "route_optimized",
    "tags",
)
_OF_GATEWAY = ("fallback_config", "guardrails", "inference_table_config", "rate_limits", "usage_tracking_config")
# What the service holds under the older names as well, (new, old).
_ENTITY, _MODEL = ("served_entities", "entity_name", "entity_version"), ("served_models", "model_name", "model_version")


def create_endpoint(call: Call) -> Document:
    """Make one."""
    name = required(call, "name", str)
    if not _NAME.fullmatch(name):
        raise InvalidError(
            f"Endpoint name '{name}' must be alphanumeric with - and _, and at most 63 characters long.", source=_SOURCE
        )
    config = optional(call, "config", dict)
    fields = {key: body(call)[key] for key in _SETTINGS if body(call).get(key)}
    document = {**fields, "config": _config(config, version=1) if config else None}
    return _shown(call, serving_endpoints.create(call, name, document))


def list_endpoints(call: Call) -> Document:
    """Those that the caller may see."""
    return {
        "endpoints": [
            _shown(call, document)
            for document in serving_endpoints.all_endpoints(call)
            if object_access.may(call, CAN_VIEW, serving_endpoints.access(document))
        ]
    }


def get_endpoint(call: Call) -> Document:
    """One."""
    return _shown(call, serving_endpoints.require(call, call.params["name"]))


def put_config(call: Call) -> Document:
    """Replace what it serves."""

    def changed(held: Document) -> Document:
        version = (held["config"] or {"config_version": 0})["config_version"] + 1
        return {**held, "config": _config(body(call), version=version)}

    return _shown(call, serving_endpoints.change(call, call.params["name"], changed))


def patch_tags(call: Call) -> Document:
    """Add tags and take some away."""
    added = {tag["key"]: tag.get("value", "") for tag in body(call).get("add_tags") or []}
    gone = {*(body(call).get("delete_tags") or [])}

    def changed(held: Document) -> Document:
        tags = {tag["key"]: tag.get("value", "") for tag in held.get("tags") or []}
        kept = {key: value for key, value in tags.items() if key not in gone}
        return {**held, "tags": [{"key": key, "value": value} for key, value in {**kept, **added}.items()]}

    return {"tags": serving_endpoints.change(call, call.params["name"], changed)["tags"]}


def put_ai_gateway(call: Call) -> Document:
    """Replace what watches the requests."""
    gateway = {name: body(call)[name] for name in _OF_GATEWAY if body(call).get(name)}
    serving_endpoints.change(call, call.params["name"], lambda held: {**held, "ai_gateway": gateway})
    return gateway


def delete_endpoint(call: Call) -> None:
    """Remove one."""
    serving_endpoints.delete(call, call.params["name"])


def access(call: Call) -> AccessObject:
    """The endpoint that the path names, as access lists know it."""
    return serving_endpoints.access(serving_endpoints.require(call, call.params["name"]))


def served_models(call: Call) -> Iterator[str]:
    """The names of the registered models that a request would have served."""
    config = body(call).get("config") or body(call)
    for kind, name, _ in (_ENTITY, _MODEL):
        for one in config.get(kind) or []:
            if isinstance(one, dict) and isinstance(one.get(name), str):
                yield one[name]


def _config(asked: Document, *, version: int) -> Document:
    entities = [_entity(one, *_ENTITY[1:]) for one in asked.get("served_entities") or []]
    entities += [_entity(one, *_MODEL[1:]) for one in asked.get("served_models") or []]
    kept = {"auto_capture_config": _captured(asked["auto_capture_config"])} if asked.get("auto_capture_config") else {}
    return {
        **kept,
        "served_entities": entities,
        "traffic_config": asked.get("traffic_config") or _traffic(entities),
        "config_version": version,
    }


def _entity(asked: Document, name: str, version: str) -> Document:
    """What is served, with the service's defaults; by whichever names it was asked for."""
    entity = {"entity_name": asked.get(name), "entity_version": asked.get(version)}
    rest = {key: value for key, value in asked.items() if key not in (name, version) and value is not None}
    external = rest.get("external_model")
    simple = str(entity["entity_name"] or "").rpartition(".")[2]
    return {
        **({} if external else {key: value for key, value in entity.items() if value is not None}),
        "name": external["name"] if external else f"{simple}-{entity['entity_version']}",
        **({} if external else {"workload_type": "CPU", "workload_size": "Small", "scale_to_zero_enabled": False}),
        **rest,
    }


def _captured(asked: Document) -> Document:
    return {"enabled": True, **asked}


def _traffic(entities: list[Document]) -> Document:
    """Without a word about it, the first gets it all."""
    shares = [100, *(0 for _ in entities[1:])]
    routes = zip(entities, shares, strict=False)
    return {"routes": [{"served_model_name": one["name"], "traffic_percentage": share} for one, share in routes]}


def _shown(call: Call, document: Document) -> Document:
    config = document["config"]
    return {
        **{name: value for name, value in document.items() if name not in ("config", "creator_id") and value},
        "creator": principals.name_of(call.store, document["creator_id"]),
        "state": _READY,
        "permission_level": "CAN_MANAGE",
        **({"config": _shown_config(config)} if config else {}),
        **({"endpoint_url": f"https://{here(call).host}/{document['id']}"} if document.get("route_optimized") else {}),
    }


def _shown_config(config: Document) -> Document:
    """With what it serves by both names, and routes as well."""
    models = [
        {
            **{key: value for key, value in one.items() if key not in _ENTITY},
            "model_name": one["entity_name"],
            "model_version": one.get("entity_version"),
        }
        for one in config["served_entities"]
        if one.get("entity_name")
    ]
    return {**config, "served_models": models, "traffic_config": {"routes": [*map(_route, _routes(config))]}}


def _routes(config: Document) -> list[Document]:
    return list(config["traffic_config"].get("routes") or [])


def _route(route: Document) -> Document:
    name = route.get("served_model_name") or route.get("served_entity_name")
    return {**route, "served_model_name": name, "served_entity_name": name}
