"""Attributes of SQL warehouses. The service keeps what a request leaves out.

https://docs.databricks.com/api/workspace/warehouses/edit
"""

from sandbox.tampering.acts import by_hand
from sandbox.tampering.attributes.forms import Another, Attribute, Document, Form, Instead, Never, Rows
from sandbox.tampering.console import Console
from sandbox.tampering.managed import Managed


def _path(one: Managed) -> str:
    return f"/api/2.0/sql/warehouses/{one['id']}"


def _read(console: Console, one: Managed) -> Document:
    return dict(console.databricks("GET", one.host, _path(one)))


def _write(console: Console, one: Managed, _: Document, after: Document) -> None:
    body = {**after, "tags": after.get("tags") or {"custom_tags": []}}
    console.databricks("POST", one.host, f"{_path(one)}/edit", body)


_KEPT = Never("the service keeps what a request leaves out: another value is a change")
_ALWAYS = Never("every stack sets it for every warehouse")

WAREHOUSES = Rows(
    Form(type="databricks_sql_endpoint", read=_read, write=_write),
    (
        Attribute(name="auto_stop_mins", changed=lambda held: held + 1, removed=_KEPT, added=_ALWAYS),
        Attribute(
            name="channel",
            changed=lambda _: {"name": "CHANNEL_NAME_CURRENT"},
            removed=_KEPT,
            added=Instead({"name": "CHANNEL_NAME_PREVIEW"}),
        ),
        Attribute(name="cluster_size", changed=Another(("Medium", "Large")), removed=_KEPT, added=_ALWAYS),
        Attribute(name="enable_photon", changed=lambda held: not held, removed=_KEPT, added=_ALWAYS),
        Attribute(
            name="enable_serverless_compute",
            changed=lambda held: not held,
            removed=_KEPT,
            added=Never("whether it is on is the workspace's to say where nobody does"),
        ),
        Attribute(name="max_num_clusters", changed=lambda held: held + 1, removed=_KEPT, added=_ALWAYS),
        Attribute(name="name", changed=by_hand, removed=_KEPT, added=_ALWAYS),
        Attribute(
            name="spot_instance_policy",
            changed=Another(("COST_OPTIMIZED", "RELIABILITY_OPTIMIZED")),
            removed=_KEPT,
            added=_ALWAYS,
        ),
        Attribute(
            name="tags",
            changed=lambda held: {"custom_tags": [*held["custom_tags"], {"key": "by", "value": "hand"}]},
            added={"custom_tags": [{"key": "by", "value": "hand"}]},
        ),
        Attribute(name="warehouse_type", changed=Another(("PRO",)), removed=_KEPT, added=Instead("PRO")),
    ),
)
