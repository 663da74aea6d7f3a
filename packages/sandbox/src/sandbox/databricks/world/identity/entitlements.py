"""What a principal may do in a workspace apart from what it may do to objects."""

from collections.abc import Iterable

from sandbox.databricks.world.identity import membership
from sandbox.store import Store

CLUSTER_CREATION = "allow-cluster-create"
SQL_ACCESS = "databricks-sql-access"
WORKSPACE_ACCESS = "workspace-access"

CONSUMER_ACCESS = "workspace-consume"

KNOWN = (CLUSTER_CREATION, "allow-instance-pool-create", SQL_ACCESS, WORKSPACE_ACCESS, CONSUMER_ACCESS)
"""The entitlements that the Terraform provider 1.99 can read; on any other it fails (scim/scim.go:41-47)."""

OPENING = (SQL_ACCESS, WORKSPACE_ACCESS, CONSUMER_ACCESS)
"""One of these opens the workspace's API at all."""

ACCOUNT = "account"
"""The place of entitlements that were written at account level."""

_KIND = "databricks.entitlements"


def entitlements(store: Store, place: int | str, principal_id: str) -> list[str]:
    """What was given directly; what groups give is not repeated here."""
    return list((store.get(_KIND, f"{place}/{principal_id}") or {}).get("values", ()))


def held(store: Store, workspace_id: int, principal_id: str) -> frozenset[str]:
    """What a principal is entitled to in a workspace, by itself or through groups; admins to everything."""
    if membership.level(store, workspace_id, principal_id) == membership.ADMIN:
        return frozenset(KNOWN)
    identities = {principal_id, *membership.groups_of(store, principal_id, workspace_id)}
    return frozenset(value for identity in identities for value in entitlements(store, workspace_id, identity))


def set_entitlements(store: Store, place: int | str, principal_id: str, values: Iterable[str]) -> None:
    """Replace what was given directly."""
    key, wanted = f"{place}/{principal_id}", list(dict.fromkeys(values))
    if wanted:
        store.put(_KIND, key, {"values": wanted})
    else:
        store.delete(_KIND, key)


def forget(store: Store, principal_id: str, place: int | str | None = None) -> None:
    """Remove the entitlements of a principal: in one workspace, or everywhere."""
    for key, _ in store.all(_KIND):
        where, _, who = key.partition("/")
        if who == principal_id and (place is None or where == str(place)):
            store.delete(_KIND, key)
