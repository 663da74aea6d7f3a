"""What parts of a path name, whatever the resource."""

from sandbox.databricks.world.refusals import NotFoundError
from sandbox.route import Call
from sandbox.source import databricks_api
from sandbox.world import Workspace

_SOURCE = databricks_api("account/workspaces")


def wanted_workspace(call: Call) -> Workspace:
    """The workspace that was called, or that a path of the account names; 404 when there is none."""
    if call.workspace is not None:
        return call.workspace
    for workspace in call.world.workspaces:
        if str(workspace.id) == call.params["workspace_id"]:
            return workspace
    raise NotFoundError(f"Workspace {call.params['workspace_id']} does not exist.", source=_SOURCE)
