"""`/unity-catalog/tables/{name}/monitor`: quality monitors, which measure nothing and make no tables.

https://docs.databricks.com/api/workspace/qualitymonitors. The answer holds what was sent and what is computed: the
provider is of the plugin framework and fails on anything more (pluginfw/products/qualitymonitor).
"""

import uuid

from sandbox.databricks.rest.bodies import body, required
from sandbox.databricks.rest.limits import limit
from sandbox.databricks.rest.unity_catalog.requested import (
    wanted,
)
from sandbox.databricks.world.refusals import InvalidError, NotFoundError
from sandbox.databricks.world.unity_catalog import securables
from sandbox.databricks.world.unity_catalog.privileges import SecurableType
from sandbox.databricks.world.unity_catalog.securables import Securable
from sandbox.limits import Count, Quartz, TimeZone, limited
from sandbox.route import Call
from sandbox.source import databricks_sdk
from sandbox.store import Document

_SOURCE = databricks_sdk("databricks/sdk/service/catalog.py")

# Part of the request alone: MonitorInfo of the SDK has none of them.
_NOT_SHOWN = ("skip_builtin_dashboard", "warehouse_id", "table_name", "dashboard_id", "monitor_version", "status")
_KINDS = ("snapshot", "time_series", "inference_log")

_SDK = databricks_sdk("databricks/sdk/service/catalog.py")
_LIMITS = (
    limit("schedule.quartz_cron_expression", Quartz(), _SDK),
    limit("schedule.timezone_id", TimeZone(), _SDK),
    *(
        limit(f"notifications.{event}.email_addresses", Count(5, lambda n: f"user{n}@example.com"), _SDK)
        for event in ("on_failure", "on_new_classification_tag_detected")
    ),
)


@limited(*_LIMITS)
def create_monitor(call: Call) -> Document:
    """Make the table's monitor; it is active at once."""
    table = wanted(call, SecurableType.TABLE)
    required(call, "assets_dir", str)
    if _kept(call, table) is not None:
        raise InvalidError(f"Monitor for {table} already exists.", code="ALREADY_EXISTS", source=_SOURCE)
    return _write(call, table, {**_sent(call), "dashboard_id": uuid.uuid4().hex, "monitor_version": 0})


def get_monitor(call: Call) -> Document:
    """The table's monitor."""
    table = wanted(call, SecurableType.TABLE)
    return _shown(table, _existing(call, table))


@limited(*_LIMITS)
def replace_monitor(call: Call) -> Document:
    """Replace what the monitor is told; where its assets lie cannot be changed."""
    table = wanted(call, SecurableType.TABLE)
    old = _existing(call, table)
    kept = {"assets_dir": old["assets_dir"], "dashboard_id": old["dashboard_id"]}
    return _write(call, table, {**_sent(call), **kept, "monitor_version": old["monitor_version"] + 1})


def delete_monitor(call: Call) -> None:
    """Remove the table's monitor."""
    table = wanted(call, SecurableType.TABLE)
    _existing(call, table)
    securables.update(call, table, {"monitor": None})


def _sent(call: Call) -> Document:
    required(call, "output_schema_name", str)
    sent = {name: value for name, value in body(call).items() if value is not None and name not in _NOT_SHOWN}
    if sum(kind in sent for kind in _KINDS) != 1:
        raise InvalidError(f"A monitor needs exactly one of {', '.join(_KINDS)}.", source=_SOURCE)
    if schedule := sent.get("schedule"):
        sent["schedule"] = {"pause_status": "UNPAUSED", **schedule}
    return sent


def _write(call: Call, table: Securable, monitor: Document) -> Document:
    securables.update(call, table, {"monitor": monitor})
    return _shown(table, monitor)


def _shown(table: Securable, monitor: Document) -> Document:
    metrics = f"{monitor['output_schema_name']}.{table.name}"
    return {
        **monitor,
        "table_name": table.full_name,
        "status": "MONITOR_STATUS_ACTIVE",
        "drift_metrics_table_name": f"{metrics}_drift_metrics",
        "profile_metrics_table_name": f"{metrics}_profile_metrics",
    }


def _kept(call: Call, table: Securable) -> Document | None:
    monitor: Document | None = securables.require(call, table).get("monitor")
    return monitor


def _existing(call: Call, table: Securable) -> Document:
    monitor = _kept(call, table)
    if monitor is None:
        raise NotFoundError(f"Cannot find a monitor for {table}.", source=_SOURCE)
    return monitor
