"""SQL warehouses: one per workspace, which everybody there may use."""

import hashlib

from sandbox.context import Context
from sandbox.databricks.world.refusals import NotFoundError
from sandbox.databricks.world.workspaces import here
from sandbox.source import databricks_api

_SOURCE = databricks_api("workspace/warehouses")


def starter_id(context: Context) -> str:
    """The id of the warehouse that every new workspace has."""
    return hashlib.sha256(f"warehouse of {here(context).id}".encode()).hexdigest()[:16]


def require(context: Context, warehouse_id: str) -> None:
    """Refuse when there is no such warehouse in the workspace."""
    if warehouse_id != starter_id(context):
        raise NotFoundError(f"SQL warehouse {warehouse_id} does not exist.", source=_SOURCE)
