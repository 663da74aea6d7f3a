"""The branch that production runs from."""

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_github.branch import Branch
from cdktf_cdktf_provider_github.provider import GithubProvider
from constructs import Construct

from terraform_text import TerraformText


class ReleaseBranch(Construct):
    """A branch made once off another one; what is merged into it later is none of Terraform's business.

    `branch` is what its protection must wait for: destroyed in the other order, it would refuse to go.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        github: GithubProvider,
        repository: TerraformText,
        name: TerraformText,
        source: TerraformText,
        prevent_destroy: bool,
    ) -> None:
        super().__init__(scope, id_)
        self.branch = Branch(
            self,
            "branch",
            provider=github,
            repository=repository,
            branch=name,
            source_branch=source,
            lifecycle=TerraformResourceLifecycle(prevent_destroy=prevent_destroy),
        )
