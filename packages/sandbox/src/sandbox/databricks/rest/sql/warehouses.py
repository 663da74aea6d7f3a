"""`/sql/warehouses`: one per workspace, which everybody there may use (https://docs.databricks.com/api/workspace/warehouses)."""

from sandbox.databricks.world.sql import warehouses
from sandbox.databricks.world.workspaces import here
from sandbox.route import Call
from sandbox.store import Document


def list_warehouses(call: Call) -> Document:
    """The one that every new workspace has."""
    return {"warehouses": [_starter(call)]}


def get_warehouse(call: Call) -> Document:
    """One."""
    warehouses.require(call, call.params["id"])
    return _starter(call)


def _starter(call: Call) -> Document:
    return {
        "id": warehouses.starter_id(call),
        "name": "Serverless Starter Warehouse",
        "cluster_size": "Small",
        "warehouse_type": "PRO",
        "enable_serverless_compute": True,
        "state": "RUNNING",
        "auto_stop_mins": 10,
        "num_clusters": 1,
        "jdbc_url": f"jdbc:spark://{here(call).host}:443/default",
    }
