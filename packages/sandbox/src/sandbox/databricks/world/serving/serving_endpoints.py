"""Endpoints that serve nothing, by name."""

import secrets
from collections.abc import Callable

from sandbox.context import Context
from sandbox.databricks.world.access import object_access
from sandbox.databricks.world.access.object_access import CAN_MANAGE, SERVING_ENDPOINT, AccessObject
from sandbox.databricks.world.refusals import ConflictError, NotFoundError
from sandbox.databricks.world.workspace_documents import WorkspaceDocuments
from sandbox.source import databricks_api
from sandbox.store import Document

_SOURCE = databricks_api("workspace/servingendpoints/get")

_ENDPOINTS = WorkspaceDocuments("databricks.serving_endpoint")


def create(context: Context, name: str, fields: Document) -> Document:
    """Make an endpoint, which is ready at once and managed by its maker."""
    if _ENDPOINTS.get(context, name) is not None:
        raise ConflictError(f"Endpoint with name '{name}' already exists.", source=_SOURCE)
    now = context.clock.milliseconds()
    stamps = {"creation_timestamp": now, "last_updated_timestamp": now, "creator_id": context.caller.id}
    document = {**fields, **stamps, "name": name, "id": secrets.token_hex(16)}
    _ENDPOINTS.put(context, name, document)
    object_access.set_entries(context, access(document), {context.caller.id: CAN_MANAGE})
    return document


def require(context: Context, name: str) -> Document:
    """The endpoint of that name."""
    document = _ENDPOINTS.get(context, name)
    if document is None:
        raise NotFoundError(f"Endpoint with name '{name}' does not exist.", source=_SOURCE)
    return document


def all_endpoints(context: Context) -> list[Document]:
    """Every endpoint of the workspace."""
    return [document for _, document in _ENDPOINTS.all(context)]


def change(context: Context, name: str, changed: Callable[[Document], Document]) -> Document:
    """Write an endpoint anew."""
    document = {**changed(require(context, name)), "last_updated_timestamp": context.clock.milliseconds()}
    _ENDPOINTS.put(context, name, document)
    return document


def delete(context: Context, name: str) -> None:
    """Remove an endpoint with its access list."""
    object_access.set_entries(context, access(require(context, name)), {})
    _ENDPOINTS.delete(context, name)


def access(document: Document) -> AccessObject:
    """An endpoint as access lists know it, which is by its id."""
    return AccessObject(SERVING_ENDPOINT, str(document["id"]))


def existing_access(context: Context, endpoint_id: str) -> AccessObject:
    """An endpoint as access lists know it; refused when there is none of that id."""
    for document in all_endpoints(context):
        if document["id"] == endpoint_id:
            return access(document)
    raise NotFoundError(f"Endpoint with id '{endpoint_id}' does not exist.", source=_SOURCE)
