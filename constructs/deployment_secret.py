"""The Actions secret from which workflows read their token."""

from cdktf_cdktf_provider_github.actions_secret import ActionsSecret
from cdktf_cdktf_provider_github.provider import GithubProvider
from constructs import Construct


class DeploymentSecret(Construct):
    """A secret of the repository. It is replaced, not updated, when its value changes.

    It must never get create_before_destroy: the new and the old secret have one name, so that the old one's deletion
    would delete the new one (github provider 6.9.0).
    """

    def __init__(
        self, scope: Construct, id_: str, *, github: GithubProvider, repository: str, name: str, value: str
    ) -> None:
        super().__init__(scope, id_)
        ActionsSecret(self, "secret", provider=github, repository=repository, secret_name=name, plaintext_value=value)
