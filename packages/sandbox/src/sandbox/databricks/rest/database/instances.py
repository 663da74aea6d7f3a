"""`/database/instances` (https://docs.databricks.com/api/workspace/database); one is available at once."""

from sandbox.databricks.rest.bodies import body, required
from sandbox.databricks.rest.database.update_masks import masked
from sandbox.databricks.world.access.object_access import AccessObject
from sandbox.databricks.world.database import instances
from sandbox.databricks.world.identity import principals
from sandbox.databricks.world.refusals import InvalidError
from sandbox.databricks.world.workspaces import here
from sandbox.route import Call
from sandbox.source import databricks_api
from sandbox.store import Document

_SOURCE = databricks_api("workspace/database/createdatabaseinstance")

_SENT = (
    "capacity",
    "custom_tags",
    "enable_pg_native_login",
    "enable_readable_secondaries",
    "node_count",
    "parent_instance_ref",
    "retention_window_in_days",
    "stopped",
    "usage_policy_id",
)
_CAPACITIES = ("CU_1", "CU_2", "CU_4", "CU_8")
_DEFAULTS = {
    "capacity": "CU_1",
    "enable_pg_native_login": False,
    "enable_readable_secondaries": False,
    "node_count": 1,
    "retention_window_in_days": 7,
    "stopped": False,
}


def create_instance(call: Call) -> Document:
    """Make one."""
    name = required(call, "name", str)
    fields = {key: value for key in _SENT if (value := body(call).get(key)) is not None}
    _check(fields)
    instances.create(call, name, fields)
    return _shown(call, name)


def list_instances(call: Call) -> Document:
    """Those of the workspace, which everybody there sees."""
    return {"database_instances": [_shown(call, name) for name, _ in instances.all_instances(call)]}


def get_instance(call: Call) -> Document:
    """One."""
    return _shown(call, call.params["name"])


def update_instance(call: Call) -> Document:
    """Replace what the mask of the query names."""
    name = call.params["name"]
    fields = masked(call, instances.require(call, name)["fields"], _SENT)
    _check(fields)
    instances.change(call, name, fields)
    return _shown(call, name)


def delete_instance(call: Call) -> None:
    """Remove one; only with `purge`, since what it holds cannot be brought back."""
    if call.query.get("purge") != "true":
        raise InvalidError("Deleting a database instance requires purge=true.", source=_SOURCE)
    instances.delete(call, call.params["name"])


def access(call: Call) -> AccessObject:
    """The instance that the path names, as access lists know it."""
    return instances.existing_access(call, call.params["name"])


def _check(fields: Document) -> None:
    capacity = fields.get("capacity", "CU_1")
    if capacity not in _CAPACITIES:
        raise InvalidError(f"{capacity} is not a capacity: {', '.join(_CAPACITIES)}.", source=_SOURCE)


def _shown(call: Call, name: str) -> Document:
    document = instances.require(call, name)
    fields = document["fields"]
    effective = {f"effective_{key}": fields.get(key, value) for key, value in _DEFAULTS.items()}
    dns = f"instance-{document['uid']}"
    domain = here(call).host.partition(".")[2]
    shown: Document = {
        **fields,
        **effective,
        "name": name,
        "uid": document["uid"],
        "creator": principals.name_of(call.store, document["creator_id"]),
        "creation_time": document["creation_time"],
        "pg_version": "PG_VERSION_16",
        "read_write_dns": f"{dns}.database.{domain}",
        "state": "STOPPED" if fields.get("stopped") else "AVAILABLE",
    }
    if fields.get("enable_readable_secondaries"):
        shown["read_only_dns"] = f"{dns}-ro.database.{domain}"
    return {**shown, "effective_custom_tags": fields["custom_tags"]} if fields.get("custom_tags") else shown
