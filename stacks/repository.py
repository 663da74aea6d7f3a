"""The ML repository: what its workflows may do."""

from cdktf import TerraformStack
from constructs import Construct
from constructs.workflow_permissions import WorkflowPermissions

from settings import Settings
from stacks.provider_configuration import github_provider
from stacks.state_backend import configure_state


class RepositoryStack(TerraformStack):
    """The rules of the ML repository, which exists already."""

    def __init__(self, scope: Construct, id_: str, *, settings: Settings) -> None:
        super().__init__(scope, id_)
        configure_state(self, id_, settings.state)
        github = github_provider(self, owner=settings.github.owner)

        WorkflowPermissions(
            self,
            "workflow_permissions",
            github=github,
            repository=settings.github.repository,
            token=settings.github.workflow_permissions,
            allow_pull_request_creation=settings.github.allow_pull_request_creation,
        )
