"""Access lists of workspace objects: who has which permission level on what."""

from collections.abc import Iterable, Mapping

from sandbox.databricks.world.identity import membership
from sandbox.store import Store

CAN_USE, CAN_MANAGE = "CAN_USE", "CAN_MANAGE"
TOKENS = "authorization/tokens"
"""The object whose CAN_USE lets somebody have personal access tokens."""

_KIND = "databricks.access_control"


def levels(store: Store, workspace_id: int, object_name: str) -> dict[str, str]:
    """The direct entries of an object's list: permission levels by principal id."""
    return dict((store.get(_KIND, f"{workspace_id}/{object_name}") or {}).get("levels", {}))


def set_levels(store: Store, workspace_id: int, object_name: str, entries: Mapping[str, str]) -> None:
    """Replace an object's list."""
    key = f"{workspace_id}/{object_name}"
    if entries:
        store.put(_KIND, key, {"levels": dict(entries)})
    else:
        store.delete(_KIND, key)


def held(store: Store, workspace_id: int, object_name: str, principal_id: str) -> frozenset[str]:
    """The levels that a principal has on an object, by itself or through groups; admins manage everything."""
    return held_among(store, workspace_id, [levels(store, workspace_id, object_name)], principal_id)


def held_among(
    store: Store, workspace_id: int, lists: Iterable[Mapping[str, str]], principal_id: str
) -> frozenset[str]:
    """The levels that several lists give to a principal: those of an object, and those that it inherits."""
    identities = {principal_id, *membership.groups_of(store, principal_id, workspace_id)}
    found = {entries[identity] for entries in lists for identity in identities if identity in entries}
    if membership.level(store, workspace_id, principal_id) == membership.ADMIN:
        found.add(CAN_MANAGE)
    return frozenset(found)


def may_use_tokens(store: Store, workspace_id: int, principal_id: str) -> bool:
    """Whether somebody may have personal access tokens in a workspace.

    https://docs.databricks.com/aws/en/security/auth/api-access-permissions
    """
    return bool(held(store, workspace_id, TOKENS, principal_id))


def forget(store: Store, principal_id: str) -> None:
    """Remove a principal from every list."""
    for key, document in store.all(_KIND):
        if principal_id in document["levels"]:
            workspace_id, _, object_name = key.partition("/")
            rest = {identity: held for identity, held in document["levels"].items() if identity != principal_id}
            set_levels(store, int(workspace_id), object_name, rest)
