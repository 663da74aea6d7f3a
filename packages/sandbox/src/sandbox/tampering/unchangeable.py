"""What is not done to attributes, each with the reason: pairs of a type and an attribute, and single acts."""

from collections.abc import Mapping
from itertools import product

from sandbox.tampering.acts import Way, name_of
from sandbox.tampering.attributes.forms import reasons_of
from sandbox.tampering.attributes.tables import TABLES

_NAMES = "it says which object is meant: another value is another object"
_PLACE = "it says where the object is: another value is another object"
_MADE_SO = "the service takes it when the object is made, and no request changes it afterwards"
_OURS = "Terraform alone knows it: no service is told"
_UNSEEN = "no read shows it, so that nobody can see it change"

_SWITCH = "it is on or off: the other one is a change"
_ALWAYS = "every object has it: another one is a change"
_ALONE = "without it the object itself is gone, which is an act of its own"

UNCHANGEABLE: Mapping[tuple[str, str], str] = {
    ("databricks_catalog", "name"): _NAMES,
    ("databricks_catalog", "storage_root"): _MADE_SO,
    ("databricks_cluster", "no_wait"): _OURS,
    ("databricks_directory", "delete_recursive"): _OURS,
    ("databricks_directory", "path"): _NAMES,
    ("databricks_entitlements", "service_principal_id"): _NAMES,
    ("databricks_grant", "catalog"): _NAMES,
    ("databricks_grant", "principal"): _NAMES,
    ("databricks_grant", "schema"): _NAMES,
    ("databricks_grant", "table"): _NAMES,
    ("databricks_grants", "function"): _NAMES,
    ("databricks_group_member", "group_id"): _NAMES,
    ("databricks_group_member", "member_id"): _NAMES,
    ("databricks_job", "format"): "the service answers MULTI_TASK whatever it is told",
    ("databricks_mlflow_model", "name"): _NAMES,
    ("databricks_model_serving", "name"): _NAMES,
    ("databricks_notebook", "format"): _UNSEEN,
    ("databricks_notebook", "path"): _NAMES,
    ("databricks_notebook", "source"): _UNSEEN,
    ("databricks_obo_token", "application_id"): _UNSEEN,
    ("databricks_obo_token", "lifetime_seconds"): _UNSEEN,
    ("databricks_permission_assignment", "principal_id"): _NAMES,
    ("databricks_permissions", "cluster_id"): _NAMES,
    ("databricks_permissions", "directory_path"): _NAMES,
    ("databricks_permissions", "experiment_id"): _NAMES,
    ("databricks_permissions", "job_id"): _NAMES,
    ("databricks_permissions", "pipeline_id"): _NAMES,
    ("databricks_permissions", "registered_model_id"): _NAMES,
    ("databricks_permissions", "serving_endpoint_id"): _NAMES,
    ("databricks_permissions", "sql_endpoint_id"): _NAMES,
    ("databricks_quality_monitor", "assets_dir"): _MADE_SO,
    ("databricks_quality_monitor", "table_name"): _NAMES,
    ("databricks_registered_model", "catalog_name"): _PLACE,
    ("databricks_registered_model", "name"): _NAMES,
    ("databricks_registered_model", "schema_name"): _PLACE,
    ("databricks_schema", "catalog_name"): _PLACE,
    ("databricks_schema", "force_destroy"): _OURS,
    ("databricks_schema", "name"): _NAMES,
    ("databricks_secret_acl", "principal"): _NAMES,
    ("databricks_secret_acl", "scope"): _NAMES,
    ("databricks_secret_scope", "name"): _NAMES,
    ("databricks_service_principal", "disable_as_user_deletion"): _OURS,
    ("databricks_volume", "catalog_name"): _PLACE,
    ("databricks_volume", "name"): _NAMES,
    ("databricks_volume", "schema_name"): _PLACE,
    ("databricks_volume", "volume_type"): _MADE_SO,
    ("databricks_workspace_file", "path"): _NAMES,
    ("databricks_workspace_file", "source"): _UNSEEN,
    ("github_actions_environment_secret", "environment"): _PLACE,
    ("github_actions_environment_secret", "repository"): _PLACE,
    ("github_actions_environment_secret", "secret_name"): _NAMES,
    ("github_actions_repository_permissions", "repository"): _PLACE,
    ("github_actions_secret", "repository"): _PLACE,
    ("github_actions_secret", "secret_name"): _NAMES,
    ("github_branch", "branch"): _NAMES,
    ("github_branch", "repository"): _PLACE,
    ("github_branch", "source_branch"): _UNSEEN,
    ("github_branch_protection", "repository_id"): _PLACE,
    ("github_repository_environment", "environment"): _NAMES,
    ("github_repository_environment", "repository"): _PLACE,
    ("github_repository_environment_deployment_policy", "environment"): _PLACE,
    ("github_repository_environment_deployment_policy", "repository"): _PLACE,
    ("github_workflow_repository_permissions", "repository"): _PLACE,
}

_CHANGED_ALONE: Mapping[tuple[str, str], str] = {
    ("databricks_entitlements", "allow_cluster_create"): _SWITCH,
    ("databricks_entitlements", "workspace_access"): _SWITCH,
    ("databricks_notebook", "language"): _ALWAYS,
    ("databricks_obo_token", "comment"): _ALWAYS,
    ("databricks_permission_assignment", "permissions"): _ALONE,
    ("databricks_secret_acl", "permission"): _ALONE,
    ("databricks_service_principal", "display_name"): _ALWAYS,
    ("github_actions_environment_secret", "plaintext_value"): _ALONE,
    ("github_actions_repository_permissions", "allowed_actions"): _ALWAYS,
    ("github_actions_repository_permissions", "enabled"): _SWITCH,
    ("github_actions_secret", "plaintext_value"): _ALONE,
    ("github_branch_protection", "allows_deletions"): _SWITCH,
    ("github_branch_protection", "allows_force_pushes"): _SWITCH,
    ("github_branch_protection", "enforce_admins"): _SWITCH,
    ("github_branch_protection", "pattern"): _ALWAYS,
    ("github_branch_protection", "require_conversation_resolution"): _SWITCH,
    ("github_branch_protection", "required_linear_history"): _SWITCH,
    ("github_repository_environment_deployment_policy", "branch_pattern"): _ALWAYS,
    ("github_workflow_repository_permissions", "can_approve_pull_request_reviews"): _SWITCH,
    ("github_workflow_repository_permissions", "default_workflow_permissions"): _ALWAYS,
}
_BESIDE: Mapping[str, str] = {
    "github_actions_repository_permissions.allowed_actions_config.added": "it is part of what `allowed_actions` says",
    "github_repository_environment.deployment_branch_policy.added": "where none is set, it only narrows what may enter",
    "github_branch_protection.required_pull_request_reviews.added": "every stack that protects a branch asks for them",
}

NEVER: Mapping[str, str] = {
    **{name_of(*pair, way): reason for (pair, reason), way in product(UNCHANGEABLE.items(), Way)},
    **{
        name_of(*pair, way): reason for (pair, reason), way in product(_CHANGED_ALONE.items(), (Way.REMOVED, Way.ADDED))
    },
    **reasons_of(TABLES),
    **_BESIDE,
}
"""Why there is no act of a name."""
