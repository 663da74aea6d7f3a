"""The Actions secret from which workflows read their token."""

from cdktf_cdktf_provider_github.actions_environment_secret import ActionsEnvironmentSecret
from cdktf_cdktf_provider_github.actions_secret import ActionsSecret
from cdktf_cdktf_provider_github.provider import GithubProvider
from constructs import Construct
from constructs.deployment_environment import DeploymentEnvironment

from terraform_text import TerraformText


class DeploymentSecret(Construct):
    """A secret of the repository, or of one of its environments. It is replaced, not updated, when its value changes.

    It must never get create_before_destroy: the new and the old secret have one name, so that the old one's deletion
    would delete the new one (github provider 6.9.0).
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        github: GithubProvider,
        repository: TerraformText,
        environment: DeploymentEnvironment | None,
        name: TerraformText,
        value: str,
    ) -> None:
        super().__init__(scope, id_)
        if environment is None:
            ActionsSecret(
                self, "secret", provider=github, repository=repository, secret_name=name, plaintext_value=value
            )
        else:
            ActionsEnvironmentSecret(
                self,
                "secret",
                provider=github,
                repository=repository,
                environment=environment.name,
                secret_name=name,
                plaintext_value=value,
            )
