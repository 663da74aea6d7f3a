"""What the account has before anybody deploys: admins, workspaces with their built-in groups, a metastore, catalogs."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from sandbox.clock import Clock
from sandbox.databricks import access_control, credentials, entitlements, membership, principals
from sandbox.databricks.principals import ACCOUNT_ADMIN, GROUP, SERVICE_PRINCIPAL, USER, Principal
from sandbox.store import Store
from sandbox.world import World

ADMIN_USER = "platform-admin@example.com"
ADMIN_SERVICE_PRINCIPAL = "platform-admin"

_EVERYBODYS_ENTITLEMENTS = ("databricks-sql-access", "workspace-access")
"""What the group `users` of a new workspace has."""


@dataclass(frozen=True, slots=True)
class CatalogOnDayOne:
    """A catalog that exists already. Schemas are named without it, tables with all three parts."""

    name: str
    schemas: tuple[str, ...] = ()
    tables: tuple[str, ...] = field(default=())


def seed(
    store: Store,
    world: World,
    clock: Clock,
    *,
    admin_client_id: str,
    admin_client_secret: str,
    catalogs: Iterable[CatalogOnDayOne] = (),
) -> None:
    """Make it; the catalogs belong to the admin that the client id names."""
    _make_group(store, membership.ACCOUNT_USERS)
    admin = principals.create(
        store,
        None,
        SERVICE_PRINCIPAL,
        {
            "applicationId": admin_client_id,
            "displayName": ADMIN_SERVICE_PRINCIPAL,
            "active": True,
            "roles": [ACCOUNT_ADMIN],
        },
    )
    credentials.issue_secret(store, clock, owner_id=admin.id, lifetime=None, value=admin_client_secret)
    human = principals.create(
        store,
        None,
        USER,
        {"userName": ADMIN_USER, "displayName": "Platform Admin", "active": True, "roles": [ACCOUNT_ADMIN]},
    )
    for workspace in world.workspaces:
        _furnish(store, workspace.id, admins=(admin, human))


def _furnish(store: Store, workspace_id: int, *, admins: Iterable[Principal]) -> None:
    users = _make_group(store, membership.USERS, workspace_id)
    _make_group(store, membership.ADMINS, workspace_id)
    entitlements.set_entitlements(store, workspace_id, users.id, _EVERYBODYS_ENTITLEMENTS)
    access_control.set_levels(store, workspace_id, access_control.TOKENS, {users.id: access_control.CAN_USE})
    for admin in admins:
        membership.assign(store, workspace_id, admin.id, [membership.ADMIN])


def _make_group(store: Store, name: str, workspace_id: int | None = None) -> Principal:
    document = {"displayName": name, "system": name}
    return principals.create(
        store, None, GROUP, document if workspace_id is None else {**document, "workspace_id": workspace_id}
    )
