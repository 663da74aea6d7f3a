"""`/sql/warehouses`: one per workspace, which everybody there may use (https://docs.databricks.com/api/workspace/warehouses)."""

import hashlib

from sandbox.databricks.refusals import NotFoundError
from sandbox.databricks.workspaces import here
from sandbox.route import Call
from sandbox.store import Document
from sandbox.world import Workspace


def list_warehouses(call: Call) -> Document:
    """The one that every new workspace has."""
    return {"warehouses": [_starter(here(call))]}


def get_warehouse(call: Call) -> Document:
    """One."""
    require(call, call.params["id"])
    return _starter(here(call))


def require(call: Call, warehouse_id: str) -> None:
    """Refuse when there is no such warehouse in the workspace."""
    if warehouse_id != _starter(here(call))["id"]:
        raise NotFoundError(f"SQL warehouse {warehouse_id} does not exist.")


def _starter(workspace: Workspace) -> Document:
    return {
        "id": hashlib.sha256(f"warehouse of {workspace.id}".encode()).hexdigest()[:16],
        "name": "Serverless Starter Warehouse",
        "cluster_size": "Small",
        "warehouse_type": "PRO",
        "enable_serverless_compute": True,
        "state": "RUNNING",
        "auto_stop_mins": 10,
        "num_clusters": 1,
        "jdbc_url": f"jdbc:spark://{workspace.host}:443/default",
    }
