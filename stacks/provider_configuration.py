"""The provider configurations that stacks share: who is spoken to, and how patiently."""

from cdktf_cdktf_provider_databricks.provider import DatabricksProvider
from cdktf_cdktf_provider_github.provider import GithubProvider
from constructs import Construct

from settings import ProviderAuth
from terraform_text import TerraformText, literal, literal_or_none

# Unset, the Databricks provider repeats refused connections, 429 and 503 for ever
# (terraform-provider-databricks, internal/providers/client/databricks_client.go).
_RETRY_SECONDS = 300


# Files go up one request each. The provider holds itself to 15 requests a second; a workspace takes 30 imports
# (https://docs.databricks.com/aws/en/resources/limits), and what it refuses with 429 is sent again.
UPLOADS_PER_SECOND = 30


def databricks_provider(
    scope: Construct,
    alias: str,
    *,
    auth: ProviderAuth,
    account_id: str | None = None,
    requests_per_second: int | None = None,
) -> DatabricksProvider:
    """A Databricks provider configuration; with `account_id` one of the account, else one of a workspace.

    auth_type is always set: an environment may hold more than one family of credentials, which is an error otherwise.
    """
    return DatabricksProvider(
        scope,
        f"databricks_{alias}",
        alias=alias,
        host=literal(auth.host),
        account_id=literal_or_none(account_id),
        auth_type=literal(auth.auth_type),
        profile=literal_or_none(auth.profile),
        retry_timeout_seconds=_RETRY_SECONDS,
        rate_limit=requests_per_second,
    )


def github_provider(scope: Construct, *, owner: TerraformText) -> GithubProvider:
    """The GitHub provider configuration; the token comes from GITHUB_TOKEN."""
    return GithubProvider(
        scope,
        "github",
        owner=owner,
        # 6.9.0 gives up at once on 429 and waits no time between repetitions unless told (github/transport.go).
        max_retries=5,
        retryable_errors=[429, 500, 502, 503, 504],
        read_delay_ms=300,
        # GitHub asks for a second between writes and for no concurrent requests
        # (https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api).
        write_delay_ms=1000,
        parallel_requests=False,
    )
