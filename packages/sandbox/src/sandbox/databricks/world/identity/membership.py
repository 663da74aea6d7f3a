"""Who belongs to what: assignments to workspaces, members of groups, and the built-in groups that follow from both.

Every principal with a place in a workspace is in its group `users`, its admins also in `admins`, and everybody of the
account in `account users` (https://docs.databricks.com/aws/en/admin/users-groups/groups). Putting somebody into
`admins` is the same as assigning them as ADMIN.
"""

from collections.abc import Iterable

from sandbox.databricks.world.identity.principals import ACCOUNT_ADMIN, GROUP, Principal, get, of_kind, save
from sandbox.store import Store

ADMIN, MEMBER = "ADMIN", "USER"
USERS, ADMINS, ACCOUNT_USERS = "users", "admins", "account users"

_ASSIGNMENT = "databricks.assignment"


def assign(store: Store, workspace_id: int, principal_id: str, permissions: Iterable[str]) -> None:
    """Give a place in a workspace; ADMIN wins over USER, and neither takes the place away.

    `WorkspaceAssignmentAPI.update` of the SDK says both.
    """
    wanted = set(permissions)
    if level := next((permission for permission in (ADMIN, MEMBER) if permission in wanted), None):
        store.put(_ASSIGNMENT, f"{workspace_id}/{principal_id}", {"permissions": [level]})
    else:
        unassign(store, workspace_id, principal_id)


def unassign(store: Store, workspace_id: int, principal_id: str) -> None:
    """Take the place in a workspace away, and with it the places in the workspace's own groups."""
    store.delete(_ASSIGNMENT, f"{workspace_id}/{principal_id}")
    for group in of_kind(store, GROUP):
        if group.workspace_id == workspace_id and group.system is None:
            remove_member(store, group, principal_id)


def assignments(store: Store, workspace_id: int) -> dict[str, str]:
    """The principals that are assigned to a workspace by themselves, with their level."""
    prefix = f"{workspace_id}/"
    return {key[len(prefix) :]: document["permissions"][0] for key, document in store.all(_ASSIGNMENT, prefix=prefix)}


def level(store: Store, workspace_id: int, principal_id: str) -> str | None:
    """ADMIN, USER or None: what a principal is in a workspace, by itself or through groups of the account."""

    def found() -> str | None:
        assigned = assignments(store, workspace_id)
        held = {assigned.get(identity) for identity in (principal_id, *_account_groups(store, principal_id))}
        return ADMIN if ADMIN in held else MEMBER if MEMBER in held else None

    return store.conclude((level, workspace_id, principal_id), found)


def groups_of(store: Store, principal_id: str, workspace_id: int | None = None) -> frozenset[str]:
    """The ids of all groups that a principal is in, nested and built-in ones included.

    Groups that are local to a workspace count only when that workspace is named.
    """

    def found() -> frozenset[str]:
        inside = set(_account_groups(store, principal_id))
        here = level(store, workspace_id, principal_id) if workspace_id is not None else None
        for group in of_kind(store, GROUP):
            if group.system == ACCOUNT_USERS or (
                group.workspace_id == workspace_id
                and ((group.system == USERS and here) or (group.system == ADMINS and here == ADMIN))
            ):
                inside.add(group.id)
        return _closed(store, {principal_id, *inside}, workspace_id) - {principal_id}

    return store.conclude((groups_of, principal_id, workspace_id), found)


def members(store: Store, group: Principal) -> list[str]:
    """The ids of a group's direct members; for a built-in group those of the workspace."""
    if group.workspace_id is None or group.system is None:
        return list(group.document.get("members", ()))
    assigned = assignments(store, group.workspace_id)
    return [member for member, held in assigned.items() if group.system == USERS or held == ADMIN]


def built_in_group(store: Store, workspace_id: int, name: str) -> str | None:
    """The id of a workspace's group USERS or ADMINS."""
    groups = of_kind(store, GROUP)
    return next((one.id for one in groups if one.system == name and one.workspace_id == workspace_id), None)


def is_account_admin(store: Store, principal_id: str) -> bool:
    """Whether a principal administers the account, by itself or through groups."""
    held = (get(store, identity) for identity in {principal_id, *groups_of(store, principal_id)})
    return any(ACCOUNT_ADMIN in one.document.get("roles", ()) for one in held if one)


def add_member(store: Store, group: Principal, principal_id: str) -> None:
    """Put a principal into a group."""
    if group.workspace_id is not None and group.system is not None:
        held = assignments(store, group.workspace_id).get(principal_id)
        if group.system == ADMINS or held is None:
            assign(store, group.workspace_id, principal_id, [ADMIN if group.system == ADMINS else MEMBER])
    elif principal_id not in (now := members(store, group)):
        save(store, group, members=[*now, principal_id])


def remove_member(store: Store, group: Principal, principal_id: str) -> None:
    """Take a principal out of a group."""
    if principal_id not in (now := members(store, group)):
        return
    if group.workspace_id is not None and group.system is not None:
        assign(store, group.workspace_id, principal_id, [MEMBER] if group.system == ADMINS else [])
    else:
        save(store, group, members=[member for member in now if member != principal_id])


def forget(store: Store, principal_id: str) -> None:
    """Remove a principal from every workspace and group."""
    for key, _ in store.all(_ASSIGNMENT):
        if key.partition("/")[2] == principal_id:
            store.delete(_ASSIGNMENT, key)
    for group in of_kind(store, GROUP):
        if group.system is None:
            remove_member(store, group, principal_id)


def _account_groups(store: Store, principal_id: str) -> frozenset[str]:
    return store.conclude(
        (_account_groups, principal_id), lambda: _closed(store, {principal_id}, None) - {principal_id}
    )


def _closed(store: Store, identities: set[str], workspace_id: int | None) -> frozenset[str]:
    """The identities and every group around them."""
    closed = set(identities)
    groups = [group for group in of_kind(store, GROUP) if group.workspace_id in (None, workspace_id)]
    while True:
        around = {group.id for group in groups if closed.intersection(group.document.get("members", ()))}
        if around <= closed:
            return frozenset(closed)
        closed |= around
