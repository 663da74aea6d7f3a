"""Attributes of dashboards, alerts and apps.

https://docs.databricks.com/api/workspace/lakeview, alertsv2 and apps.
"""

import json
from typing import Any

from sandbox.tampering.acts import by_hand
from sandbox.tampering.attributes.forms import Another, Attribute, Document, Form, Never, Rows
from sandbox.tampering.console import Console, escaped
from sandbox.tampering.managed import Managed

_ALWAYS = Never("every stack sets it")
_NEEDED = Never("the service refuses one without it")


def _dashboard(console: Console, one: Managed) -> Document:
    return dict(console.databricks("GET", one.host, f"/api/2.0/lakeview/dashboards/{one['id']}"))


def _write_dashboard(console: Console, one: Managed, _: Document, after: Document) -> None:
    console.databricks("PATCH", one.host, f"/api/2.0/lakeview/dashboards/{one['id']}", after)


def _drawn_by_hand(text: Any) -> str:
    return json.dumps({**json.loads(text), "datasets": [{"name": "by hand"}]})


DASHBOARDS = Rows(
    Form(type="databricks_dashboard", read=_dashboard, write=_write_dashboard),
    (
        Attribute(name="display_name", changed=by_hand, removed=_NEEDED, added=_ALWAYS),
        Attribute(
            name="serialized_dashboard",
            changed=_drawn_by_hand,
            removed=Never("the service keeps what is drawn"),
            added=_ALWAYS,
        ),
        Attribute(
            name="warehouse_id",
            changed=Another(("by-hand", "by-hand-too")),
            removed=Never("the service keeps the one that was named"),
            added=_ALWAYS,
        ),
    ),
)


def _alert(console: Console, one: Managed) -> Document:
    return dict(console.databricks("GET", one.host, f"/api/2.0/alerts/{one['id']}"))


def _write_alert(console: Console, one: Managed, before: Document, after: Document) -> None:
    mask = ",".join(sorted(name for name in {*before, *after} if before.get(name) != after.get(name)))
    console.databricks("PATCH", one.host, f"/api/2.0/alerts/{one['id']}", after, query={"update_mask": mask})


ALERTS = Rows(
    Form(type="databricks_alert_v2", read=_alert, write=_write_alert),
    (
        Attribute(name="custom_summary", changed=by_hand, added="by hand"),
        Attribute(name="display_name", changed=by_hand, removed=_NEEDED, added=_ALWAYS),
        Attribute(
            name="evaluation",
            changed=lambda held: {**held, "comparison_operator": "LESS_THAN"},
            removed=_NEEDED,
            added=_ALWAYS,
        ),
        Attribute(name="query_text", changed=by_hand, removed=_NEEDED, added=_ALWAYS),
        Attribute(
            name="schedule",
            changed=lambda held: {**held, "pause_status": "PAUSED"},
            removed=_NEEDED,
            added=_ALWAYS,
        ),
        Attribute(name="warehouse_id", changed=Another(("by-hand", "by-hand-too")), removed=_NEEDED, added=_ALWAYS),
    ),
)


def _app(console: Console, one: Managed) -> Document:
    return dict(console.databricks("GET", one.host, f"/api/2.0/apps/{escaped(one['name'])}"))


def _write_app(console: Console, one: Managed, _: Document, after: Document) -> None:
    console.databricks("PATCH", one.host, f"/api/2.0/apps/{escaped(one['name'])}", after)


APPS = Rows(
    Form(type="databricks_app", read=_app, write=_write_app),
    (
        Attribute(
            name="description",
            changed=Another(("by hand", "by hand too")),
            removed=Never("one that is empty is what stacks set"),
            added=_ALWAYS,
        ),
        Attribute(
            name="resources",
            changed=lambda held: [{**held[0], "description": "by hand"}, *held[1:]],
            added=[{"name": "secret", "secret": {"scope": "s", "key": "k", "permission": "READ"}}],
        ),
        Attribute(name="user_api_scopes", changed=lambda held: [*held, "files"], added=["sql"]),
    ),
)
