"""The CI tokens that Actions secrets hold, from Terraform's state: GitHub gives no secret back."""

from collections.abc import Iterable, Mapping

from checks.synthesized import Stack
from checks.terraform import Terraform
from settings import EnvironmentSettings

_SECRETS = {"github_actions_secret", "github_actions_environment_secret"}


def tokens(
    terraform: Terraform, environments: Iterable[EnvironmentSettings], stacks: Mapping[str, Stack]
) -> dict[str, str]:
    """By the names of the secrets; without those of environments that are not deployed.

    TerraformError when a state does not open.
    """
    return {
        environment.secret: str(held.attributes["plaintext_value"])
        for environment in environments
        for held in terraform.state(stacks[environment.name])
        if held.type in _SECRETS and held.attributes.get("secret_name") == environment.secret
    }
