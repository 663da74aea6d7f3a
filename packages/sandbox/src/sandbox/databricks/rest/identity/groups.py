"""`/scim/v2/Groups`, on the account and on a workspace.

One that a workspace makes is local to it and of no use to Unity Catalog
(https://docs.databricks.com/aws/en/admin/users-groups/groups).
"""

from sandbox.databricks.rest.bodies import body
from sandbox.databricks.rest.identity import scim, scim_documents
from sandbox.databricks.world.identity import deletion, directory, membership, principals
from sandbox.databricks.world.identity.principals import GROUP, Principal
from sandbox.databricks.world.refusals import ConflictError, InvalidError, NotFoundError
from sandbox.route import Answer, Call
from sandbox.source import databricks_api, databricks_docs, databricks_provider
from sandbox.store import Document

_CONFLICT = databricks_provider("scim/resource_group.go")
_SYSTEM = databricks_docs("admin/users-groups/groups")
_SOURCE = databricks_api("account/accountgroups")

_RESERVED = (membership.USERS, membership.ADMINS, membership.ACCOUNT_USERS)


def create_group(call: Call) -> Answer:
    """Add one to the account or to the workspace, wherever the call is made."""
    document = body(call)
    name = _name(document)
    if name in _RESERVED or any(group.name == name for group in directory.everybody(call, GROUP)):
        # The provider reads this sentence when `force` is set (scim/resource_group.go).
        raise ConflictError(f"Group with name {name} already exists.", scim=True, source=_CONFLICT)
    origin: Document = {"displayName": name, "members": []}
    if call.workspace is not None:
        origin["workspace_id"] = call.workspace.id
    group = principals.create(call.store, call.clock, GROUP, origin)
    return Answer(scim_documents.shown(call, _write(call, group, document)), 201)


def list_groups(call: Call) -> Document:
    """Those that exist for the caller's level, filtered; `account users` is in no list."""
    return scim_documents.listed(call, GROUP)


def get_group(call: Call) -> Document:
    """One."""
    return scim_documents.selected(call, GROUP)


def replace_group(call: Call) -> Document:
    """Make it what the body says, members included."""
    return scim_documents.shown(call, _write(call, scim_documents.wanted(call, GROUP), body(call)))


def patch_group(call: Call) -> Answer:
    """Apply operations to it, most often to its members."""
    group = scim_documents.wanted(call, GROUP)
    _write(call, group, scim_documents.patched(call, group))
    return Answer(status=204)


def delete_group(call: Call) -> Answer:
    """Remove it with all it held; from a workspace, a group of the account only loses its place there."""
    group = scim_documents.wanted(call, GROUP)
    if group.system is not None:
        raise InvalidError(f"The group {group.name} cannot be deleted.", scim=True, source=_SYSTEM)
    if call.workspace is not None and group.workspace_id is None:
        deletion.leave_workspace(call.store, call.workspace.id, group.id)
    else:
        deletion.delete(call.store, group)
    return Answer(status=204)


def _name(document: Document) -> str:
    name = document.get("displayName")
    if not isinstance(name, str) or not name:
        raise InvalidError("Attribute displayName is required.", scim=True, source=_SOURCE)
    return name


def _write(call: Call, group: Principal, document: Document) -> Principal:
    if group.system is not None:
        if _name(document) != group.name:
            raise InvalidError(f"The group {group.name} cannot be renamed.", scim=True, source=_SYSTEM)
        scim_documents.set_entitlements(call, group, document)
    elif call.workspace is not None and group.workspace_id is None:
        # A workspace decides what a group of the account may do there, not who is in it.
        scim_documents.set_entitlements(call, group, document)
        return group
    else:
        group = scim_documents.write(call, group, {**document, "displayName": _name(document)})
    _set_members(call, group, scim.values(document.get("members")))
    return principals.get(call.store, group.id) or group


def _set_members(call: Call, group: Principal, wanted: list[str]) -> None:
    held = membership.members(call.store, group)
    for principal_id in wanted:
        if principal_id in held:
            continue
        member = principals.get(call.store, principal_id)
        if member is None or not directory.is_here(call, member):
            raise NotFoundError(f"The member {principal_id} does not exist.", scim=True, source=_SOURCE)
        membership.add_member(call.store, principals.get(call.store, group.id) or group, principal_id)
    for principal_id in held:
        if principal_id not in wanted:
            membership.remove_member(call.store, principals.get(call.store, group.id) or group, principal_id)
