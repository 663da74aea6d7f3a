"""Which metastore each workspace has, if any: one metastore serves many workspaces, a workspace has one at most."""

from sandbox.store import Document, Store

_KIND = "databricks.metastore_assignment"


def assignment(store: Store, workspace_id: int) -> Document | None:
    """The metastore of a workspace and its default catalog there."""
    return store.get(_KIND, str(workspace_id))


def metastore_of(store: Store, workspace_id: int) -> str | None:
    """The id of the metastore that a workspace has."""
    found = assignment(store, workspace_id)
    return None if found is None else str(found["metastore_id"])


def workspaces_of(store: Store, metastore_id: str) -> list[int]:
    """The workspaces that have the metastore."""
    return [int(key) for key, found in store.all(_KIND) if found["metastore_id"] == metastore_id]


def assign(store: Store, workspace_id: int, metastore_id: str, default_catalog: str | None = None) -> None:
    """Give a workspace its metastore, in place of the one it may have."""
    named = {"default_catalog_name": default_catalog} if default_catalog else {}
    store.put(_KIND, str(workspace_id), {"metastore_id": metastore_id, **named})


def unassign(store: Store, workspace_id: int) -> None:
    """Leave a workspace without a metastore."""
    store.delete(_KIND, str(workspace_id))
