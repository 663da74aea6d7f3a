"""The stand-in for terraform-provider-databricks 1.99.0."""

from sandbox.standins.behaviour import Provider, Resource
from sandbox.standins.databricks import (
    catalogs,
    clusters,
    current_user,
    directories,
    entitlements,
    experiments,
    grants,
    groups,
    jobs,
    model_serving,
    notebooks,
    obo_tokens,
    permission_assignments,
    permissions,
    pipelines,
    quality_monitors,
    registered_models,
    schemas,
    secret_scopes,
    service_principal_secrets,
    service_principals,
    sql_warehouses,
    volumes,
    workspace_files,
    workspace_models,
)
from sandbox.standins.databricks.session import AUTHENTICATION, Session, configure

_RESOURCES: dict[str, Resource[Session]] = {
    "databricks_catalog": catalogs.RESOURCE,
    "databricks_cluster": clusters.RESOURCE,
    "databricks_directory": directories.RESOURCE,
    "databricks_entitlements": entitlements.RESOURCE,
    "databricks_grant": grants.GRANT,
    "databricks_grants": grants.GRANTS,
    "databricks_group_member": groups.MEMBER,
    "databricks_job": jobs.RESOURCE,
    "databricks_mlflow_experiment": experiments.RESOURCE,
    "databricks_mlflow_model": workspace_models.RESOURCE,
    "databricks_model_serving": model_serving.RESOURCE,
    "databricks_notebook": notebooks.RESOURCE,
    "databricks_obo_token": obo_tokens.RESOURCE,
    "databricks_permission_assignment": permission_assignments.RESOURCE,
    "databricks_permissions": permissions.RESOURCE,
    "databricks_pipeline": pipelines.RESOURCE,
    "databricks_quality_monitor": quality_monitors.RESOURCE,
    "databricks_registered_model": registered_models.RESOURCE,
    "databricks_schema": schemas.RESOURCE,
    "databricks_secret_acl": secret_scopes.ACL,
    "databricks_secret_scope": secret_scopes.SCOPE,
    "databricks_service_principal": service_principals.RESOURCE,
    "databricks_service_principal_secret": service_principal_secrets.RESOURCE,
    "databricks_sql_endpoint": sql_warehouses.RESOURCE,
    "databricks_volume": volumes.RESOURCE,
    "databricks_workspace_file": workspace_files.RESOURCE,
}


def _explain(operation: str, type_name: str, error: Exception) -> str:
    """As tpd/common/resource.go words it: cannot create obo token: <reason>; what is not SDK v2 says it by itself."""
    resource = _RESOURCES.get(type_name)
    if resource and not resource.legacy_type_system:
        return str(error)
    return f"cannot {operation} {type_name.removeprefix('databricks_').replace('_', ' ')}: {error}"


PROVIDER: Provider[Session] = Provider(
    name="databricks",
    address="databricks/databricks",
    requests=AUTHENTICATION,
    configure=configure,
    explain=_explain,
    resources=_RESOURCES,
    data_sources={
        "databricks_current_user": current_user.DATA_SOURCE,
        "databricks_group": groups.DATA_SOURCE,
        "databricks_service_principal": service_principals.DATA_SOURCE,
    },
    sensitive=frozenset(
        {"token", "password", "client_secret", "azure_client_secret", "google_credentials", "metadata_service_url"}
    ),
)
