"""The stand-in for terraform-provider-github 6.9.0."""

from sandbox.standins.behaviour import Provider
from sandbox.standins.github import (
    actions_permissions,
    actions_secrets,
    branch_protections,
    branches,
    deployment_policies,
    environment_secrets,
    environments,
    protection_rules,
    repositories,
    variables,
    workflow_permissions,
)
from sandbox.standins.github.session import CONFIGURATION, Session, configure


def _explain(_operation: str, _type_name: str, error: Exception) -> str:
    return str(error)


PROVIDER: Provider[Session] = Provider(
    name="github",
    address="integrations/github",
    requests=CONFIGURATION,
    configure=configure,
    explain=_explain,
    resources={
        "github_actions_environment_secret": environment_secrets.RESOURCE,
        "github_actions_repository_permissions": actions_permissions.RESOURCE,
        "github_actions_secret": actions_secrets.RESOURCE,
        "github_actions_variable": variables.RESOURCE,
        "github_branch": branches.RESOURCE,
        "github_branch_protection": branch_protections.RESOURCE,
        "github_repository_environment": environments.RESOURCE,
        "github_repository_environment_deployment_policy": deployment_policies.RESOURCE,
        "github_workflow_repository_permissions": workflow_permissions.RESOURCE,
    },
    data_sources={
        "github_branch_protection_rules": protection_rules.DATA_SOURCE,
        "github_repository": repositories.DATA_SOURCE,
    },
    sensitive=frozenset({"app_auth.pem_file"}),
)
