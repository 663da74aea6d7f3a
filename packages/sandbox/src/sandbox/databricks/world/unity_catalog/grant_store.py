"""What was granted on Unity Catalog's securables: privileges by principal id."""

from collections.abc import Iterable

from sandbox.store import Store

_KIND = "databricks.grants"


def grants_on(store: Store, key: str) -> dict[str, list[str]]:
    """The direct grants on a securable, named "<type>/<full name>"."""
    return dict((store.get(_KIND, key) or {}).get("privileges", {}))


def change(store: Store, key: str, principal_id: str, *, add: Iterable[str], remove: Iterable[str]) -> None:
    """Add and take away privileges of one principal; somebody without privileges leaves no trace."""
    grants = grants_on(store, key)
    held = sorted((set(grants.get(principal_id, ())) | set(add)) - set(remove))
    _write(store, key, {**grants, principal_id: held})


def drop(store: Store, key: str) -> None:
    """Remove all grants on a securable that is no more."""
    store.delete(_KIND, key)


def forget(store: Store, principal_id: str) -> None:
    """Remove every grant to a principal."""
    for key, document in store.all(_KIND):
        if principal_id in document["privileges"]:
            _write(store, key, {**document["privileges"], principal_id: []})


def _write(store: Store, key: str, grants: dict[str, list[str]]) -> None:
    kept = {principal_id: held for principal_id, held in grants.items() if held}
    if kept:
        store.put(_KIND, key, {"privileges": kept})
    else:
        store.delete(_KIND, key)
