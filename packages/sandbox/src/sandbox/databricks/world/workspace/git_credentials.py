"""With what the jobs of somebody reach private repositories; of the token a digest is kept."""

from sandbox.context import Context
from sandbox.databricks.world.refusals import NotFoundError
from sandbox.databricks.world.workspace_documents import WorkspaceDocuments
from sandbox.source import databricks_api
from sandbox.store import Document, Store

_SOURCE = databricks_api("workspace/gitcredentials")

_CREDENTIALS = WorkspaceDocuments("databricks.git_credential")
_FIRST_ID = 610_000_001


def create(context: Context, fields: Document) -> str:
    """Make a credential of the caller's own; its id."""
    credential_id = str(context.store.next("databricks.git_credential", first=_FIRST_ID))
    _CREDENTIALS.put(context, credential_id, {"owner_id": context.caller.id, **fields})
    return credential_id


def own(context: Context, principal_id: str) -> list[tuple[str, Document]]:
    """The credentials of a principal in this workspace, by id."""
    return [entry for entry in _CREDENTIALS.all(context) if entry[1]["owner_id"] == principal_id]


def require(context: Context, credential_id: str) -> Document:
    """The caller's own credential of that id."""
    for own_id, document in own(context, context.caller.id):
        if own_id == credential_id:
            return document
    raise NotFoundError(f"Git credential with id {credential_id} does not exist.", source=_SOURCE)


def held(context: Context, principal_id: str, provider: str) -> bool:
    """Whether a principal has a credential for a Git provider."""
    return any(document["git_provider"].lower() == provider.lower() for _, document in own(context, principal_id))


def save(context: Context, credential_id: str, document: Document) -> None:
    """Write a credential back."""
    _CREDENTIALS.put(context, credential_id, document)


def delete(context: Context, credential_id: str) -> None:
    """Remove a credential."""
    require(context, credential_id)
    _CREDENTIALS.delete(context, credential_id)


def forget(store: Store, principal_id: str) -> None:
    """Remove a principal's credentials everywhere."""
    for key, document in store.all(_CREDENTIALS.kind):
        if document["owner_id"] == principal_id:
            store.delete(_CREDENTIALS.kind, key)
