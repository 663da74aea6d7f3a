"""The surface of the Databricks account and workspaces that the sandbox answers."""

from sandbox.databricks.rest.compute import apps, clusters, job_runs, jobs, pipelines
from sandbox.databricks.rest.compute.job_limits import OLD_API
from sandbox.databricks.rest.database import catalogs as database_catalogs
from sandbox.databricks.rest.database import instances, synced_tables
from sandbox.databricks.rest.identity import (
    federation_policies,
    groups,
    me,
    oidc,
    permission_assignments,
    service_principal_secrets,
    service_principals,
    token_management,
    tokens,
    users,
)
from sandbox.databricks.rest.mlflow import experiments, workspace_models
from sandbox.databricks.rest.rules.objects import (
    Holds,
    HoldsOnNode,
    MayMakeItsClusters,
    MayRename,
    MayWrite,
    PathOfBody,
    SeesNode,
)
from sandbox.databricks.rest.rules.principals import (
    AccountAdmin,
    Entitled,
    Every,
    TokenManager,
    TokensEnabled,
    TokenUser,
    Unless,
    WorkspaceAdmin,
    WorkspaceMember,
)
from sandbox.databricks.rest.rules.unity_catalog import (
    ContainerOf,
    HoldsWhatStatementNeeds,
    Manages,
    ManagesBindings,
    ManagesGrants,
    MayServe,
    Needs,
    NeedsOnMetastore,
    OfBody,
    OfPath,
    Sees,
    SeesGrants,
)
from sandbox.databricks.rest.serving import serving_endpoints
from sandbox.databricks.rest.sql import alerts, statements, warehouses
from sandbox.databricks.rest.unity_catalog import (
    catalogs,
    grants,
    metastore_assignments,
    metastores,
    quality_monitors,
    registered_models,
    schemas,
    tables,
    volumes,
    workspace_bindings,
)
from sandbox.databricks.rest.workspace import (
    dashboards,
    git_credentials,
    object_permissions,
    secret_scopes,
    telemetry,
    token_permissions,
    workspace_conf,
    workspace_files,
    workspace_objects,
    workspaces,
)
from sandbox.databricks.world.access.object_access import (
    CAN_ATTACH_TO,
    CAN_EDIT,
    CAN_MANAGE,
    CAN_MANAGE_RUN,
    CAN_READ,
    CAN_RESTART,
    CAN_USE,
    CAN_VIEW,
    MANAGE,
)
from sandbox.databricks.world.identity.entitlements import CLUSTER_CREATION, SQL_ACCESS, WORKSPACE_ACCESS
from sandbox.databricks.world.unity_catalog.privileges import Privilege, SecurableType
from sandbox.limits import limited
from sandbox.route import Handler, Route, Rule
from sandbox.rules import Public
from sandbox.world import HostKind

ACCOUNT_ADMIN, ADMIN, MEMBER = AccountAdmin(), WorkspaceAdmin(), WorkspaceMember()

ACCOUNT = "/api/2.0/accounts/{account_id}"
ACCOUNT_SCIM = ACCOUNT + "/scim/v2"
WORKSPACE_SCIM = "/api/2.0/preview/scim/v2"


def _account(method: str, path: str, handler: Handler, rule: Rule = ACCOUNT_ADMIN) -> Route:
    return Route(method=method, host=HostKind.ACCOUNT, path=path, handler=handler, rule=rule)


def _workspace(method: str, path: str, handler: Handler, rule: Rule, *, raw: bool = False) -> Route:
    return Route(method=method, host=HostKind.WORKSPACE, path=path, handler=handler, rule=rule, raw=raw)


LOG_IN = (
    _account("GET", "/.well-known/databricks-config", oidc.get_host_metadata, Public()),
    _account(
        "GET",
        "/oidc/accounts/{account_id}/.well-known/oauth-authorization-server",
        oidc.get_account_server,
        Public(),
    ),
    _account("POST", "/oidc/accounts/{account_id}/v1/token", oidc.create_account_access_token, Public()),
    _workspace("GET", "/.well-known/databricks-config", oidc.get_host_metadata, Public()),
    _workspace("GET", "/oidc/.well-known/oauth-authorization-server", oidc.get_workspace_server, Public()),
    _workspace("POST", "/oidc/v1/token", oidc.create_workspace_access_token, Public()),
)


def _scim(path: str, host: HostKind, reads: Rule, writes: Rule) -> tuple[Route, ...]:
    collections = (
        (
            "/ServicePrincipals",
            service_principals.list_service_principals,
            service_principals.create_service_principal,
            service_principals.get_service_principal,
            service_principals.replace_service_principal,
            service_principals.patch_service_principal,
            service_principals.delete_service_principal,
        ),
        (
            "/Users",
            users.list_users,
            users.create_user,
            users.get_user,
            users.replace_user,
            users.patch_user,
            users.delete_user,
        ),
        (
            "/Groups",
            groups.list_groups,
            groups.create_group,
            groups.get_group,
            groups.replace_group,
            groups.patch_group,
            groups.delete_group,
        ),
    )
    return tuple(
        Route(method=method, host=host, path=path + collection + tail, handler=handler, rule=rule)
        for collection, listing, create, get, replace, patch, delete in collections
        for method, tail, handler, rule in (
            ("GET", "", listing, reads),
            ("POST", "", create, writes),
            ("GET", "/{id}", get, reads),
            ("PUT", "/{id}", replace, writes),
            ("PATCH", "/{id}", patch, writes),
            ("DELETE", "/{id}", delete, writes),
        )
    )


