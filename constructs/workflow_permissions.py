"""What workflows of a repository may do."""

from cdktf_cdktf_provider_github.provider import GithubProvider
from cdktf_cdktf_provider_github.workflow_repository_permissions import WorkflowRepositoryPermissions
from constructs import Construct

from terraform_text import TerraformText


class WorkflowPermissions(Construct):
    """The default permissions of the workflow token, and whether workflows may create pull requests.

    GitHub has one switch for creating and for approving pull requests.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        github: GithubProvider,
        repository: TerraformText,
        token: TerraformText,
        allow_pull_request_creation: bool,
    ) -> None:
        super().__init__(scope, id_)
        WorkflowRepositoryPermissions(
            self,
            "workflow_token",
            provider=github,
            repository=repository,
            default_workflow_permissions=token,
            can_approve_pull_request_reviews=allow_pull_request_creation,
        )
