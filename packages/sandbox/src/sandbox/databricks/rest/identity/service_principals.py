"""`/scim/v2/ServicePrincipals`, on the account and on a workspace.

https://docs.databricks.com/api/account/accountserviceprincipals
"""

from sandbox.databricks.rest.bodies import body
from sandbox.databricks.rest.identity import scim_documents
from sandbox.databricks.world.identity import directory, membership, principals
from sandbox.databricks.world.identity.principals import SERVICE_PRINCIPAL
from sandbox.databricks.world.refusals import ConflictError
from sandbox.route import Answer, Call
from sandbox.source import databricks_provider
from sandbox.store import Document

_SOURCE = databricks_provider("scim/resource_service_principal.go")


def create_service_principal(call: Call) -> Answer:
    """Add one to the account; from a workspace, also give it a place there. Display names need not be unique."""
    document = body(call)
    application_id = document.get("applicationId") or principals.new_application_id()
    existing = principals.named(call.store, application_id, SERVICE_PRINCIPAL)
    if existing is not None and (call.workspace is None or directory.is_here(call, existing)):
        # The provider reads this sentence when `force` is set (scim/resource_service_principal.go:242-265).
        raise ConflictError(
            f"Service principal with application ID {application_id} already exists.", scim=True, source=_SOURCE
        )
    principal = existing or principals.create(
        call.store, call.clock, SERVICE_PRINCIPAL, {"applicationId": application_id, "active": True}
    )
    if call.workspace is not None:
        membership.assign(call.store, call.workspace.id, principal.id, [membership.MEMBER])
    return Answer(scim_documents.shown(call, scim_documents.write(call, principal, document)), 201)


def list_service_principals(call: Call) -> Document:
    """Those that exist for the caller's level, filtered."""
    return scim_documents.listed(call, SERVICE_PRINCIPAL)


def get_service_principal(call: Call) -> Document:
    """One."""
    return scim_documents.selected(call, SERVICE_PRINCIPAL)


def replace_service_principal(call: Call) -> Document:
    """Make it what the body says."""
    return scim_documents.shown(
        call, scim_documents.write(call, scim_documents.wanted(call, SERVICE_PRINCIPAL), body(call))
    )


def patch_service_principal(call: Call) -> Answer:
    """Apply operations to it; deactivating one is what the provider's destroy does unless told otherwise."""
    principal = scim_documents.wanted(call, SERVICE_PRINCIPAL)
    scim_documents.write(call, principal, scim_documents.patched(call, principal))
    return Answer(status=204)


def delete_service_principal(call: Call) -> Answer:
    """Remove it: from the account with all it held, or from the workspace alone."""
    return scim_documents.remove(call, SERVICE_PRINCIPAL)
