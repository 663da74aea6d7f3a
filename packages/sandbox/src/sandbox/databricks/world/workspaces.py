"""The workspace that a request is about."""

from sandbox.context import Context
from sandbox.databricks.world.refusals import NotFoundError
from sandbox.world import Workspace


def here(context: Context) -> Workspace:
    """The workspace whose host was called."""
    if context.workspace is None:
        raise NotFoundError("Only workspaces answer this.")
    return context.workspace