# Members of a workspace may look each other up; only its admins change anything
# (https://docs.databricks.com/api/workspace/serviceprincipals).
IDENTITIES = (
    *_scim(ACCOUNT_SCIM, HostKind.ACCOUNT, reads=ACCOUNT_ADMIN, writes=ACCOUNT_ADMIN),
    *_scim(WORKSPACE_SCIM, HostKind.WORKSPACE, reads=MEMBER, writes=ADMIN),
    _workspace("GET", WORKSPACE_SCIM + "/Me", me.get_me, MEMBER),
)

WORKSPACE_PLACES = (
    _account("GET", ACCOUNT + "/workspaces", workspaces.list_workspaces),
    _account("GET", ACCOUNT + "/workspaces/{workspace_id}", workspaces.get_workspace),
    _account(
        "GET",
        ACCOUNT + "/workspaces/{workspace_id}/permissionassignments",
        permission_assignments.list_assignments,
    ),
    _account(
        "PUT",
        ACCOUNT + "/workspaces/{workspace_id}/permissionassignments/principals/{principal_id}",
        permission_assignments.put_assignment,
    ),
    _account(
        "DELETE",
        ACCOUNT + "/workspaces/{workspace_id}/permissionassignments/principals/{principal_id}",
        permission_assignments.delete_assignment,
    ),
    _workspace(
        "GET",
        "/api/2.0/preview/permissionassignments",
        permission_assignments.list_assignments,
        ADMIN,
    ),
    _workspace(
        "POST",
        "/api/2.0/preview/permissionassignments",
        permission_assignments.create_assignments,
        ADMIN,
    ),
    _workspace(
        "PUT",
        "/api/2.0/preview/permissionassignments/principals/{principal_id}",
        permission_assignments.put_assignment,
        ADMIN,
    ),
    _workspace(
        "DELETE",
        "/api/2.0/preview/permissionassignments/principals/{principal_id}",
        permission_assignments.delete_assignment,
        ADMIN,
    ),
)

_METASTORE, _OF_WORKSPACE = ACCOUNT + "/metastores/{metastore_id}", ACCOUNT + "/workspaces/{workspace_id}"

METASTORES = (
    _account("GET", ACCOUNT + "/metastores", metastores.list_metastores),
    _account("POST", ACCOUNT + "/metastores", metastores.create_metastore),
    _account("GET", _METASTORE, metastores.get_metastore),
    _account("PUT", _METASTORE, metastores.update_metastore),
    _account("DELETE", _METASTORE, metastores.delete_metastore),
    _account("GET", _METASTORE + "/workspaces", metastore_assignments.list_assignments),
    _account("GET", _OF_WORKSPACE + "/metastore", metastore_assignments.get_assignment),
    _account("POST", _OF_WORKSPACE + "/metastores/{metastore_id}", metastore_assignments.create_assignment),
    _account("PUT", _OF_WORKSPACE + "/metastores/{metastore_id}", metastore_assignments.update_assignment),
    _account("DELETE", _OF_WORKSPACE + "/metastores/{metastore_id}", metastore_assignments.delete_assignment),
)

_SECRETS = "/servicePrincipals/{id}/credentials/secrets"

_POLICIES = ACCOUNT + "/servicePrincipals/{id}/federationPolicies"
_POLICY = _POLICIES + "/{policy_id:path}"
_ENABLED = TokensEnabled()
_OWN_TOKENS = Every((_ENABLED, TokenUser()))

