"""Database instances that hold nothing."""

import uuid
from collections.abc import Mapping
from typing import Any

from sandbox.context import Context
from sandbox.databricks.world.access import object_access
from sandbox.databricks.world.access.object_access import CAN_MANAGE, DATABASE_INSTANCE, AccessObject
from sandbox.databricks.world.refusals import InvalidError, NotFoundError
from sandbox.databricks.world.workspace_documents import WorkspaceDocuments
from sandbox.source import databricks_api
from sandbox.store import Document

_SOURCE = databricks_api("workspace/database/getdatabaseinstance")

_INSTANCES = WorkspaceDocuments("databricks.database_instance")


def create(context: Context, name: str, fields: Mapping[str, Any]) -> None:
    """Make an instance; its maker manages it."""
    if _INSTANCES.get(context, name) is not None:
        raise InvalidError(
            f"Database instance name is not unique: {name}.", code="RESOURCE_ALREADY_EXISTS", source=_SOURCE
        )
    stamps = {"uid": str(uuid.uuid4()), "creator_id": context.caller.id, "creation_time": context.clock.rfc3339()}
    _INSTANCES.put(context, name, {**stamps, "fields": dict(fields)})
    object_access.set_entries(context, access(name), {context.caller.id: CAN_MANAGE})


def require(context: Context, name: str) -> Document:
    """The instance of that name."""
    document = _INSTANCES.get(context, name)
    if document is None:
        raise NotFoundError(f"Database instance '{name}' does not exist.", source=_SOURCE)
    return document


def all_instances(context: Context) -> list[tuple[str, Document]]:
    """Every instance of the workspace, by name."""
    return _INSTANCES.all(context)


def change(context: Context, name: str, fields: Mapping[str, Any]) -> None:
    """Replace what is said of an instance."""
    _INSTANCES.put(context, name, {**require(context, name), "fields": dict(fields)})


def delete(context: Context, name: str) -> None:
    """Remove an instance with its access list."""
    require(context, name)
    object_access.set_entries(context, access(name), {})
    _INSTANCES.delete(context, name)


def access(name: str) -> AccessObject:
    """An instance as access lists know it."""
    return AccessObject(DATABASE_INSTANCE, name)


def existing_access(context: Context, name: str) -> AccessObject:
    """An instance as access lists know it; refused when there is none of that name."""
    require(context, name)
    return access(name)
