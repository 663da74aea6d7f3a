"""Who may do what to Unity Catalog's securables: the one place that knows.

A privilege counts for all that lies below, for the members of a group, and only together with USE_CATALOG and
USE_SCHEMA on the way. An owner has every privilege on the object itself; the owner of a container may also do to what
lies in it all but use its data, which they would have to grant to themselves. MANAGE is for changing, dropping and
granting, not for using. ALL_PRIVILEGES contains neither MANAGE nor EXTERNAL_USE_SCHEMA. The owner of the metastore
manages everything. (https://docs.databricks.com/aws/en/data-governance/unity-catalog/manage-privileges)
"""

from collections.abc import Iterable

from sandbox.context import Caller
from sandbox.databricks.world.identity import membership
from sandbox.databricks.world.refusals import PermissionDeniedError
from sandbox.databricks.world.unity_catalog import grant_store, securables
from sandbox.databricks.world.unity_catalog.privileges import Privilege, SecurableType
from sandbox.databricks.world.unity_catalog.securables import Securable
from sandbox.source import databricks_docs
from sandbox.store import Store

_SOURCE = databricks_docs("data-governance/unity-catalog/manage-privileges/")

_USE = {SecurableType.CATALOG: Privilege.USE_CATALOG, SecurableType.SCHEMA: Privilege.USE_SCHEMA}
_NOT_IN_ALL = frozenset({Privilege.MANAGE, Privilege.EXTERNAL_USE_SCHEMA})
_OF_DATA = frozenset(
    {
        Privilege.EXECUTE,
        Privilege.MODIFY,
        Privilege.READ_VOLUME,
        Privilege.REFRESH,
        Privilege.SELECT,
        Privilege.WRITE_VOLUME,
    }
)
# What each kind can be looked at with; `CatalogsAPI.get`, `SchemasAPI.get`, ... of the SDK say so.
_SEEN_WITH = {
    SecurableType.CATALOG: Privilege.USE_CATALOG,
    SecurableType.SCHEMA: Privilege.USE_SCHEMA,
    SecurableType.TABLE: Privilege.SELECT,
    SecurableType.VOLUME: Privilege.READ_VOLUME,
    SecurableType.MODEL: Privilege.EXECUTE,
}


def authorize(store: Store, principal: Caller, privilege: Privilege, on: Securable) -> None:
    """Refuse, in Unity Catalog's words, unless the principal holds the privilege and the way to the securable."""
    authorize_way(store, principal, (*on.containers, on))
    if not _holds(store, principal, privilege, on):
        raise _lacking(privilege, on)


def authorize_way(store: Store, principal: Caller, levels: Iterable[Securable]) -> None:
    """Refuse unless the principal may use each catalog and schema of these."""
    for level in levels:
        needed = _USE.get(level.type)
        if needed is not None and not _holds(store, principal, needed, level):
            raise _lacking(needed, level)


def authorize_managing(store: Store, principal: Caller, on: Securable) -> None:
    """Refuse unless the principal may change, drop and grant."""
    if not may_manage(store, principal, on):
        raise PermissionDeniedError(f"User is not an owner of {on} and does not have MANAGE on it.", source=_SOURCE)


def authorize_seeing(store: Store, principal: Caller, on: Securable) -> None:
    """Refuse unless the principal may know what the securable is like."""
    if not _browses(store, principal, on) and not may_manage(store, principal, on):
        authorize(store, principal, _SEEN_WITH[on.type], on)


def may_see(store: Store, principal: Caller, on: Securable) -> bool:
    """Whether a list shows the securable to the principal."""
    try:
        authorize_seeing(store, principal, on)
    except PermissionDeniedError:
        return False
    return True


def may_manage(store: Store, principal: Caller, on: Securable) -> bool:
    """Whether the principal owns the securable or what it lies in, or holds MANAGE there."""
    identities = identities_of(store, principal)
    if _owns(store, identities, securables.metastore(on.metastore_id)):
        return True
    way_is_open = True
    for level in (*on.containers, on):
        if way_is_open and (
            _owns(store, identities, level) or Privilege.MANAGE in _granted_on(store, identities, level)
        ):
            return True
        needed = _USE.get(level.type)
        way_is_open = way_is_open and (needed is None or _holds(store, principal, needed, level))
    return False


def holds_any(store: Store, principal: Caller, on: Securable) -> bool:
    """Whether anything at all was granted to the principal on the securable or above it."""
    identities = identities_of(store, principal)
    return any(_granted_on(store, identities, level) for level in (*on.containers, on))


def identities_of(store: Store, principal: Caller) -> frozenset[str]:
    """The principal and its groups; those that are local to a workspace do not count."""
    return membership.groups_of(store, principal.id) | {principal.id}


def _holds(store: Store, principal: Caller, privilege: Privilege, on: Securable) -> bool:
    identities = identities_of(store, principal)
    for level in (*on.containers, on):
        granted = _granted_on(store, identities, level)
        if privilege in granted or (Privilege.ALL_PRIVILEGES in granted and privilege not in _NOT_IN_ALL):
            return True
        if _owns(store, identities, level) and (level == on or privilege not in _OF_DATA):
            return True
    return False


def _browses(store: Store, principal: Caller, on: Securable) -> bool:
    catalog = (*on.containers, on)[0]
    return Privilege.BROWSE in _granted_on(store, identities_of(store, principal), catalog)


def _owns(store: Store, identities: frozenset[str], on: Securable) -> bool:
    document = securables.load(store, on)
    return document is not None and document["owner_id"] in identities


def _granted_on(store: Store, identities: frozenset[str], on: Securable) -> set[str]:
    grants = grant_store.grants_on(store, on.key)
    return {privilege for identity in identities for privilege in grants.get(identity, ())}


def _lacking(privilege: Privilege, on: Securable) -> PermissionDeniedError:
    return PermissionDeniedError(f"User does not have {privilege.replace('_', ' ')} on {on}.", source=_SOURCE)