CREDENTIALS = (
    _account("GET", _POLICIES, federation_policies.list_policies),
    _account("POST", _POLICIES, federation_policies.create_policy),
    _account("GET", _POLICY, federation_policies.get_policy),
    _account("PATCH", _POLICY, federation_policies.update_policy),
    _account("DELETE", _POLICY, federation_policies.delete_policy),
    _account("GET", ACCOUNT + _SECRETS, service_principal_secrets.list_secrets),
    _account("POST", ACCOUNT + _SECRETS, service_principal_secrets.create_secret),
    _account("DELETE", ACCOUNT + _SECRETS + "/{secret_id}", service_principal_secrets.delete_secret),
    _workspace("GET", "/api/2.0/accounts" + _SECRETS, service_principal_secrets.list_secrets, ADMIN),
    _workspace("POST", "/api/2.0/accounts" + _SECRETS, service_principal_secrets.create_secret, ADMIN),
    _workspace(
        "DELETE",
        "/api/2.0/accounts" + _SECRETS + "/{secret_id}",
        service_principal_secrets.delete_secret,
        ADMIN,
    ),
    _workspace(
        "POST",
        "/api/2.0/token-management/on-behalf-of/tokens",
        token_management.create_obo_token,
        Every((TokenManager(), _ENABLED)),
    ),
    _workspace("GET", "/api/2.0/token-management/tokens", token_management.list_all_tokens, TokenManager()),
    _workspace("GET", "/api/2.0/token-management/tokens/{token_id}", token_management.get_any_token, TokenManager()),
    _workspace(
        "PATCH",
        "/api/2.0/token-management/tokens/{token_id}",
        token_management.update_any_token,
        TokenManager(),
    ),
    _workspace(
        "DELETE",
        "/api/2.0/token-management/tokens/{token_id}",
        token_management.delete_any_token,
        TokenManager(),
    ),
    _workspace("POST", "/api/2.0/token/create", tokens.create_token, _OWN_TOKENS),
    _workspace("GET", "/api/2.0/token/list", tokens.list_tokens, _OWN_TOKENS),
    _workspace("POST", "/api/2.0/token/delete", tokens.delete_token, _OWN_TOKENS),
    _workspace("GET", "/api/2.0/workspace-conf", workspace_conf.get_status, ADMIN),
    _workspace("PATCH", "/api/2.0/workspace-conf", workspace_conf.set_status, ADMIN),
)

PERMISSIONS = (
    _workspace("GET", "/api/2.0/permissions/authorization/tokens", token_permissions.get_permissions, TokenManager()),
    _workspace("PUT", "/api/2.0/permissions/authorization/tokens", token_permissions.put_permissions, TokenManager()),
    _workspace(
        "PATCH", "/api/2.0/permissions/authorization/tokens", token_permissions.patch_permissions, TokenManager()
    ),
    _workspace(
        "GET",
        "/api/2.0/permissions/authorization/tokens/permissionLevels",
        token_permissions.get_levels,
        TokenManager(),
    ),
)

UNITY_CATALOG = "/api/2.1/unity-catalog"

_CATALOG, _SCHEMA = SecurableType.CATALOG, SecurableType.SCHEMA
_TABLE, _VOLUME, _MODEL = SecurableType.TABLE, SecurableType.VOLUME, SecurableType.MODEL
_NAME, _FULL_NAME = OfPath("name"), OfPath("full_name")

CATALOGS = (
    _workspace(
        "GET",
        UNITY_CATALOG + "/current-metastore-assignment",
        metastore_assignments.get_current_assignment,
        MEMBER,
    ),
    _workspace("GET", UNITY_CATALOG + "/metastore_summary", metastores.get_summary, MEMBER),
    _workspace("GET", UNITY_CATALOG + "/catalogs", catalogs.list_catalogs, MEMBER),
    _workspace(
        "POST", UNITY_CATALOG + "/catalogs", catalogs.create_catalog, NeedsOnMetastore(Privilege.CREATE_CATALOG)
    ),
    _workspace("GET", UNITY_CATALOG + "/catalogs/{name}", catalogs.get_catalog, Sees(_CATALOG, _NAME)),
    _workspace("PATCH", UNITY_CATALOG + "/catalogs/{name}", catalogs.update_catalog, Manages(_CATALOG, _NAME)),
    _workspace("DELETE", UNITY_CATALOG + "/catalogs/{name}", catalogs.delete_catalog, Manages(_CATALOG, _NAME)),
    _workspace(
        "GET", UNITY_CATALOG + "/bindings/catalog/{name}", workspace_bindings.get_bindings, ManagesBindings(_NAME)
    ),
    _workspace(
        "PATCH",
        UNITY_CATALOG + "/bindings/catalog/{name}",
        workspace_bindings.update_bindings,
        ManagesBindings(_NAME),
    ),
    _workspace(
        "GET",
        UNITY_CATALOG + "/workspace-bindings/catalogs/{name}",
        workspace_bindings.get_workspaces,
        ManagesBindings(_NAME),
    ),
    _workspace(
        "PATCH",
        UNITY_CATALOG + "/workspace-bindings/catalogs/{name}",
        workspace_bindings.update_workspaces,
        ManagesBindings(_NAME),
    ),
    _workspace("GET", UNITY_CATALOG + "/schemas", schemas.list_schemas, MEMBER),
    _workspace(
        "POST",
        UNITY_CATALOG + "/schemas",
        schemas.create_schema,
        Needs(Privilege.CREATE_SCHEMA, on=_CATALOG, named=OfBody(("catalog_name",))),
    ),
    _workspace("GET", UNITY_CATALOG + "/schemas/{full_name}", schemas.get_schema, Sees(_SCHEMA, _FULL_NAME)),
    _workspace("PATCH", UNITY_CATALOG + "/schemas/{full_name}", schemas.update_schema, Manages(_SCHEMA, _FULL_NAME)),
    _workspace("DELETE", UNITY_CATALOG + "/schemas/{full_name}", schemas.delete_schema, Manages(_SCHEMA, _FULL_NAME)),
    _workspace("GET", UNITY_CATALOG + "/tables", tables.list_tables, MEMBER),
    _workspace("GET", UNITY_CATALOG + "/tables/{full_name}", tables.get_table, Sees(_TABLE, _FULL_NAME)),
    _workspace(
        "GET",
        UNITY_CATALOG + "/tables/{full_name}/exists",
        tables.table_exists,
        Sees(_SCHEMA, ContainerOf(_FULL_NAME)),
    ),
    _workspace("PATCH", UNITY_CATALOG + "/tables/{full_name}", tables.update_table, Manages(_TABLE, _FULL_NAME)),
    _workspace("DELETE", UNITY_CATALOG + "/tables/{full_name}", tables.delete_table, Manages(_TABLE, _FULL_NAME)),
)

