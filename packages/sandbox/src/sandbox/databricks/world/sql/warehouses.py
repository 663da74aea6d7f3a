"""SQL warehouses that run nothing: the one that every new workspace has, and those that were made there."""

import hashlib
import secrets
from collections.abc import Callable

from sandbox.context import Context
from sandbox.databricks.world.access import object_access
from sandbox.databricks.world.access.object_access import CAN_USE, IS_OWNER, WAREHOUSE, AccessObject
from sandbox.databricks.world.identity import membership
from sandbox.databricks.world.refusals import ConflictError, NotFoundError
from sandbox.databricks.world.workspace_documents import WorkspaceDocuments
from sandbox.databricks.world.workspaces import here
from sandbox.source import databricks_api
from sandbox.store import Document

_SOURCE = databricks_api("workspace/warehouses")
_WAREHOUSES = WorkspaceDocuments("databricks.sql_warehouse")
_STARTER_NAME = "Serverless Starter Warehouse"


def starter_id(context: Context) -> str:
    """The id of the warehouse that every new workspace has."""
    return hashlib.sha256(f"warehouse of {here(context).id}".encode()).hexdigest()[:16]


def create(context: Context, settings: Document) -> str:
    """Make a warehouse, which runs at once and belongs to its maker; its id."""
    _check_name(context, settings["name"])
    warehouse_id = secrets.token_hex(8)
    _WAREHOUSES.put(context, warehouse_id, {**settings, "creator_id": context.caller.id, "state": "RUNNING"})
    object_access.set_entries(context, access(context, warehouse_id), {context.caller.id: IS_OWNER})
    return warehouse_id


def require(context: Context, warehouse_id: str) -> Document:
    """The settings of the warehouse of that id, with its state."""
    if warehouse_id == starter_id(context):
        return {
            "name": _STARTER_NAME,
            "cluster_size": "Small",
            "warehouse_type": "PRO",
            "enable_serverless_compute": True,
            "auto_stop_mins": 10,
            "state": "RUNNING",
        }
    document = _WAREHOUSES.get(context, warehouse_id)
    if document is None:
        raise NotFoundError(f"SQL warehouse {warehouse_id} does not exist.", source=_SOURCE)
    return document


def all_warehouses(context: Context) -> list[tuple[str, Document]]:
    """Every warehouse of the workspace, by id."""
    starter = starter_id(context)
    return [(starter, require(context, starter)), *_WAREHOUSES.all(context)]


def change(context: Context, warehouse_id: str, changed: Callable[[Document], Document]) -> None:
    """Write a warehouse anew."""
    document = changed(require(context, warehouse_id))
    _check_name(context, document["name"], warehouse_id)
    _WAREHOUSES.put(context, warehouse_id, document)


def delete(context: Context, warehouse_id: str) -> None:
    """Remove a warehouse with its access list."""
    require(context, warehouse_id)
    object_access.set_entries(context, access(context, warehouse_id), {})
    _WAREHOUSES.delete(context, warehouse_id)


def access(context: Context, warehouse_id: str) -> AccessObject:
    """A warehouse as access lists know it; everybody may use the one that the workspace came with."""
    users = membership.built_in_group(context.store, here(context).id, membership.USERS)
    given = {users: CAN_USE} if users and warehouse_id == starter_id(context) else {}
    return AccessObject(WAREHOUSE, warehouse_id, given=given)


def existing_access(context: Context, warehouse_id: str) -> AccessObject:
    """A warehouse as access lists know it; refused when there is none of that id."""
    require(context, warehouse_id)
    return access(context, warehouse_id)


def _check_name(context: Context, name: str, own_id: str = "") -> None:
    """Names are "unique within an org" (databricks.sdk.service.sql, CreateWarehouseRequest)."""
    if any(document["name"] == name and one != own_id for one, document in all_warehouses(context)):
        raise ConflictError(f"SQL warehouse with name `{name}` already exists", source=_SOURCE)
