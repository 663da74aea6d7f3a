"""What the account has before anybody deploys: admins, workspaces with their built-in groups, a metastore, catalogs.

Or next to nothing of that: an account as it is opened.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import NAMESPACE_DNS, uuid5

from sandbox.clock import Clock
from sandbox.databricks.world.access import access_control
from sandbox.databricks.world.identity import credentials, entitlements, membership, principals
from sandbox.databricks.world.identity.principals import ACCOUNT_ADMIN, GROUP, SERVICE_PRINCIPAL, USER, Principal
from sandbox.databricks.world.unity_catalog import assigned_metastores, securables
from sandbox.databricks.world.unity_catalog.new_securables import (
    cloud_of,
    make_catalog,
    make_metastore,
    make_schema,
    make_table,
)
from sandbox.databricks.world.unity_catalog.privileges import SecurableType
from sandbox.databricks.world.unity_catalog.securables import Securable, within
from sandbox.store import Document, Store
from sandbox.world import World

ADMIN_USER = "platform-admin@example.com"
ADMIN_SERVICE_PRINCIPAL = "platform-admin"
OWNER_SERVICE_PRINCIPAL = "account-owner"
REGION = "us-west-2"

_EVERYBODYS_ENTITLEMENTS = ("databricks-sql-access", "workspace-access")
"""What the group `users` of a new workspace has."""


@dataclass(frozen=True, slots=True)
class Login:
    """What a service principal of day one logs in with."""

    client_id: str
    client_secret: str = field(repr=False)


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
    owner: Login | None = None,
    region: str = REGION,
) -> None:
    """Make it; the catalogs belong to the admin that the client id names, who is a member of all `groups` as well.

    All workspaces share one metastore, in `region`. `owner` administers the account and has no place anywhere.
    """
    credentials.make_signing_key(store)
    _make_group(store, membership.ACCOUNT_USERS)
    login = Login(admin_client_id, admin_client_secret)
    admin = _make_service_principal(store, clock, login, name=ADMIN_SERVICE_PRINCIPAL, roles=[ACCOUNT_ADMIN])
    human = _make_human(store)
    if owner is not None:
        _make_service_principal(store, clock, owner, name=OWNER_SERVICE_PRINCIPAL, roles=[ACCOUNT_ADMIN])
    for name in groups:
        group = principals.create(store, None, GROUP, {"displayName": name, "members": []})
        membership.add_member(store, group, admin.id)
    metastore = securables.metastore(str(uuid5(NAMESPACE_DNS, f"metastore.{world.account_id}")))
    name = f"metastore-{cloud_of(region)}-{region}"
    make_metastore(store, clock, metastore, name=name, region=region, creator=admin)
    for workspace in world.workspaces:
        users = _furnish(store, workspace.id)
        # The service lets admins alone have tokens at first; whoever follows the guide has let everybody.
        access_control.set_levels(store, workspace.id, access_control.TOKENS, {users.id: access_control.CAN_USE})
        assigned_metastores.assign(store, workspace.id, metastore.full_name)
        for one in (admin, human):
            membership.assign(store, workspace.id, one.id, [membership.ADMIN])
    for catalog in catalogs:
        _stock(store, clock, metastore, catalog, owner=admin)


def seed_empty(store: Store, world: World, clock: Clock, *, deployer: Login, owner: Login) -> None:
    """Make an account as it is opened: its workspaces have no metastore and nobody in them.

    `owner` and a person administer the account; `deployer` exists.
    """
    credentials.make_signing_key(store)
    _make_group(store, membership.ACCOUNT_USERS)
    _make_service_principal(store, clock, deployer, name=ADMIN_SERVICE_PRINCIPAL)
    _make_human(store)
    _make_service_principal(store, clock, owner, name=OWNER_SERVICE_PRINCIPAL, roles=[ACCOUNT_ADMIN])
    for workspace in world.workspaces:
        _furnish(store, workspace.id)


def admit(
    store: Store,
    world: World,
    clock: Clock,
    *,
    user_name: str,
    metastore: Securable,
    catalogs: Iterable[CatalogOnDayOne],
) -> Principal:
    """A person with a place in every workspace; catalogs that nobody has made in its metastore are theirs."""
    user = principals.named(store, user_name, USER) or principals.create(
        store, None, USER, {"userName": user_name, "displayName": user_name, "active": True}
    )
    for workspace in world.workspaces:
        if membership.level(store, workspace.id, user.id) is None:
            membership.assign(store, workspace.id, user.id, [membership.MEMBER])
    for catalog in catalogs:
        if securables.load(store, within(metastore.full_name, SecurableType.CATALOG, catalog.name)) is None:
            _stock(store, clock, metastore, catalog, owner=user)
    return user


def _make_service_principal(
    store: Store, clock: Clock, login: Login, *, name: str, roles: Sequence[str] = ()
) -> Principal:
    document: Document = {"applicationId": login.client_id, "displayName": name, "active": True}
    if roles:
        document["roles"] = list(roles)
    principal = principals.create(store, None, SERVICE_PRINCIPAL, document)
    credentials.issue_secret(store, clock, owner_id=principal.id, lifetime=None, value=login.client_secret)
    return principal


def _make_human(store: Store) -> Principal:
    document = {"userName": ADMIN_USER, "displayName": "Platform Admin", "active": True, "roles": [ACCOUNT_ADMIN]}
    return principals.create(store, None, USER, document)


def _furnish(store: Store, workspace_id: int) -> Principal:
    users = _make_group(store, membership.USERS, workspace_id)
    _make_group(store, membership.ADMINS, workspace_id)
    entitlements.set_entitlements(store, workspace_id, users.id, _EVERYBODYS_ENTITLEMENTS)
    return users


def _stock(store: Store, clock: Clock, metastore: Securable, wanted: CatalogOnDayOne, *, owner: Principal) -> None:
    catalog = within(metastore.full_name, SecurableType.CATALOG, wanted.name)
    make_catalog(store, clock, catalog, creator=owner, fields={})
    tables = [within(metastore.full_name, SecurableType.TABLE, full_name) for full_name in wanted.tables]
    named = [
        within(metastore.full_name, SecurableType.SCHEMA, f"{catalog.full_name}.{name}") for name in wanted.schemas
    ]
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