VOLUMES = (
    _workspace("GET", UNITY_CATALOG + "/volumes", volumes.list_volumes, MEMBER),
    _workspace(
        "POST",
        UNITY_CATALOG + "/volumes",
        volumes.create_volume,
        Needs(Privilege.CREATE_VOLUME, on=_SCHEMA, named=OfBody(("catalog_name", "schema_name"))),
    ),
    _workspace("GET", UNITY_CATALOG + "/volumes/{full_name}", volumes.get_volume, Sees(_VOLUME, _FULL_NAME)),
    _workspace("PATCH", UNITY_CATALOG + "/volumes/{full_name}", volumes.update_volume, Manages(_VOLUME, _FULL_NAME)),
    _workspace("DELETE", UNITY_CATALOG + "/volumes/{full_name}", volumes.delete_volume, Manages(_VOLUME, _FULL_NAME)),
)

# Aliases are their owner's to set (docs.databricks.com, "Manage model lifecycle in Unity Catalog").
MODELS = (
    _workspace("GET", UNITY_CATALOG + "/models", registered_models.list_models, MEMBER),
    _workspace(
        "POST",
        UNITY_CATALOG + "/models",
        registered_models.create_model,
        Needs(
            Privilege.CREATE_MODEL,
            on=_SCHEMA,
            named=OfBody(("catalog_name", "schema_name")),
            instead=Privilege.CREATE_FUNCTION,
        ),
    ),
    _workspace("GET", UNITY_CATALOG + "/models/{full_name}", registered_models.get_model, Sees(_MODEL, _FULL_NAME)),
    _workspace(
        "PATCH", UNITY_CATALOG + "/models/{full_name}", registered_models.update_model, Manages(_MODEL, _FULL_NAME)
    ),
    _workspace(
        "DELETE", UNITY_CATALOG + "/models/{full_name}", registered_models.delete_model, Manages(_MODEL, _FULL_NAME)
    ),
    _workspace(
        "GET",
        UNITY_CATALOG + "/models/{full_name}/versions",
        registered_models.list_versions,
        Needs(Privilege.EXECUTE, on=_MODEL, named=_FULL_NAME),
    ),
    _workspace(
        "PUT",
        UNITY_CATALOG + "/models/{full_name}/aliases/{alias}",
        registered_models.set_alias,
        Manages(_MODEL, _FULL_NAME),
    ),
    _workspace(
        "DELETE",
        UNITY_CATALOG + "/models/{full_name}/aliases/{alias}",
        registered_models.delete_alias,
        Manages(_MODEL, _FULL_NAME),
    ),
)

# Who may measure a table: `QualityMonitorsAPI.create` of the SDK says so.
_MONITORED = Every((Manages(_TABLE, _FULL_NAME), Needs(Privilege.SELECT, on=_TABLE, named=_FULL_NAME)))
_MONITOR = UNITY_CATALOG + "/tables/{full_name}/monitor"
_METRICS_GO_THERE = Needs(Privilege.CREATE_TABLE, on=_SCHEMA, named=OfBody(("output_schema_name",)))

MONITORS = (
    _workspace("POST", _MONITOR, quality_monitors.create_monitor, Every((_MONITORED, _METRICS_GO_THERE))),
    _workspace("GET", _MONITOR, quality_monitors.get_monitor, Needs(Privilege.SELECT, on=_TABLE, named=_FULL_NAME)),
    _workspace("PUT", _MONITOR, quality_monitors.replace_monitor, Every((_MONITORED, _METRICS_GO_THERE))),
    _workspace("DELETE", _MONITOR, quality_monitors.delete_monitor, _MONITORED),
)

GRANTS = (
    _workspace(
        "GET", UNITY_CATALOG + "/permissions/{securable_type}/{full_name}", grants.get_permissions, SeesGrants()
    ),
    _workspace(
        "PATCH", UNITY_CATALOG + "/permissions/{securable_type}/{full_name}", grants.update_permissions, ManagesGrants()
    ),
    _workspace(
        "GET",
        UNITY_CATALOG + "/effective-permissions/{securable_type}/{full_name}",
        grants.get_effective_permissions,
        SeesGrants(),
    ),
)

