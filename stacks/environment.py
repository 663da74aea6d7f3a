"""One environment: who its CI pipeline is, and the token that it deploys with."""

from datetime import datetime

from cdktf import TerraformStack
from constructs import Construct
from constructs.ci_identity import CiIdentity
from constructs.deployment_secret import DeploymentSecret
from constructs.rotating_token import RotatingToken

from settings import EnvironmentSettings, Settings
from stacks.provider_configuration import databricks_provider, github_provider
from stacks.state_backend import configure_state


class EnvironmentStack(TerraformStack):
    """The principal of one environment, its place in the workspace, its tokens and its Actions secret."""

    def __init__(
        self, scope: Construct, id_: str, *, settings: Settings, environment: EnvironmentSettings, now: datetime
    ) -> None:
        super().__init__(scope, id_)
        configure_state(self, id_, settings.state)
        account = databricks_provider(self, "account", auth=settings.account, account_id=settings.account_id)
        workspace = databricks_provider(self, "workspace", auth=environment.workspace)
        github = github_provider(self, owner=settings.github.owner)

        identity = CiIdentity(
            self, "ci_identity", account=account, workspace=workspace, display_name=environment.principal
        )
        token = RotatingToken(
            self,
            "token",
            workspace=workspace,
            application_id=identity.application_id,
            label=environment.principal,
            lifetime=environment.token.lifetime,
            period=environment.token.rotation,
            generation=environment.token.generation,
            now=now,
            depends_on=[identity.workspace_assignment],
        )
        DeploymentSecret(
            self,
            "deployment_secret",
            github=github,
            repository=settings.github.repository,
            name=environment.secret,
            value=token.current_value,
        )
