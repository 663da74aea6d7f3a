"""Models of the workspace's own registry, by name, without versions."""

import secrets

from sandbox.context import Context
from sandbox.databricks.world.access import object_access
from sandbox.databricks.world.access.object_access import CAN_MANAGE, WORKSPACE_MODEL, AccessObject
from sandbox.databricks.world.refusals import ConflictError, NotFoundError
from sandbox.databricks.world.workspace_documents import WorkspaceDocuments
from sandbox.source import databricks_api
from sandbox.store import Document

_SOURCE = databricks_api("workspace/modelregistry")

_MODELS = WorkspaceDocuments("databricks.workspace_model")


def create(context: Context, name: str, fields: Document) -> Document:
    """Make a model; its maker manages it."""
    if _MODELS.get(context, name) is not None:
        raise ConflictError(f"Registered Model (name={name}) already exists.", source=_SOURCE)
    now = context.clock.milliseconds()
    stamps = {"creation_timestamp": now, "last_updated_timestamp": now, "user_id": context.caller.name}
    document = {**fields, **stamps, "name": name, "id": secrets.token_hex(16)}
    _MODELS.put(context, name, document)
    object_access.set_entries(context, access(document), {context.caller.id: CAN_MANAGE})
    return document


def require(context: Context, name: str) -> Document:
    """The model of that name."""
    document = _MODELS.get(context, name)
    if document is None:
        raise NotFoundError(f"RegisteredModel '{name}' does not exist. It might have been deleted.", source=_SOURCE)
    return document


def all_models(context: Context) -> list[Document]:
    """Every model of the workspace."""
    return [document for _, document in _MODELS.all(context)]


def save(context: Context, document: Document) -> Document:
    """Write a model back."""
    _MODELS.put(context, document["name"], document)
    return document


def delete(context: Context, document: Document) -> None:
    """Remove a model with its access list."""
    object_access.set_entries(context, access(document), {})
    _MODELS.delete(context, document["name"])


def access(document: Document) -> AccessObject:
    """A model as access lists know it, which is by its id."""
    return AccessObject(WORKSPACE_MODEL, str(document["id"]))


def existing_access(context: Context, model_id: str) -> AccessObject:
    """A model as access lists know it; refused when there is none of that id."""
    for document in all_models(context):
        if document["id"] == model_id:
            return access(document)
    raise NotFoundError(f"RegisteredModel with id {model_id} does not exist.", source=_SOURCE)