_SQL_USER = Entitled((SQL_ACCESS,))
_WAREHOUSES = "/api/2.0/sql/warehouses"


def _of_warehouse(level: str) -> Rule:
    return Every((_SQL_USER, Holds(level, warehouses.access)))


SQL = (
    _workspace("GET", _WAREHOUSES, warehouses.list_warehouses, _SQL_USER),
    # "Workspace admins and sufficiently privileged users: unrestricted cluster creation"
    # (https://docs.databricks.com/aws/en/compute/sql-warehouse/create).
    _workspace("POST", _WAREHOUSES, warehouses.create_warehouse, Entitled((SQL_ACCESS, CLUSTER_CREATION))),
    _workspace("GET", _WAREHOUSES + "/{id}", warehouses.get_warehouse, _of_warehouse(CAN_VIEW)),
    _workspace("POST", _WAREHOUSES + "/{id}/edit", warehouses.edit_warehouse, _of_warehouse(CAN_MANAGE)),
    _workspace("POST", _WAREHOUSES + "/{id}/start", warehouses.start_warehouse, _of_warehouse(CAN_USE)),
    _workspace("POST", _WAREHOUSES + "/{id}/stop", warehouses.stop_warehouse, _of_warehouse(CAN_MANAGE)),
    _workspace("DELETE", _WAREHOUSES + "/{id}", warehouses.delete_warehouse, _of_warehouse(CAN_MANAGE)),
    _workspace("GET", "/api/2.0/preview/sql/data_sources", warehouses.list_data_sources, _SQL_USER),
    _workspace(
        "POST",
        "/api/2.0/sql/statements",
        statements.execute_statement,
        Every(
            (
                _SQL_USER,
                Holds(CAN_USE, warehouses.access_of_statement),
                HoldsWhatStatementNeeds(statements.read_statement),
            )
        ),
    ),
)

_CLUSTERS = "/api/2.1/clusters"
_MAY_MAKE = Every((Entitled((WORKSPACE_ACCESS,)), Unless(clusters.is_allowed_by_policy, Entitled((CLUSTER_CREATION,)))))
_ATTACHES, _RESTARTS, _CHANGES = (Holds(level, clusters.access) for level in (CAN_ATTACH_TO, CAN_RESTART, CAN_MANAGE))

COMPUTE = (
    _workspace("GET", _CLUSTERS + "/list", clusters.list_clusters, Entitled((WORKSPACE_ACCESS,))),
    _workspace("GET", _CLUSTERS + "/get", clusters.get_cluster, _ATTACHES),
    _workspace("POST", _CLUSTERS + "/create", clusters.create_cluster, _MAY_MAKE),
    _workspace("POST", _CLUSTERS + "/edit", clusters.edit_cluster, Every((_CHANGES, _MAY_MAKE))),
    _workspace("POST", _CLUSTERS + "/resize", clusters.resize_cluster, _CHANGES),
    _workspace("POST", _CLUSTERS + "/start", clusters.start_cluster, _RESTARTS),
    _workspace("POST", _CLUSTERS + "/delete", clusters.terminate_cluster, _RESTARTS),
    _workspace("POST", _CLUSTERS + "/permanent-delete", clusters.delete_cluster, _CHANGES),
    # "This API can only be called by workspace admins" (databricks.sdk.service.compute, ClustersAPI.pin).
    _workspace("POST", _CLUSTERS + "/pin", clusters.pin_cluster, Every((_ATTACHES, ADMIN))),
    _workspace("POST", _CLUSTERS + "/unpin", clusters.unpin_cluster, Every((_ATTACHES, ADMIN))),
    _workspace("GET", _CLUSTERS + "/list-node-types", clusters.list_node_types, MEMBER),
    _workspace("GET", _CLUSTERS + "/spark-versions", clusters.list_spark_versions, MEMBER),
)

_WORKER = Entitled((WORKSPACE_ACCESS,))
_OF_JOB, _OF_RUN = jobs.access, job_runs.access


def _jobs(version: str) -> tuple[Route, ...]:
    path, runs = f"/api/{version}/jobs", f"/api/{version}/jobs/runs"
    manages, runs_it = Holds(CAN_MANAGE, _OF_JOB), Holds(CAN_MANAGE_RUN, _OF_JOB)
    changes = Every((_WORKER, manages, MayMakeItsClusters()))
    create = jobs.create_job if version == "2.2" else limited(*OLD_API)(jobs.create_job)
    return (
        _workspace("POST", path + "/create", create, Every((_WORKER, MayMakeItsClusters()))),
        _workspace("GET", path + "/get", jobs.get_job, Holds(CAN_VIEW, _OF_JOB)),
        _workspace("GET", path + "/list", jobs.list_jobs, _WORKER),
        _workspace("POST", path + "/reset", jobs.reset_job, changes),
        _workspace("POST", path + "/update", jobs.update_job, changes),
        _workspace("POST", path + "/delete", jobs.delete_job, manages),
        _workspace("POST", path + "/run-now", job_runs.run_now, runs_it),
        _workspace("GET", runs + "/get", job_runs.get_run, Holds(CAN_VIEW, _OF_RUN)),
        _workspace("GET", runs + "/get-output", job_runs.get_run_output, Holds(CAN_VIEW, _OF_RUN)),
        _workspace("GET", runs + "/list", job_runs.list_runs, _WORKER),
        _workspace("POST", runs + "/cancel", job_runs.cancel_run, Holds(CAN_MANAGE_RUN, _OF_RUN)),
        _workspace("POST", runs + "/cancel-all", job_runs.cancel_all_runs, runs_it),
        _workspace("POST", runs + "/delete", job_runs.delete_run, Holds(CAN_MANAGE, _OF_RUN)),
    )


