"""`/lakeview/dashboards`: dashboards, which are objects in the workspace's tree; nothing is drawn.

https://docs.databricks.com/api/workspace/lakeview. What was sent comes back as the service writes it: its JSON anew,
a type for each page, a line end (libs/testserver/dashboards.go of the Databricks CLI). The etag changes with it. One
that is trashed is gone.
"""

import json
import uuid

from sandbox.databricks.rest.bodies import body, optional, required
from sandbox.databricks.world.access import object_access
from sandbox.databricks.world.access.object_access import CAN_MANAGE
from sandbox.databricks.world.refusals import InvalidError, NotFoundError
from sandbox.databricks.world.workspace import workspace_tree
from sandbox.databricks.world.workspace.workspace_tree import IS_DASHBOARD, IS_DIRECTORY, Node
from sandbox.route import Call
from sandbox.source import databricks_api
from sandbox.store import Document

_SOURCE = databricks_api("workspace/lakeview/create")

_FIRST_ETAG = 80_611_980


def create_dashboard(call: Call) -> Document:
    """Make one in a folder that exists; its maker manages it."""
    asked = optional(call, "parent_path", str) or f"/Users/{call.caller.name}"
    folder = workspace_tree.find(call, workspace_tree.place(asked))
    if folder is None or folder.type != IS_DIRECTORY:
        # The provider reads this sentence, and makes the folder (dashboards/resource_dashboard.go).
        raise NotFoundError(f"Path ({asked}) doesn't exist.", source=_SOURCE)
    path = path_of_new(call)
    _check_free(call, path)
    said = {
        "create_time": call.clock.rfc3339(),
        "etag": str(_FIRST_ETAG),
        "serialized_dashboard": _serialized(optional(call, "serialized_dashboard", str) or "{}"),
        "update_time": call.clock.rfc3339(),
        "warehouse_id": optional(call, "warehouse_id", str) or "",
    }
    fields = {"object_type": IS_DASHBOARD, "resource_id": uuid.uuid4().hex, "said": said}
    dashboard = workspace_tree.put(call, path, fields)
    object_access.set_entries(call, workspace_tree.access(call, dashboard), {call.caller.id: CAN_MANAGE})
    return _shown(dashboard)


def list_dashboards(call: Call) -> Document:
    """Those that the caller may see, without what they draw."""
    found = [one for one in workspace_tree.of_type(call, IS_DASHBOARD) if workspace_tree.may_see(call, one)]
    shown = [{name: value for name, value in _shown(one).items() if name != "serialized_dashboard"} for one in found]
    return {"dashboards": shown}


def get_dashboard(call: Call) -> Document:
    """One, as it is drafted."""
    return _shown(wanted(call))


def update_dashboard(call: Call) -> Document:
    """Change what is said of the draft; where it lies stays."""
    dashboard, sent = wanted(call), body(call)
    said = dict(dashboard.document["said"])
    if sent.get("serialized_dashboard"):
        said["serialized_dashboard"] = _serialized(required(call, "serialized_dashboard", str))
    said["warehouse_id"] = optional(call, "warehouse_id", str) or said["warehouse_id"]
    path = _path(workspace_tree.parent(dashboard.path), optional(call, "display_name", str) or _name(dashboard))
    if path != dashboard.path:
        _check_free(call, path)
        dashboard = workspace_tree.move(call, dashboard, path)
    elif said == dashboard.document["said"]:
        return _shown(dashboard)
    said |= {"etag": str(int(said["etag"]) + 1), "update_time": call.clock.rfc3339()}
    return _shown(workspace_tree.change(call, dashboard, {"said": said, "modified_at": call.clock.milliseconds()}))


def trash_dashboard(call: Call) -> None:
    """Remove one with what is published of it."""
    workspace_tree.remove(call, wanted(call))


def publish_dashboard(call: Call) -> Document:
    """Show the draft to its viewers: with the publisher's right to the data, or with their own."""
    dashboard = wanted(call)
    said = dashboard.document["said"]
    published = {
        "embed_credentials": optional(call, "embed_credentials", bool) or False,
        "revision_create_time": call.clock.rfc3339(),
        "warehouse_id": optional(call, "warehouse_id", str) or said["warehouse_id"],
    }
    return _published(workspace_tree.change(call, dashboard, {"said": {**said, "published": published}}))


def get_published(call: Call) -> Document:
    """What viewers see of one."""
    return _published(wanted(call))


def unpublish_dashboard(call: Call) -> None:
    """Show it to nobody but those who work on it."""
    dashboard = wanted(call)
    _published(dashboard)
    said = {name: value for name, value in dashboard.document["said"].items() if name != "published"}
    workspace_tree.change(call, dashboard, {"said": said})


def wanted(call: Call) -> Node:
    """The dashboard that the path names."""
    dashboard_id = call.params["dashboard_id"]
    node = workspace_tree.by_resource_id(call, IS_DASHBOARD, dashboard_id)
    if node is None:
        raise NotFoundError(f"Unable to find dashboard with ID {dashboard_id}.", source=_SOURCE)
    return node


def path_of_new(call: Call) -> str:
    """Where the dashboard of the body will lie."""
    folder = optional(call, "parent_path", str) or f"/Users/{call.caller.name}"
    return _path(workspace_tree.place(folder), required(call, "display_name", str))


def _path(folder: str, name: str) -> str:
    return f"{folder.rstrip('/')}/{name}.lvdash.json"


def _name(dashboard: Node) -> str:
    return dashboard.path.rpartition("/")[2].removesuffix(".lvdash.json")


def _check_free(call: Call, path: str) -> None:
    if workspace_tree.find(call, path) is not None:
        raise InvalidError(f"Path ({path}) already exists.", code="RESOURCE_ALREADY_EXISTS", source=_SOURCE)


def _serialized(text: str) -> str:
    try:
        drawn = json.loads(text)
    except ValueError:
        drawn = None
    if not isinstance(drawn, dict):
        raise InvalidError("Failed to parse serialized dashboard: it is not a JSON object.", source=_SOURCE)
    for page in drawn.get("pages") or ():
        if isinstance(page, dict):
            page.setdefault("pageType", "PAGE_TYPE_CANVAS")
    return json.dumps(drawn, separators=(",", ":"), sort_keys=True, ensure_ascii=False) + "\n"


def _shown(dashboard: Node) -> Document:
    said = {name: value for name, value in dashboard.document["said"].items() if name != "published"}
    return {
        **said,
        "dashboard_id": dashboard.resource_id,
        "display_name": _name(dashboard),
        "lifecycle_state": "ACTIVE",
        "parent_path": workspace_tree.parent(dashboard.path),
        "path": dashboard.path,
    }


def _published(dashboard: Node) -> Document:
    published: Document | None = dashboard.document["said"].get("published")
    if published is None:
        raise NotFoundError(f"Unable to find published dashboard [dashboardId={dashboard.resource_id}]", source=_SOURCE)
    return {**published, "display_name": _name(dashboard)}
