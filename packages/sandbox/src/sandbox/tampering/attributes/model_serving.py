"""Attributes of serving endpoints, each with a request of its own.

https://docs.databricks.com/api/workspace/servingendpoints
"""

from sandbox.tampering.attributes.forms import Attribute, Document, Form, More, Never, Rows
from sandbox.tampering.console import Console
from sandbox.tampering.managed import Managed

_CONFIG = ("auto_capture_config", "served_entities", "traffic_config")


def _path(one: Managed) -> str:
    return f"/api/2.0/serving-endpoints/{one['name']}"


def _read(console: Console, one: Managed) -> Document:
    found = dict(console.databricks("GET", one.host, _path(one)))
    if "config" in found:
        found["config"] = {name: found["config"][name] for name in _CONFIG if name in found["config"]}
    return found


def _write(console: Console, one: Managed, before: Document, after: Document) -> None:
    if after.get("config") != before.get("config"):
        console.databricks("PUT", one.host, f"{_path(one)}/config", after["config"])
    if after.get("ai_gateway") != before.get("ai_gateway"):
        console.databricks("PUT", one.host, f"{_path(one)}/ai-gateway", after.get("ai_gateway") or {})
    if after.get("tags") != before.get("tags"):
        held, wanted = before.get("tags") or [], after.get("tags") or []
        gone = [tag["key"] for tag in held if tag["key"] not in {one["key"] for one in wanted}]
        console.databricks("PATCH", one.host, f"{_path(one)}/tags", {"add_tags": wanted, "delete_tags": gone})


def _of_another_version(config: Document) -> Document:
    first, *others = config["served_entities"]
    return {**config, "served_entities": [{**first, "entity_version": first["entity_version"] + "0"}, *others]}


_MODEL = {"entity_name": "system.ai.by_hand", "entity_version": "1", "workload_size": "Small"}

ENDPOINTS = Rows(
    Form(type="databricks_model_serving", read=_read, write=_write),
    (
        Attribute(
            name="ai_gateway",
            changed=lambda _: {
                "usage_tracking_config": {"enabled": True},
                "rate_limits": [{"calls": 1, "renewal_period": "minute"}],
            },
            added={"usage_tracking_config": {"enabled": True}},
        ),
        Attribute(
            name="config",
            changed=_of_another_version,
            removed=Never("the service has no request that takes it away"),
            added={"served_entities": [_MODEL]},
        ),
        Attribute(
            name="tags",
            changed=lambda held: [{**held[0], "value": "by hand"}],
            added=More({"key": "by", "value": "hand"}),
        ),
    ),
)