# The provider speaks 2.2, and 2.0 when it imports; SDKs of other ages speak 2.1.
JOBS = (*_jobs("2.0"), *_jobs("2.1"), *_jobs("2.2"))

_PIPELINE = "/api/2.0/pipelines/{pipeline_id}"

PIPELINES = (
    _workspace("GET", "/api/2.0/pipelines", pipelines.list_pipelines, _WORKER),
    _workspace("POST", "/api/2.0/pipelines", pipelines.create_pipeline, _WORKER),
    _workspace("GET", _PIPELINE, pipelines.get_pipeline, Holds(CAN_VIEW, pipelines.access)),
    _workspace("PUT", _PIPELINE, pipelines.replace_pipeline, Holds(CAN_MANAGE, pipelines.access)),
    _workspace("DELETE", _PIPELINE, pipelines.delete_pipeline, Holds(CAN_MANAGE, pipelines.access)),
)

_ENDPOINTS = "/api/2.0/serving-endpoints"
_SEES_ENDPOINT, _MANAGES_ENDPOINT = (Holds(level, serving_endpoints.access) for level in (CAN_VIEW, CAN_MANAGE))
_SERVES = MayServe(serving_endpoints.served_models)

SERVING = (
    _workspace("GET", _ENDPOINTS, serving_endpoints.list_endpoints, _WORKER),
    _workspace("POST", _ENDPOINTS, serving_endpoints.create_endpoint, Every((_WORKER, _SERVES))),
    _workspace("GET", _ENDPOINTS + "/{name}", serving_endpoints.get_endpoint, _SEES_ENDPOINT),
    _workspace("PUT", _ENDPOINTS + "/{name}/config", serving_endpoints.put_config, Every((_MANAGES_ENDPOINT, _SERVES))),
    _workspace("PATCH", _ENDPOINTS + "/{name}/tags", serving_endpoints.patch_tags, _MANAGES_ENDPOINT),
    _workspace("PUT", _ENDPOINTS + "/{name}/ai-gateway", serving_endpoints.put_ai_gateway, _MANAGES_ENDPOINT),
    _workspace("DELETE", _ENDPOINTS + "/{name}", serving_endpoints.delete_endpoint, _MANAGES_ENDPOINT),
)

_EXPERIMENTS, _MODELS = "/api/2.0/mlflow/experiments", "/api/2.0/mlflow/registered-models"
_SEES_MODEL, _MANAGES_MODEL = (
    Holds(CAN_READ, workspace_models.access),
    Holds(CAN_MANAGE, workspace_models.access),
)

MLFLOW = (
    _workspace(
        "POST", _EXPERIMENTS + "/create", experiments.create_experiment, Every((_WORKER, MayWrite(PathOfBody("name"))))
    ),
    _workspace("GET", _EXPERIMENTS + "/get", experiments.get_experiment, SeesNode(experiments.wanted)),
    _workspace("GET", _EXPERIMENTS + "/get-by-name", experiments.get_experiment_by_name, SeesNode(experiments.named)),
    _workspace("POST", _EXPERIMENTS + "/search", experiments.search_experiments, _WORKER),
    _workspace("POST", _EXPERIMENTS + "/update", experiments.update_experiment, MayRename(experiments.wanted)),
    _workspace(
        "POST", _EXPERIMENTS + "/delete", experiments.delete_experiment, HoldsOnNode(CAN_MANAGE, experiments.wanted)
    ),
    _workspace(
        "POST",
        _EXPERIMENTS + "/set-experiment-tag",
        experiments.set_experiment_tag,
        HoldsOnNode(CAN_EDIT, experiments.wanted),
    ),
    _workspace("POST", _MODELS + "/create", workspace_models.create_model, _WORKER),
    _workspace("GET", _MODELS + "/list", workspace_models.list_models, _WORKER),
    _workspace("PATCH", _MODELS + "/update", workspace_models.update_model, Holds(CAN_EDIT, workspace_models.access)),
    _workspace("POST", _MODELS + "/set-tag", workspace_models.set_model_tag, Holds(CAN_EDIT, workspace_models.access)),
    _workspace(
        "DELETE", _MODELS + "/delete-tag", workspace_models.delete_model_tag, Holds(CAN_EDIT, workspace_models.access)
    ),
    _workspace("DELETE", _MODELS + "/delete", workspace_models.delete_model, _MANAGES_MODEL),
    _workspace("GET", "/api/2.0/mlflow/databricks/registered-models/get", workspace_models.get_model, _SEES_MODEL),
)

