"""The stand-in for terraform-provider-databricks 1.99.0."""

from sandbox.standins.behaviour import Provider
from sandbox.standins.databricks import (
    catalogs,
    current_user,
    entitlements,
    grants,
    groups,
    obo_tokens,
    permission_assignments,
    schemas,
    service_principal_secrets,
    service_principals,
)
from sandbox.standins.databricks.session import AUTHENTICATION, Session, configure


def _explain(operation: str, type_name: str, error: Exception) -> str:
    """As tpd/common/resource.go words it: cannot create obo token: <reason>."""
    return f"cannot {operation} {type_name.removeprefix('databricks_').replace('_', ' ')}: {error}"


PROVIDER: Provider[Session] = Provider(
    name="databricks",
    address="databricks/databricks",
    requests=AUTHENTICATION,
    configure=configure,
    explain=_explain,
    resources={
        "databricks_catalog": catalogs.RESOURCE,
        "databricks_entitlements": entitlements.RESOURCE,
        "databricks_grant": grants.GRANT,
        "databricks_grants": grants.GRANTS,
        "databricks_group_member": groups.MEMBER,
        "databricks_obo_token": obo_tokens.RESOURCE,
        "databricks_permission_assignment": permission_assignments.RESOURCE,
        "databricks_schema": schemas.RESOURCE,
        "databricks_service_principal": service_principals.RESOURCE,
        "databricks_service_principal_secret": service_principal_secrets.RESOURCE,
    },
    data_sources={
        "databricks_current_user": current_user.DATA_SOURCE,
        "databricks_group": groups.DATA_SOURCE,
        "databricks_service_principal": service_principals.DATA_SOURCE,
    },
    sensitive=frozenset(
        {"token", "password", "client_secret", "azure_client_secret", "google_credentials", "metadata_service_url"}
    ),
)
