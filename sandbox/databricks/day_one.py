"""What the account has before anybody deploys: admins, workspaces with their built-in groups, a metastore, catalogs."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import NAMESPACE_DNS, uuid5

from sandbox.clock import Clock
from sandbox.databricks import access_control, credentials, entitlements, membership, principals, securables
from sandbox.databricks.catalogs import make_catalog
from sandbox.databricks.principals import ACCOUNT_ADMIN, GROUP, SERVICE_PRINCIPAL, USER, Principal
from sandbox.databricks.schemas import make_schema
from sandbox.databricks.securables import securable
from sandbox.databricks.tables import make_table
from sandbox.store import Store
from sandbox.world import World
from unity_catalog import SecurableType

ADMIN_USER = "platform-admin@example.com"
ADMIN_SERVICE_PRINCIPAL = "platform-admin"

_EVERYBODYS_ENTITLEMENTS = ("databricks-sql-access", "workspace-access")
"""What the group `users` of a new workspace has."""


@dataclass(frozen=True, slots=True)
class CatalogOnDayOne:
    """A catalog that exists already. Schemas are named without it, tables with all three parts."""

    name: str
    schemas: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()


def seed(
    store: Store,
    world: World,
    clock: Clock,
    *,
    admin_client_id: str,
    admin_client_secret: str,
    catalogs: Iterable[CatalogOnDayOne] = (),
    groups: Iterable[str] = (),
) -> None:
    """Make it; the catalogs belong to the admin that the client id names, who is a member of all `groups` as well."""
    credentials.make_signing_key(store)
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
    for name in groups:
        group = principals.create(store, None, GROUP, {"displayName": name, "members": []})
        membership.add_member(store, group, admin.id)
    for workspace in world.workspaces:
        _furnish(store, workspace.id, admins=(admin, human))
    metastore = securable(SecurableType.METASTORE, str(uuid5(NAMESPACE_DNS, f"metastore.{world.account_id}")))
    about = {"name": "metastore-aws-us-west-2", "cloud": "aws", "region": "us-west-2"}
    securables.insert(store, clock, metastore, creator=admin, fields=about)
    for catalog in catalogs:
        _stock(store, clock, catalog, owner=admin)


def admit(
    store: Store, world: World, clock: Clock, *, user_name: str, catalogs: Iterable[CatalogOnDayOne]
) -> Principal:
    """A person with a place in every workspace; catalogs that nobody has made are theirs."""
    user = principals.named(store, user_name, USER) or principals.create(
        store, None, USER, {"userName": user_name, "displayName": user_name, "active": True}
    )
    for workspace in world.workspaces:
        if membership.level(store, workspace.id, user.id) is None:
            membership.assign(store, workspace.id, user.id, [membership.MEMBER])
    for catalog in catalogs:
        if securables.load(store, securable(SecurableType.CATALOG, catalog.name)) is None:
            _stock(store, clock, catalog, owner=user)
    return user


def _furnish(store: Store, workspace_id: int, *, admins: Iterable[Principal]) -> None:
    users = _make_group(store, membership.USERS, workspace_id)
    _make_group(store, membership.ADMINS, workspace_id)
    entitlements.set_entitlements(store, workspace_id, users.id, _EVERYBODYS_ENTITLEMENTS)
    access_control.set_levels(store, workspace_id, access_control.TOKENS, {users.id: access_control.CAN_USE})
    for admin in admins:
        membership.assign(store, workspace_id, admin.id, [membership.ADMIN])


def _stock(store: Store, clock: Clock, wanted: CatalogOnDayOne, *, owner: Principal) -> None:
    catalog = make_catalog(store, clock, wanted.name, creator=owner, fields={})
    tables = [securable(SecurableType.TABLE, full_name) for full_name in wanted.tables]
    named = [securable(SecurableType.SCHEMA, f"{catalog.full_name}.{name}") for name in wanted.schemas]
    for schema in dict.fromkeys([*named, *(table.containers[1] for table in tables)]):
        if securables.load(store, schema) is None:
            make_schema(store, clock, schema, creator=owner, fields={})
    for table in tables:
        make_table(store, clock, table, creator=owner)


def _make_group(store: Store, name: str, workspace_id: int | None = None) -> Principal:
    document = {"displayName": name, "system": name}
    return principals.create(
        store, None, GROUP, document if workspace_id is None else {**document, "workspace_id": workspace_id}
    )