_TREE, _TREE_FILES = "/api/2.0/workspace", "/api/2.0/workspace-files"

WORKSPACE_TREE = (
    _workspace("GET", _TREE + "/get-status", workspace_objects.get_status, SeesNode(workspace_objects.node_of_query)),
    _workspace("GET", _TREE + "/list", workspace_objects.list_objects, SeesNode(workspace_objects.node_of_query)),
    _workspace("GET", _TREE + "/export", workspace_objects.export_object, SeesNode(workspace_objects.node_of_query)),
    _workspace("POST", _TREE + "/mkdirs", workspace_objects.make_directory, MayWrite(PathOfBody("path"))),
    _workspace("POST", _TREE + "/import", workspace_objects.import_object, MayWrite(PathOfBody("path"))),
    _workspace(
        "POST",
        _TREE + "/delete",
        workspace_objects.delete_object,
        HoldsOnNode(CAN_MANAGE, workspace_objects.node_of_body),
    ),
    _workspace(
        "POST",
        _TREE_FILES + "/import-file/{path:path}",
        workspace_files.import_file,
        MayWrite(workspace_files.imported_path),
        raw=True,
    ),
    _workspace("GET", _TREE_FILES + "/{path:path}", workspace_files.get_file, SeesNode(workspace_files.node_of_path)),
)

_DASHBOARDS, _ALERTS = "/api/2.0/lakeview/dashboards", "/api/2.0/alerts"
_DASHBOARD, _ALERT = _DASHBOARDS + "/{dashboard_id}", _ALERTS + "/{id}"


def _of_dashboard(level: str) -> Rule:
    return HoldsOnNode(level, dashboards.wanted)


def _of_alert(level: str) -> Rule:
    return HoldsOnNode(level, alerts.wanted)


# "Read/write Databricks SQL objects" takes Databricks SQL access
# (https://docs.databricks.com/aws/en/security/auth/entitlements).
DASHBOARDS = (
    _workspace("GET", _DASHBOARDS, dashboards.list_dashboards, MEMBER),
    _workspace("POST", _DASHBOARDS, dashboards.create_dashboard, Every((_SQL_USER, MayWrite(dashboards.path_of_new)))),
    _workspace("GET", _DASHBOARD, dashboards.get_dashboard, _of_dashboard(CAN_READ)),
    _workspace("PATCH", _DASHBOARD, dashboards.update_dashboard, _of_dashboard(CAN_EDIT)),
    _workspace("DELETE", _DASHBOARD, dashboards.trash_dashboard, _of_dashboard(CAN_MANAGE)),
    _workspace("GET", _DASHBOARD + "/published", dashboards.get_published, _of_dashboard(CAN_READ)),
    _workspace("POST", _DASHBOARD + "/published", dashboards.publish_dashboard, _of_dashboard(CAN_EDIT)),
    _workspace("DELETE", _DASHBOARD + "/published", dashboards.unpublish_dashboard, _of_dashboard(CAN_EDIT)),
)

ALERTS = (
    _workspace("GET", _ALERTS, alerts.list_alerts, _SQL_USER),
    _workspace("POST", _ALERTS, alerts.create_alert, Every((_SQL_USER, MayWrite(alerts.path_of_new)))),
    _workspace("GET", _ALERT, alerts.get_alert, _of_alert(CAN_READ)),
    _workspace("PATCH", _ALERT, alerts.update_alert, _of_alert(CAN_EDIT)),
    _workspace("DELETE", _ALERT, alerts.trash_alert, _of_alert(CAN_MANAGE)),
)

_APPS, _APP = "/api/2.0/apps", "/api/2.0/apps/{name}"
_MANAGES_APP = Holds(CAN_MANAGE, apps.access)

APPS = (
    _workspace("GET", _APPS, apps.list_apps, MEMBER),
    _workspace("POST", _APPS, apps.create_app, _WORKER),
    _workspace("GET", _APP, apps.get_app, Holds(CAN_USE, apps.access)),
    _workspace("PATCH", _APP, apps.update_app, _MANAGES_APP),
    _workspace("DELETE", _APP, apps.delete_app, _MANAGES_APP),
    _workspace("POST", _APP + "/start", apps.start_app, _MANAGES_APP),
    _workspace("POST", _APP + "/stop", apps.stop_app, _MANAGES_APP),
    _workspace("POST", _APP + "/deployments", apps.deploy_app, _MANAGES_APP),
    _workspace("GET", _APP + "/deployments/{deployment_id}", apps.get_deployment, _MANAGES_APP),
)

_INSTANCES, _ONLINE, _SYNCED = (f"/api/2.0/database/{name}" for name in ("instances", "catalogs", "synced_tables"))
_MANAGES_INSTANCE = Holds(CAN_MANAGE, instances.access)

