"""The stand-in for terraform-provider-databricks 1.99.0."""

from sandbox.standins.behaviour import Provider
from sandbox.standins.databricks import obo_tokens, permission_assignments, service_principals
from sandbox.standins.databricks.session import AUTHENTICATION, Session, configure
from sandbox.standins.plan import Values, observe_configured
from sandbox.standins.schema import Block


def _observe(block: Block, prior: Values, answered: Values) -> Values:
    return observe_configured(block, prior=prior, answered=answered)


def _explain(operation: str, type_name: str, error: Exception) -> str:
    """As tpd/common/resource.go words it: cannot create obo token: <reason>."""
    return f"cannot {operation} {type_name.removeprefix('databricks_').replace('_', ' ')}: {error}"


PROVIDER: Provider[Session] = Provider(
    name="databricks",
    address="databricks/databricks",
    requests=AUTHENTICATION,
    configure=configure,
    observe=_observe,
    explain=_explain,
    resources={
        "databricks_service_principal": service_principals.RESOURCE,
        "databricks_permission_assignment": permission_assignments.RESOURCE,
        "databricks_obo_token": obo_tokens.RESOURCE,
    },
    data_sources={
        "databricks_service_principal": service_principals.DATA_SOURCE,
    },
    sensitive=frozenset(
        {"token", "password", "client_secret", "azure_client_secret", "google_credentials", "metadata_service_url"}
    ),
)
