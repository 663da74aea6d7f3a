"""A GitHub environment: a place for secrets that only some branches may read."""

from cdktf_cdktf_provider_github.provider import GithubProvider
from cdktf_cdktf_provider_github.repository_environment import (
    RepositoryEnvironment,
    RepositoryEnvironmentDeploymentBranchPolicy,
)
from cdktf_cdktf_provider_github.repository_environment_deployment_policy import RepositoryEnvironmentDeploymentPolicy
from constructs import Construct

from terraform_text import TerraformText


class DeploymentEnvironment(Construct):
    """A GitHub environment; with `only_branch`, jobs of other branches can neither enter it nor read its secrets."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        github: GithubProvider,
        repository: TerraformText,
        name: TerraformText,
        only_branch: TerraformText | None,
    ) -> None:
        super().__init__(scope, id_)
        policy = RepositoryEnvironmentDeploymentBranchPolicy(protected_branches=False, custom_branch_policies=True)
        environment = RepositoryEnvironment(
            self,
            "environment",
            provider=github,
            repository=repository,
            environment=name,
            # Nothing else is set: private repositories below GitHub Enterprise refuse rules of an environment, and the
            # provider then repeats the request with the branch policy alone, which would never settle.
            deployment_branch_policy=None if only_branch is None else policy,
        )
        if only_branch is not None:
            RepositoryEnvironmentDeploymentPolicy(
                self,
                "branch",
                provider=github,
                repository=repository,
                environment=environment.environment,
                branch_pattern=only_branch,
            )
        self.name = environment.environment
