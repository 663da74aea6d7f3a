"""What a principal may do in a workspace apart from what it may do to objects."""

from collections.abc import Iterable

from sandbox.store import Store

KNOWN = (
    "allow-cluster-create",
    "allow-instance-pool-create",
    "databricks-sql-access",
    "workspace-access",
    "workspace-consume",
)
"""The entitlements that the Terraform provider 1.99 can read; on any other it fails (scim/scim.go:41-47)."""

ACCOUNT = "account"
"""The place of entitlements that were written at account level."""

_KIND = "databricks.entitlements"


def entitlements(store: Store, place: int | str, principal_id: str) -> list[str]:
    """What was given directly; what groups give is not repeated here."""
    return list((store.get(_KIND, f"{place}/{principal_id}") or {}).get("values", ()))


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
