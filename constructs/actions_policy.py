"""Which actions the workflows of a repository may use."""

from collections.abc import Sequence

from cdktf_cdktf_provider_github.actions_repository_permissions import (
    ActionsRepositoryPermissions,
    ActionsRepositoryPermissionsAllowedActionsConfig,
)
from cdktf_cdktf_provider_github.provider import GithubProvider
from constructs import Construct

from terraform_text import TerraformText


class ActionsPolicy(Construct):
    """Actions are enabled: all of them, or GitHub's own and those that match one of `patterns`.

    `patterns` of None allows all. Marketplace actions of verified creators are not allowed as a class: they are many.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        github: GithubProvider,
        repository: TerraformText,
        patterns: Sequence[TerraformText] | None,
    ) -> None:
        super().__init__(scope, id_)
        selected = None
        if patterns is not None:
            selected = ActionsRepositoryPermissionsAllowedActionsConfig(
                github_owned_allowed=True, patterns_allowed=list(patterns), verified_allowed=False
            )
        ActionsRepositoryPermissions(
            self,
            "actions",
            provider=github,
            repository=repository,
            enabled=True,
            allowed_actions="all" if selected is None else "selected",
            allowed_actions_config=selected,
        )
