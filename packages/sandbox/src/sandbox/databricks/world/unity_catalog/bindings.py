"""Which workspaces a catalog, known by its address, is bound to; it matters while the catalog is isolated."""

from collections.abc import Mapping

from sandbox.store import Store

READ_WRITE, READ_ONLY = "BINDING_TYPE_READ_WRITE", "BINDING_TYPE_READ_ONLY"

_KIND = "databricks.bindings"


def workspaces(store: Store, catalog: str) -> dict[int, str]:
    """The bound workspaces with the kind of their binding."""
    held = (store.get(_KIND, catalog) or {}).get("workspaces", {})
    return {int(workspace_id): kind for workspace_id, kind in held.items()}


def bind(store: Store, catalog: str, wanted: Mapping[int, str]) -> None:
    """Replace the bindings of a catalog."""
    if wanted:
        store.put(_KIND, catalog, {"workspaces": {str(workspace_id): kind for workspace_id, kind in wanted.items()}})
    else:
        drop(store, catalog)


def drop(store: Store, catalog: str) -> None:
    """Remove every binding of a catalog."""
    store.delete(_KIND, catalog)
