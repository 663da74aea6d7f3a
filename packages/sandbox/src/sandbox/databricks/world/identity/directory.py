"""Who exists for a request: everybody on the account host, on a workspace's those that have a place in it."""

from sandbox.context import Context
from sandbox.databricks.world.identity import entitlements, membership
from sandbox.databricks.world.identity.principals import Principal, of_kind


def is_here(context: Context, principal: Principal) -> bool:
    """Whether a principal exists for the level that the request is made at."""
    if principal.system == membership.ACCOUNT_USERS:
        return False
    if context.workspace is None:
        return principal.workspace_id is None
    if principal.workspace_id is not None:
        return principal.workspace_id == context.workspace.id
    return membership.level(context.store, context.workspace.id, principal.id) is not None


def everybody(context: Context, kind: str) -> list[Principal]:
    """All principals of a kind that exist for the context."""
    return [principal for principal in of_kind(context.store, kind) if is_here(context, principal)]


def place(context: Context) -> int | str:
    """Where entitlements are kept for the level that the request is made at."""
    return context.workspace.id if context.workspace else entitlements.ACCOUNT
