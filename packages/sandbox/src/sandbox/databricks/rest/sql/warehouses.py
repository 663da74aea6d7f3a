"""`/sql/warehouses`: warehouses that run nothing (https://docs.databricks.com/api/workspace/warehouses)."""

from sandbox.databricks.rest.bodies import body, required
from sandbox.databricks.world.access import object_access
from sandbox.databricks.world.access.object_access import CAN_VIEW, AccessObject
from sandbox.databricks.world.identity import principals
from sandbox.databricks.world.refusals import InvalidError
from sandbox.databricks.world.sql import warehouses
from sandbox.databricks.world.workspaces import here
from sandbox.route import Call
from sandbox.source import databricks_api
from sandbox.store import Document

_SOURCE = databricks_api("workspace/warehouses/create")

# What a request says of a warehouse; what else it has, the service says.
_SETTINGS = (
    "auto_stop_mins",
    "channel",
    "cluster_size",
    "enable_photon",
    "enable_serverless_compute",
    "instance_profile_arn",
    "max_num_clusters",
    "min_num_clusters",
    "name",
    "spot_instance_policy",
    "tags",
    "warehouse_type",
)
# The defaults that databricks.sdk.service.sql names (CreateWarehouseRequest).
_DEFAULTS: Document = {
    "auto_stop_mins": 120,
    "channel": {"name": "CHANNEL_NAME_CURRENT"},
    "enable_photon": True,
    "enable_serverless_compute": False,
    "max_num_clusters": 1,
    "min_num_clusters": 1,
    "spot_instance_policy": "COST_OPTIMIZED",
    "warehouse_type": "CLASSIC",
}
_SHORTEST_STOP_MINS = 10


def create_warehouse(call: Call) -> Document:
    """Make one, which runs at once."""
    required(call, "name", str)
    required(call, "cluster_size", str)
    return {"id": warehouses.create(call, _checked({**_DEFAULTS, **_settings(call)}))}


def list_warehouses(call: Call) -> Document:
    """Those that the caller may see."""
    return {
        "warehouses": [
            _shown(call, warehouse_id, document)
            for warehouse_id, document in warehouses.all_warehouses(call)
            if object_access.may(call, CAN_VIEW, warehouses.access(call, warehouse_id))
        ]
    }


def get_warehouse(call: Call) -> Document:
    """One."""
    warehouse_id = call.params["id"]
    return _shown(call, warehouse_id, warehouses.require(call, warehouse_id))


def edit_warehouse(call: Call) -> None:
    """Change what the request names; the rest stays."""
    warehouses.change(call, call.params["id"], lambda held: _checked({**held, **_settings(call)}))


def start_warehouse(call: Call) -> None:
    """Start one."""
    warehouses.change(call, call.params["id"], lambda held: {**held, "state": "RUNNING"})


def stop_warehouse(call: Call) -> None:
    """Stop one; its settings stay."""
    warehouses.change(call, call.params["id"], lambda held: {**held, "state": "STOPPED"})


def delete_warehouse(call: Call) -> None:
    """Remove one."""
    warehouses.delete(call, call.params["id"])


def list_data_sources(call: Call) -> list[Document]:
    """What queries name instead of warehouses: one for each."""
    return [
        {"id": f"ds-{warehouse_id}", "name": document["name"], "warehouse_id": warehouse_id, "type": "databricks"}
        for warehouse_id, document in warehouses.all_warehouses(call)
        if object_access.may(call, CAN_VIEW, warehouses.access(call, warehouse_id))
    ]


def access(call: Call) -> AccessObject:
    """The warehouse that the path names, as access lists know it."""
    return warehouses.existing_access(call, call.params["id"])


def access_of_statement(call: Call) -> AccessObject:
    """The warehouse that a statement is to run on, as access lists know it."""
    return warehouses.existing_access(call, required(call, "warehouse_id", str))


def _settings(call: Call) -> Document:
    return {name: value for name, value in body(call).items() if name in _SETTINGS and value is not None}


def _checked(settings: Document) -> Document:
    """Refuse what does not go together (databricks.sdk.service.sql, CreateWarehouseRequest)."""
    minutes = settings["auto_stop_mins"]
    if minutes and minutes < _SHORTEST_STOP_MINS and not settings["enable_serverless_compute"]:
        raise InvalidError(f"auto_stop_mins must be 0 or at least {_SHORTEST_STOP_MINS}.", source=_SOURCE)
    if settings["enable_serverless_compute"] and settings["warehouse_type"] != "PRO":
        raise InvalidError("Serverless compute is supported by warehouses of type PRO only.", source=_SOURCE)
    return settings


def _shown(call: Call, warehouse_id: str, document: Document) -> Document:
    host = here(call).host
    creator = document.get("creator_id")
    return {
        **{name: value for name, value in document.items() if name != "creator_id"},
        "id": warehouse_id,
        "num_clusters": 1 if document["state"] == "RUNNING" else 0,
        "num_active_sessions": 0,
        "health": {"status": "HEALTHY"},
        "jdbc_url": f"jdbc:spark://{host}:443/default;httpPath=/sql/1.0/warehouses/{warehouse_id}",
        "odbc_params": {
            "hostname": host,
            "path": f"/sql/1.0/warehouses/{warehouse_id}",
            "port": 443,
            "protocol": "https",
        },
        **({"creator_name": principals.name_of(call.store, creator)} if creator else {}),
    }
