"""The remedies that more than one check shows. Any other stands with its check."""

from checks.check import Remedy

_ACCOUNT_ADMIN = "an account admin"

# Deploying again.


def deploy_environment(name: str) -> Remedy:
    """Of what a deploy of the environment's stack puts right."""
    return Remedy("deploy the environment", (f"cdktf deploy {name}",))


def deploy_repository() -> Remedy:
    """Of what a deploy of the repository's stack puts right."""
    return Remedy("deploy the repository", ("cdktf deploy repository",))


def upload_again(stack: str, *edited: str) -> Remedy:
    """Of code that was edited in the workspace; `edited` are the addresses in the stack of what was."""
    taint = (f"terraform -chdir=cdktf.out/stacks/{stack} taint {address}" for address in edited)
    return Remedy(
        "upload it again: taint what was edited, then deploy",
        (*taint, f"cdktf deploy {stack}"),
        by="whoever deploys the bundle",
    )


# Giving the caller what it lacks.


def make_account_admin(*commands: str) -> Remedy:
    """Of a caller who may not make service principals."""
    return Remedy("give the caller the role account admin in the account console", commands, by=_ACCOUNT_ADMIN)


def make_workspace_admin(*commands: str) -> Remedy:
    """Of a caller who may not administer a workspace."""
    return Remedy("make the caller an admin of the workspace", commands, by=_ACCOUNT_ADMIN)


def grant_manage(*commands: str) -> Remedy:
    """Of a caller who may not grant on a securable."""
    return Remedy("have MANAGE granted to the caller", commands, by="the owner")


# Making what is missing.


def make_metastore(*commands: str) -> Remedy:
    """Of a region without one."""
    return Remedy("make a metastore in the region", commands, by=_ACCOUNT_ADMIN)


# Taking away what was added beside Terraform.


def delete_policies(*commands: str) -> Remedy:
    """Of branches that an environment of GitHub admits and should not."""
    text = "delete the policies of other branches: their jobs can read the environment's secrets"
    return Remedy(text, commands)


def take_roles_away(*commands: str) -> Remedy:
    """Of a principal with roles in the account."""
    return Remedy("take its roles away, and find out who gave them", commands, by=_ACCOUNT_ADMIN)


def take_places_away(*commands: str) -> Remedy:
    """Of a principal that other workspaces have."""
    return Remedy("remove it from the other workspaces", commands, by=_ACCOUNT_ADMIN)
