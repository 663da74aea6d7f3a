"""Documents that belong to one workspace each, by their ids."""

from dataclasses import dataclass

from sandbox.context import Context
from sandbox.databricks.world.workspaces import here
from sandbox.store import Document


@dataclass(frozen=True, slots=True)
class WorkspaceDocuments:
    """All documents of one kind; a request sees those of its workspace."""

    kind: str

    def get(self, context: Context, document_id: str) -> Document | None:
        """The document of that id."""
        return context.store.get(self.kind, self._key(context, document_id))

    def all(self, context: Context) -> list[tuple[str, Document]]:
        """Every id with its document."""
        prefix = self._key(context, "")
        return [(key[len(prefix) :], document) for key, document in context.store.all(self.kind, prefix=prefix)]

    def put(self, context: Context, document_id: str, document: Document) -> None:
        """Write a document."""
        context.store.put(self.kind, self._key(context, document_id), document)

    def delete(self, context: Context, document_id: str) -> None:
        """Remove a document."""
        context.store.delete(self.kind, self._key(context, document_id))

    def _key(self, context: Context, document_id: str) -> str:
        return f"{here(context).id}/{document_id}"
