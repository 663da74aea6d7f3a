"""The workspace that a request is about."""

from sandbox.context import Context
from sandbox.databricks.world.refusals import NotFoundError
from sandbox.source import databricks_api
from sandbox.world import Workspace

_SOURCE = databricks_api("workspace/introduction")


def here(context: Context) -> Workspace:
    """The workspace whose host was called."""
    if context.workspace is None:
        raise NotFoundError("Only workspaces answer this.", source=_SOURCE)
    return context.workspace
