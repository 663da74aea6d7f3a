"""`/database/synced_tables`: tables that follow others (https://docs.databricks.com/api/workspace/database)."""

from dataclasses import dataclass

from sandbox.databricks.rest.answers import denied
from sandbox.databricks.rest.bodies import optional, required
from sandbox.databricks.rest.database.update_masks import masked
from sandbox.databricks.world.access import object_access
from sandbox.databricks.world.access.object_access import CAN_USE
from sandbox.databricks.world.database import catalogs, instances, synced_tables
from sandbox.databricks.world.refusals import InvalidError
from sandbox.databricks.world.unity_catalog import securables
from sandbox.databricks.world.unity_catalog.authorization import authorize
from sandbox.databricks.world.unity_catalog.privileges import Privilege, SecurableType
from sandbox.databricks.world.unity_catalog.securables import securable
from sandbox.route import Call
from sandbox.source import databricks_api
from sandbox.store import Document

_SOURCE = databricks_api("workspace/database/createsynceddatabasetable")

_CHANGEABLE = ("database_instance_name", "logical_database_name", "spec")
_POLICIES = ("CONTINUOUS", "SNAPSHOT", "TRIGGERED")


def create_synced_table(call: Call) -> Document:
    """Make one, which follows from then on."""
    name = required(call, "name", str)
    synced_tables.create(
        call,
        name,
        instance=optional(call, "database_instance_name", str) or "",
        database=optional(call, "logical_database_name", str) or "",
        spec=_spec(call),
    )
    return _shown(call, name)


def get_synced_table(call: Call) -> Document:
    """One."""
    return _shown(call, call.params["name"])


def update_synced_table(call: Call) -> Document:
    """Replace what the mask of the query names; where it lies stays."""
    name = call.params["name"]
    changed = masked(call, {"spec": synced_tables.require(call, name)["spec"]}, _CHANGEABLE)
    _spec(call)
    synced_tables.change(call, name, changed["spec"])
    return _shown(call, name)


def delete_synced_table(call: Call) -> None:
    """Remove one from Unity Catalog."""
    synced_tables.delete(call, call.params["name"])


@dataclass(frozen=True, slots=True)
class MaySync:
    """CREATE_TABLE on the schema, SELECT on the source, CAN_USE on the instance.

    https://docs.databricks.com/aws/en/oltp/instances/sync-data/sync-table
    """

    def check(self, call: Call) -> None:
        """Refuse with 403; with 404 where one of them does not exist."""
        table = synced_tables.securable_of(call, required(call, "name", str))
        catalog, schema = table.containers
        shown = catalogs.find(call, catalog.full_name)
        if shown is None or securables.load(call.store, schema) is not None:
            securables.require(call, schema)
            authorize(call.store, call.caller, Privilege.CREATE_TABLE, schema)
        source = securable(call, SecurableType.TABLE, str(_spec(call).get("source_table_full_name", "")))
        securables.require(call, source)
        authorize(call.store, call.caller, Privilege.SELECT, source)
        instance = shown["database_instance_name"] if shown else optional(call, "database_instance_name", str) or ""
        target = instances.existing_access(call, instance)
        if not object_access.may(call, CAN_USE, target):
            raise denied(
                call, f"User {call.caller.name} does not have {CAN_USE} permissions on {target}", source=_SOURCE
            )


def _spec(call: Call) -> Document:
    spec: Document = required(call, "spec", dict)
    if spec.get("scheduling_policy") not in _POLICIES:
        raise InvalidError(f"A synced table needs a scheduling_policy: {', '.join(_POLICIES)}.", source=_SOURCE)
    if not spec.get("primary_key_columns"):
        raise InvalidError("A synced table needs primary_key_columns.", source=_SOURCE)
    return spec


def _shown(call: Call, name: str) -> Document:
    synced = synced_tables.require(call, name)
    return {
        "name": name,
        "spec": synced["spec"],
        "effective_database_instance_name": synced["instance"],
        "effective_logical_database_name": synced["database"],
        "data_synchronization_status": {
            "detailed_state": "SYNCED_TABLE_ONLINE_NO_PENDING_UPDATE",
            "message": "Synced table is online.",
            "pipeline_id": synced["pipeline_id"],
        },
        "unity_catalog_provisioning_state": "ACTIVE",
    }
