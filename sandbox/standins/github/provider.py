"""The stand-in for terraform-provider-github 6.9.0."""

from sandbox.standins.behaviour import Provider
from sandbox.standins.github import actions_secrets, workflow_permissions
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
        "github_actions_secret": actions_secrets.RESOURCE,
        "github_workflow_repository_permissions": workflow_permissions.RESOURCE,
    },
    data_sources={},
)
