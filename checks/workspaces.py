"""A workspace as the account and its own members know it."""

from databricks.sdk.service.iam import User

from checks.live import Live
from settings import EnvironmentSettings


def workspace_id(live: Live, environment: EnvironmentSettings) -> int | None:
    """The number of the environment's workspace in the account, by its host name; None without one."""
    name = environment.workspace.host.removeprefix("https://").partition(".")[0]
    found = (one for one in live.workspaces() if one.deployment_name == name)
    return next((one.workspace_id for one in found), None)


def is_admin(me: User) -> bool:
    """Whether somebody is in the workspace's group of administrators."""
    return any(group.display == "admins" for group in me.groups or ())