DATABASES = (
    _workspace("GET", _INSTANCES, instances.list_instances, _WORKER),
    _workspace("POST", _INSTANCES, instances.create_instance, _WORKER),
    _workspace("GET", _INSTANCES + "/{name}", instances.get_instance, _WORKER),
    _workspace("PATCH", _INSTANCES + "/{name}", instances.update_instance, _MANAGES_INSTANCE),
    _workspace("DELETE", _INSTANCES + "/{name}", instances.delete_instance, _MANAGES_INSTANCE),
    _workspace(
        "POST",
        _ONLINE,
        database_catalogs.create_catalog,
        Every((NeedsOnMetastore(Privilege.CREATE_CATALOG), Holds(CAN_USE, database_catalogs.instance_of_body))),
    ),
    _workspace("GET", _ONLINE + "/{name}", database_catalogs.get_catalog, Sees(_CATALOG, _NAME)),
    _workspace("PATCH", _ONLINE + "/{name}", database_catalogs.update_catalog, Manages(_CATALOG, _NAME)),
    _workspace("DELETE", _ONLINE + "/{name}", database_catalogs.delete_catalog, Manages(_CATALOG, _NAME)),
    _workspace("POST", _SYNCED, synced_tables.create_synced_table, synced_tables.MaySync()),
    _workspace("GET", _SYNCED + "/{name}", synced_tables.get_synced_table, Sees(_TABLE, _NAME)),
    _workspace("PATCH", _SYNCED + "/{name}", synced_tables.update_synced_table, Manages(_TABLE, _NAME)),
    _workspace("DELETE", _SYNCED + "/{name}", synced_tables.delete_synced_table, Manages(_TABLE, _NAME)),
)

_MANAGES_OBJECT = Holds(CAN_MANAGE, object_permissions.access)


def _access_lists(path: str) -> tuple[Route, ...]:
    return (
        _workspace("GET", path, object_permissions.get_permissions, _MANAGES_OBJECT),
        _workspace("PUT", path, object_permissions.put_permissions, _MANAGES_OBJECT),
        _workspace("PATCH", path, object_permissions.patch_permissions, _MANAGES_OBJECT),
        _workspace("GET", path + "/permissionLevels", object_permissions.get_levels, _MANAGES_OBJECT),
    )


OBJECT_PERMISSIONS = (
    *_access_lists("/api/2.0/permissions/{collection}/{id}"),
    *_access_lists("/api/2.0/permissions/sql/{collection_of_sql}/{id}"),
)

_SCOPES, _ACLS = "/api/2.0/secrets/scopes", "/api/2.0/secrets/acls"
_MANAGES_SCOPE = Every((_WORKER, Holds(MANAGE, secret_scopes.access)))

SECRET_SCOPES = (
    _workspace("POST", _SCOPES + "/create", secret_scopes.create_scope, _WORKER),
    _workspace("GET", _SCOPES + "/list", secret_scopes.list_scopes, _WORKER),
    _workspace("POST", _SCOPES + "/delete", secret_scopes.delete_scope, _MANAGES_SCOPE),
    _workspace("POST", _ACLS + "/put", secret_scopes.put_acl, _MANAGES_SCOPE),
    _workspace("GET", _ACLS + "/get", secret_scopes.get_acl, _MANAGES_SCOPE),
    _workspace("GET", _ACLS + "/list", secret_scopes.list_acls, _MANAGES_SCOPE),
    _workspace("POST", _ACLS + "/delete", secret_scopes.delete_acl, _MANAGES_SCOPE),
)

_CREDENTIAL = "/api/2.0/git-credentials/{credential_id}"

GIT = (
    _workspace("GET", "/api/2.0/git-credentials", git_credentials.list_credentials, _WORKER),
    _workspace("POST", "/api/2.0/git-credentials", git_credentials.create_credential, _WORKER),
    _workspace("GET", _CREDENTIAL, git_credentials.get_credential, _WORKER),
    _workspace("PATCH", _CREDENTIAL, git_credentials.update_credential, _WORKER),
    _workspace("DELETE", _CREDENTIAL, git_credentials.delete_credential, _WORKER),
)

TELEMETRY = (_workspace("POST", "/telemetry-ext", telemetry.receive, MEMBER),)

ROUTES: tuple[Route, ...] = (
    *LOG_IN,
    *IDENTITIES,
    *WORKSPACE_PLACES,
    *METASTORES,
    *CREDENTIALS,
    *PERMISSIONS,
    *CATALOGS,
    *VOLUMES,
    *MODELS,
    *MONITORS,
    *GRANTS,
    *SQL,
    *COMPUTE,
    *JOBS,
    *PIPELINES,
    *SERVING,
    *MLFLOW,
    *WORKSPACE_TREE,
    *DASHBOARDS,
    *ALERTS,
    *APPS,
    *DATABASES,
    *OBJECT_PERMISSIONS,
    *SECRET_SCOPES,
    *GIT,
    *TELEMETRY,
)
