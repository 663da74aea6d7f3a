"""Dashboards, which the service writes in words of its own."""

import json

from checks.drift.live.row import API, PROVIDER, LiveRow

_DASHBOARD = f"{PROVIDER}/dashboards/resource_dashboard.go"


def _drawn(text: str) -> str:
    """What is drawn, however it is written; each page has a type of the service's."""
    try:
        drawn = json.loads(text)
    except ValueError:
        return text
    for page in drawn.get("pages") or () if isinstance(drawn, dict) else ():
        if isinstance(page, dict) and page.get("pageType") == "PAGE_TYPE_CANVAS":
            del page["pageType"]
    return json.dumps(drawn, sort_keys=True)


def _folder(path: str) -> str:
    return path.removeprefix("/Workspace").rstrip("/")


ROWS = (
    LiveRow(
        type="databricks_dashboard",
        url="/api/2.0/lakeview/dashboards/{id}",
        identity={
            "create_time": f"the service's own: {_DASHBOARD}",
            "dashboard_id": f"the service's own: {_DASHBOARD}",
            "etag": f"the service's own: {_DASHBOARD}",
            "lifecycle_state": "one in the trash is gone",
            "path": "its folder and its name",
            "update_time": f"the service's own: {_DASHBOARD}",
            "embed_credentials": f"another request shows what is published: {API}/lakeview/getpublished",
            "file_path": f"Terraform's own: {_DASHBOARD}",
        },
        alike={"parent_path": _folder, "serialized_dashboard": _drawn},
    ),
)
