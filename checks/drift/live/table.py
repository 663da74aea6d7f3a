"""Every type that a stack deploys: how it is looked at, or why the plan shows all of it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from checks.drift.live import compute, mlflow, serving, unity_catalog
from checks.drift.live.row import PROVIDER, LiveRow

ROWS: Final[Mapping[str, LiveRow]] = MappingProxyType(
    {row.type: row for row in (*compute.ROWS, *mlflow.ROWS, *serving.ROWS, *unity_catalog.ROWS)}
)
"""By Terraform's type."""

_GITHUB = "https://github.com/integrations/terraform-provider-github/blob/v6.9.0/github"

SHOWN_BY_PLANS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "databricks_directory": "a folder has a path and nothing else",
        "databricks_entitlements": f"each is read, held or not: generateEmpty in {PROVIDER}/scim/scim.go",
        "databricks_grant": f"the privileges are read as a whole: {PROVIDER}/catalog/resource_grant.go",
        "databricks_grants": f"the privileges are read as a whole: {PROVIDER}/catalog/resource_grants.go",
        "databricks_group_member": "a membership is there or not",
        "databricks_notebook": f"{PROVIDER}/workspace/resource_notebook.go; `audit` compares the content",
        "databricks_obo_token": f"{PROVIDER}/tokens/resource_obo_token.go",
        "databricks_permission_assignment": f"{PROVIDER}/access/resource_permission_assignment.go",
        "databricks_permissions": f"the list is read as a whole: {PROVIDER}/permissions/resource_permissions.go",
        "databricks_quality_monitor": "the plugin framework compares what is there with what is configured, empty or "
        f"not: {PROVIDER}/internal/providers/pluginfw/products/qualitymonitor/resource_quality_monitor.go",
        "databricks_secret_acl": f"a level is read as a whole: {PROVIDER}/secrets/resource_secret_acl.go",
        "databricks_secret_scope": "a scope has a name and where its secrets lie, which no request changes",
        "databricks_service_principal": f"{PROVIDER}/scim/resource_service_principal.go; `audit` looks at the rest",
        "databricks_service_principal_secret": "a secret is there or not",
        "databricks_workspace_file": "a file has a path and content; `audit` compares the content",
        "github_actions_environment_secret": "GitHub tells when it was written, never what",
        "github_actions_repository_permissions": f"{_GITHUB}/resource_github_actions_repository_permissions.go",
        "github_actions_secret": "GitHub tells when it was written, never what",
        "github_branch": "a branch is there or not",
        "github_branch_protection": f"every part is read, empty or not: {_GITHUB}/resource_github_branch_protection.go",
        "github_repository_environment": f"{_GITHUB}/resource_github_repository_environment.go",
        "github_repository_environment_deployment_policy": "a pattern is there or not",
        "github_workflow_repository_permissions": f"{_GITHUB}/resource_github_workflow_repository_permissions.go",
    }
)
"""Types whose provider writes into the state all that the service answers, with the file that does so."""
