"""Secret scopes: names with access lists. No secret is ever kept in them."""

from sandbox.context import Context
from sandbox.databricks.world.access import object_access
from sandbox.databricks.world.access.object_access import SECRET_SCOPE, AccessObject
from sandbox.databricks.world.refusals import ConflictError, NotFoundError
from sandbox.databricks.world.workspace_documents import WorkspaceDocuments
from sandbox.source import databricks_provider
from sandbox.store import Document

_SOURCE = databricks_provider("secrets/resource_secret_scope.go")

_SCOPES = WorkspaceDocuments("databricks.secret_scope")


def create(context: Context, name: str, document: Document, *, manager_id: str) -> None:
    """Make a scope that the principal manages."""
    if _SCOPES.get(context, name) is not None:
        raise ConflictError(f"Scope {name} already exists!", source=_SOURCE)
    _SCOPES.put(context, name, document)
    object_access.set_entries(context, access(name), {manager_id: object_access.MANAGE})


def require(context: Context, name: str) -> Document:
    """The scope of that name."""
    document = _SCOPES.get(context, name)
    if document is None:
        raise NotFoundError(f"Scope {name} does not exist!", source=_SOURCE)
    return document


def all_scopes(context: Context) -> list[tuple[str, Document]]:
    """Every scope of the workspace, by name."""
    return _SCOPES.all(context)


def delete(context: Context, name: str) -> None:
    """Remove a scope with its access list."""
    require(context, name)
    object_access.set_entries(context, access(name), {})
    _SCOPES.delete(context, name)


def access(name: str) -> AccessObject:
    """A scope as access lists know it."""
    return AccessObject(SECRET_SCOPE, name)
