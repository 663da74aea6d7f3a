"""`/alerts`: alerts, which are objects in the workspace's tree and never evaluate anything.

https://docs.databricks.com/api/workspace/alertsv2. What was sent comes back, paths as they were written: the provider
is of the plugin framework and fails on anything else (pluginfw/products/alert_v2). One that is trashed is gone.
"""

import uuid

from sandbox.databricks.rest.bodies import body, optional, required
from sandbox.databricks.world.access import object_access
from sandbox.databricks.world.access.object_access import CAN_MANAGE
from sandbox.databricks.world.identity import membership, principals
from sandbox.databricks.world.identity.principals import SERVICE_PRINCIPAL
from sandbox.databricks.world.refusals import InvalidError, NotFoundError, PermissionDeniedError
from sandbox.databricks.world.workspace import workspace_tree
from sandbox.databricks.world.workspace.workspace_tree import IS_ALERT, IS_DIRECTORY, Node
from sandbox.databricks.world.workspaces import here
from sandbox.route import Call
from sandbox.source import databricks_api
from sandbox.store import Document

_SOURCE = databricks_api("workspace/alertsv2/createalert")

_SENT = (
    "custom_description",
    "custom_summary",
    "evaluation",
    "parent_path",
    "query_text",
    "run_as",
    "run_as_user_name",
    "schedule",
    "warehouse_id",
)
_REQUIRED = (
    ("display_name", str),
    ("query_text", str),
    ("warehouse_id", str),
    ("evaluation", dict),
    ("schedule", dict),
)
_OPERATORS = (
    "EQUAL",
    "GREATER_THAN",
    "GREATER_THAN_OR_EQUAL",
    "IS_NOT_NULL",
    "IS_NULL",
    "LESS_THAN",
    "LESS_THAN_OR_EQUAL",
    "NOT_EQUAL",
)


def create_alert(call: Call) -> Document:
    """Make one in a folder that exists; its maker manages it."""
    _check(call)
    asked = optional(call, "parent_path", str) or f"/Users/{call.caller.name}"
    folder = workspace_tree.find(call, workspace_tree.place(asked))
    if folder is None or folder.type != IS_DIRECTORY:
        raise NotFoundError(f"Path ({asked}) doesn't exist.", source=_SOURCE)
    path = path_of_new(call)
    if workspace_tree.find(call, path) is not None:
        raise InvalidError(f"Path ({path}) already exists.", code="RESOURCE_ALREADY_EXISTS", source=_SOURCE)
    fields = {"object_type": IS_ALERT, "resource_id": str(uuid.uuid4()), "owner_id": call.caller.id, "said": {}}
    alert = workspace_tree.put(call, path, fields)
    object_access.set_entries(call, workspace_tree.access(call, alert), {call.caller.id: CAN_MANAGE})
    return _write(call, alert, {"create_time": call.clock.rfc3339()})


def list_alerts(call: Call) -> Document:
    """Those that the caller may see."""
    found = [one for one in workspace_tree.of_type(call, IS_ALERT) if workspace_tree.may_see(call, one)]
    return {"alerts": [_shown(call, one) for one in found]}


def get_alert(call: Call) -> Document:
    """One."""
    return _shown(call, wanted(call))


def update_alert(call: Call) -> Document:
    """Replace what the mask of the query names; where it lies stays."""
    alert = wanted(call)
    masked = set(filter(None, call.query.get("update_mask", "").split(",")))
    if not masked:
        raise InvalidError("Missing required field: update_mask", source=_SOURCE)
    said = alert.document["said"]
    if said.get("parent_path") != body(call).get("parent_path", said.get("parent_path")) and "parent_path" in masked:
        raise InvalidError("parent_path cannot be updated.", source=_SOURCE)
    _check(call, before=said)
    path = f"{workspace_tree.parent(alert.path)}/{required(call, 'display_name', str)}.dbalert.json"
    if path != alert.path:
        alert = workspace_tree.move(call, alert, path)
    kept = {name: value for name, value in said.items() if name not in masked - {"parent_path"}}
    return _write(call, alert, kept)


def trash_alert(call: Call) -> None:
    """Remove one."""
    workspace_tree.remove(call, wanted(call))


def wanted(call: Call) -> Node:
    """The alert that the path names."""
    alert_id = call.params["id"]
    node = workspace_tree.by_resource_id(call, IS_ALERT, alert_id)
    if node is None:
        raise NotFoundError(f"Alert with ID {alert_id} does not exist.", source=_SOURCE)
    return node


def path_of_new(call: Call) -> str:
    """Where the alert of the body will lie."""
    folder = workspace_tree.place(optional(call, "parent_path", str) or f"/Users/{call.caller.name}")
    return f"{folder.rstrip('/')}/{required(call, 'display_name', str)}.dbalert.json"


def _check(call: Call, before: Document | None = None) -> None:
    for name, kind in _REQUIRED:
        required(call, name, kind)
    operator = body(call)["evaluation"].get("comparison_operator")
    if operator not in _OPERATORS:
        raise InvalidError(f"{operator} is not a comparison operator: {', '.join(_OPERATORS)}.", source=_SOURCE)
    named = (body(call).get("run_as") or {}).get("service_principal_name") or body(call).get("run_as_user_name")
    held = ((before or {}).get("run_as") or {}).get("service_principal_name") or (before or {}).get("run_as_user_name")
    if not named or named in (held, call.caller.name):
        return
    principal = principals.named(call.store, named, SERVICE_PRINCIPAL)
    if principal is None:
        raise NotFoundError(f"Service principal {named} does not exist.", source=_SOURCE)
    # "Requires the servicePrincipal/user role", which admins have.
    if membership.level(call.store, here(call).id, call.caller.id) != membership.ADMIN:
        raise PermissionDeniedError(f"User {call.caller.name} is not allowed to set {named} as run_as.", source=_SOURCE)


def _write(call: Call, alert: Node, kept: Document) -> Document:
    sent = {name: value for name in _SENT if (value := body(call).get(name)) not in (None, "")}
    said = {**kept, **sent, "update_time": call.clock.rfc3339()}
    return _shown(call, workspace_tree.change(call, alert, {"said": said, "modified_at": call.clock.milliseconds()}))


def _shown(call: Call, alert: Node) -> Document:
    said, owner = alert.document["said"], principals.get(call.store, alert.document["owner_id"])
    owner_name = owner.name if owner else "Unavailable"
    by_itself = "service_principal_name" if owner and owner.kind == SERVICE_PRINCIPAL else "user_name"
    shown = {
        **said,
        "id": alert.resource_id,
        "display_name": alert.path.rpartition("/")[2].removesuffix(".dbalert.json"),
        "effective_run_as": said.get("run_as") or {by_itself: owner_name},
        "lifecycle_state": "ACTIVE",
        "owner_user_name": owner_name,
    }
    notification = said["evaluation"].get("notification")
    if notification:
        effective = {
            "effective_notify_on_ok": bool(notification.get("notify_on_ok")),
            "effective_retrigger_seconds": notification.get("retrigger_seconds") or 0,
        }
        shown["evaluation"] = {**said["evaluation"], "notification": {**notification, **effective}}
    return shown
