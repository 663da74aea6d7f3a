"""`/scim/v2/ServicePrincipals`, on the account and on a workspace.

https://docs.databricks.com/api/account/accountserviceprincipals
"""

from sandbox.databricks.rest.bodies import body
from sandbox.databricks.rest.identity import scim_documents
from sandbox.databricks.world.identity import principals
from sandbox.databricks.world.identity.principals import SERVICE_PRINCIPAL
from sandbox.route import Answer, Call
from sandbox.source import databricks_provider
from sandbox.store import Document

_SOURCE = databricks_provider("scim/resource_service_principal.go")


def create_service_principal(call: Call) -> Answer:
    """Add one to the account; from a workspace, also give it a place there. Display names need not be unique."""
    application_id = body(call).get("applicationId") or principals.new_application_id()
    return scim_documents.added(
        call,
        SERVICE_PRINCIPAL,
        application_id,
        # The provider reads this sentence when `force` is set (scim/resource_service_principal.go:242-265).
        exists=f"Service principal with application ID {application_id} already exists.",
        source=_SOURCE,
    )


def list_service_principals(call: Call) -> Document:
    """Those that exist for the caller's level, filtered."""
    return scim_documents.listed(call, SERVICE_PRINCIPAL)


def get_service_principal(call: Call) -> Document:
    """One."""
    return scim_documents.selected(call, SERVICE_PRINCIPAL)


def replace_service_principal(call: Call) -> Document:
    """Make it what the body says."""
    return scim_documents.replaced(call, SERVICE_PRINCIPAL)


def patch_service_principal(call: Call) -> Answer:
    """Apply operations to it; deactivating one is what the provider's destroy does unless told otherwise."""
    return scim_documents.changed(call, SERVICE_PRINCIPAL)


def delete_service_principal(call: Call) -> Answer:
    """Remove it: from the account with all it held, or from the workspace alone."""
    return scim_documents.remove(call, SERVICE_PRINCIPAL)
