"""`/workspaces`: the workspaces of the account (https://docs.databricks.com/api/account/workspaces)."""

from sandbox.databricks.rest.paths import wanted_workspace
from sandbox.route import Call
from sandbox.store import Document
from sandbox.world import Workspace, World

REGION = "us-west-2"
"""Where all of them are."""
_DOMAIN = ".cloud.databricks.com"


def list_workspaces(call: Call) -> list[Document]:
    """All of them; this API answers with a bare list."""
    return [_shown(call.world, workspace) for workspace in call.world.workspaces]


def get_workspace(call: Call) -> Document:
    """One."""
    return _shown(call.world, wanted_workspace(call))


def _shown(world: World, workspace: Workspace) -> Document:
    name = workspace.host.removesuffix(_DOMAIN)
    return {
        "account_id": world.account_id,
        "workspace_id": workspace.id,
        "workspace_name": name,
        "deployment_name": name,
        "cloud": "aws",
        "aws_region": REGION,
        "workspace_status": "RUNNING",
    }
