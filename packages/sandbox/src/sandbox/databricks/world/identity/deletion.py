"""The end of a principal, in the account or in one workspace."""

from sandbox.databricks.world.access import access_control
from sandbox.databricks.world.identity import credentials, entitlements, federation_policies, membership, principals
from sandbox.databricks.world.identity.principals import Principal
from sandbox.databricks.world.unity_catalog import grant_store
from sandbox.databricks.world.workspace import git_credentials
from sandbox.store import Store


def delete(store: Store, principal: Principal) -> None:
    """Remove a principal and all it held; what it made stays, and shows its id as that of its owner."""
    credentials.forget(store, principal.id)
    federation_policies.forget(store, principal.id)
    git_credentials.forget(store, principal.id)
    access_control.forget(store, principal.id)
    entitlements.forget(store, principal.id)
    grant_store.forget(store, principal.id)
    membership.forget(store, principal.id)
    principals.erase(store, principal)


def leave_workspace(store: Store, workspace_id: int, principal_id: str) -> None:
    """Take a principal's place in a workspace away; its tokens stay but open nothing until it is back."""
    membership.unassign(store, workspace_id, principal_id)
    entitlements.forget(store, principal_id, workspace_id)
