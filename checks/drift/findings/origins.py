"""Where a value is written: the key of mlops.yaml or of databricks.yml, for whoever meant the change."""

from collections.abc import Iterable, Mapping
from typing import Literal

from deployed_kinds import BY_TYPE, KINDS
from settings.naming import is_bundle_stack

MLOPS, BUNDLE = "mlops.yaml", "databricks.yml"

# (type, attribute) -> key, {stack} being the stack's name; without an attribute, for all attributes.
MLOPS_KEYS: Mapping[tuple[str, str], str] = {
    ("github_workflow_repository_permissions", "default_workflow_permissions"): "github.workflow_permissions",
    ("github_workflow_repository_permissions", "can_approve_pull_request_reviews"): (
        "github.allow_pull_request_creation"
    ),
    ("github_actions_repository_permissions", "allowed_actions"): "github.actions.allowed",
    ("github_actions_repository_permissions", "allowed_actions_config"): "github.actions.patterns",
    ("github_branch_protection", "required_pull_request_reviews.required_approving_review_count"): "github.protection",
    ("github_branch_protection", "required_pull_request_reviews.require_last_push_approval"): "github.protection",
    ("github_branch_protection", "required_pull_request_reviews.require_code_owner_reviews"): "github.code_owners",
    ("github_branch_protection", "required_status_checks.contexts"): "github.required_checks",
    ("databricks_service_principal", "display_name"): "environments.{stack}.principal",
    ("databricks_entitlements", "allow_cluster_create"): "environments.{stack}.entitlements.allow_cluster_create",
    ("databricks_group_member", ""): "environments.{stack}.token_users_group",
    ("databricks_grant", ""): "environments.{stack}.catalogs",
    ("databricks_catalog", ""): "environments.{stack}.catalogs",
    ("databricks_schema", ""): "environments.{stack}.catalogs",
    ("github_repository_environment_deployment_policy", "branch_pattern"): "environments.{stack}.branch",
    ("github_repository_environment", ""): "environments.{stack}.secret_on_branch_only",
}


def written_in(stack: str, address: str, attributes: Iterable[str]) -> str:
    """The file and the key that say what the attributes of a resource should be, or an empty string.

    Without attributes, the resource as a whole is meant.
    """
    kind, _, name = address.partition(".")
    if is_bundle_stack(stack):
        key = _bundle_key(kind, name)
        return f"{BUNDLE}: {key}" if key else ""
    asked = tuple(attributes)
    keys = [_mlops_key(kind, attribute) for attribute in asked or ("",)]
    if not all(keys):
        return ""
    return f"{MLOPS}: {', '.join(dict.fromkeys(key.format(stack=stack) for key in keys))}"


def _mlops_key(kind: str, attribute: str) -> str:
    for (of, path), key in MLOPS_KEYS.items():
        if of == kind and (attribute == path or not path):
            return key
    return ""


def _bundle_key(kind: str, name: str) -> str:
    if kind in BY_TYPE:
        return BY_TYPE[kind].key_of(name)
    if kind == "databricks_permissions" and name == "bundle_root":
        return "permissions"
    for row in KINDS.values():
        if row.acl and kind == row.acl:
            key, _, _ = name.removeprefix(row.name_of_entry("", 0).rpartition("_0")[0]).rpartition("_")
            return row.key_of(key, "permissions")
    if kind in ("databricks_permissions", "databricks_grants"):
        field: Literal["permissions", "grants"] = "permissions" if kind == "databricks_permissions" else "grants"
        for row in KINDS.values():
            if getattr(row, field) and name.startswith(row.name_of("")):
                return row.key_of(name.removeprefix(row.name_of("")), field)
    return ""
