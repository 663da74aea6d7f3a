"""Principals as SCIM shows them: all of them on the account host, on a workspace's those that have a place in it.

A principal is written through the same document that it is read as: PUT replaces it, PATCH changes it.
https://docs.databricks.com/api/account/accountserviceprincipals, https://docs.databricks.com/api/workspace/serviceprincipals
"""

from sandbox.databricks.rest.bodies import body
from sandbox.databricks.rest.identity import scim
from sandbox.databricks.world.identity import deletion, directory, entitlements, membership, principals
from sandbox.databricks.world.identity.principals import GROUP, SERVICE_PRINCIPAL, USER, Principal, get, save
from sandbox.databricks.world.refusals import (
    ConflictError,
    InvalidError,
    NotFoundError,
)
from sandbox.route import Answer, Call
from sandbox.source import Source, databricks_api, databricks_docs
from sandbox.store import Document

_SOURCE = databricks_api("account/accountserviceprincipals")
_ENTITLEMENTS = databricks_docs("security/auth/entitlements")

_SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:"
SCHEMAS = {USER: _SCHEMA + "User", SERVICE_PRINCIPAL: _SCHEMA + "ServicePrincipal", GROUP: _SCHEMA + "Group"}
_COLLECTION = {USER: "Users", SERVICE_PRINCIPAL: "ServicePrincipals", GROUP: "Groups"}
_NOUN = {USER: "User", SERVICE_PRINCIPAL: "Service principal", GROUP: "Group"}


def wanted(call: Call, kind: str) -> Principal:
    """The principal that the path names by its id."""
    principal_id = call.params["id"]
    principal = get(call.store, principal_id)
    if principal is None or principal.kind != kind or not directory.is_here(call, principal):
        raise NotFoundError(f"{_NOUN[kind]} with id {principal_id} not found.", scim=True, source=_SOURCE)
    return principal


def shown(call: Call, principal: Principal) -> Document:
    """The SCIM document of a principal; empty attributes are left out, as the API does."""
    document = principal.document
    own: Document = {"schemas": [SCHEMAS[principal.kind]], "id": principal.id}
    if principal.kind == USER:
        own |= {"userName": principal.name, "emails": [{"type": "work", "value": principal.name, "primary": True}]}
        own["name"] = document.get("name")
    elif principal.kind == SERVICE_PRINCIPAL:
        own["applicationId"] = principal.name
    else:
        own["members"] = [_reference(call, member) for member in membership.members(call.store, principal)]
        own["meta"] = {"resourceType": "Group" if principal.workspace_id is None else "WorkspaceGroup"}
    own["displayName"] = document.get("displayName")
    own["externalId"] = document.get("externalId")
    if principal.kind != GROUP:
        own["active"] = principal.active
    own["groups"] = [_reference(call, group) for group in _groups(call, principal)]
    own["roles"] = _listed(document.get("roles", ()))
    own["entitlements"] = _listed(entitlements.entitlements(call.store, directory.place(call), principal.id))
    return {key: value for key, value in own.items() if value is not None and value != []}


def listed(call: Call, kind: str) -> Document:
    """Those that exist for the caller's level, filtered."""
    return scim.listing((shown(call, principal) for principal in directory.everybody(call, kind)), call.query)


def selected(call: Call, kind: str) -> Document:
    """The principal that the path names, with the attributes that the query asks for."""
    return scim.select(shown(call, wanted(call, kind)), call.query)


def patched(call: Call, principal: Principal) -> Document:
    """The document of a principal after the operations of the body."""
    return scim.patched(shown(call, principal), body(call))


def added(call: Call, kind: str, name: str, *, exists: str, source: Source) -> Answer:
    """Add a user or service principal to the account; from a workspace, also give it a place there.

    `exists` is the refusal of one that is there already, `source` how it is known.
    """
    existing = principals.named(call.store, name, kind)
    if existing is not None and (call.workspace is None or directory.is_here(call, existing)):
        raise ConflictError(exists, scim=True, source=source)
    principal = existing or principals.create(
        call.store, call.clock, kind, {principals.NAME[kind]: name, "active": True}
    )
    if call.workspace is not None:
        membership.assign(call.store, call.workspace.id, principal.id, [membership.MEMBER])
    return Answer(shown(call, write(call, principal, body(call))), 201)


def replaced(call: Call, kind: str) -> Document:
    """The principal that the path names, made what the body says."""
    return shown(call, write(call, wanted(call, kind), body(call)))


def changed(call: Call, kind: str) -> Answer:
    """The principal that the path names, after the operations of the body."""
    principal = wanted(call, kind)
    write(call, principal, patched(call, principal))
    return Answer(status=204)


def remove(call: Call, kind: str) -> Answer:
    """Remove the user or service principal that the path names.

    From the account with all that it held, from a workspace its place alone.
    """
    principal = wanted(call, kind)
    if call.workspace is None:
        deletion.delete(call.store, principal)
    else:
        deletion.leave_workspace(call.store, call.workspace.id, principal.id)
    return Answer(status=204)


def write(call: Call, principal: Principal, document: Document) -> Principal:
    """Make a principal say what a SCIM document says. Groups and ids are read-only; roles belong to the account."""
    changes: Document = {name: document.get(name) for name in ("displayName", "externalId")}
    if principal.kind == USER:
        changes["name"] = document.get("name")
    if principal.kind != GROUP and "active" in document:
        changes["active"] = scim.boolean(document["active"])
    if call.workspace is None:
        changes["roles"] = scim.values(document.get("roles")) or None
    changed = save(call.store, principal, **changes)
    set_entitlements(call, changed, document)
    return changed


def set_entitlements(call: Call, principal: Principal, document: Document) -> None:
    """Give a principal the entitlements that a SCIM document lists."""
    wanted_values = scim.values(document.get("entitlements"))
    if unknown := sorted(set(wanted_values) - set(entitlements.KNOWN)):
        raise InvalidError(f"Unknown entitlement: {', '.join(unknown)}", scim=True, source=_ENTITLEMENTS)
    entitlements.set_entitlements(call.store, directory.place(call), principal.id, wanted_values)


def _groups(call: Call, principal: Principal) -> list[str]:
    """The direct groups, of those that exist for the call."""
    here = [
        group for group in directory.everybody(call, GROUP) if principal.id in membership.members(call.store, group)
    ]
    return [group.id for group in here]


def _reference(call: Call, principal_id: str) -> Document:
    principal = get(call.store, principal_id)
    if principal is None:
        return {"value": principal_id}
    collection = _COLLECTION[principal.kind]
    reference = {"value": principal.id, "display": principal.display_name, "$ref": f"{collection}/{principal.id}"}
    return {**reference, "type": "direct"} if principal.kind == GROUP else reference


def _listed(names: list[str] | tuple[str, ...]) -> list[Document]:
    return [{"value": name} for name in names]
