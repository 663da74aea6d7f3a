variable "name" {
  type = string
}

variable "host" {
  type = string
}

variable "catalogs" {
  type = set(string)
}

terraform {
  required_providers {
    databricks = {
      source  = "databricks/databricks"
      version = "1.99.0"
    }
    github = {
      source  = "integrations/github"
      version = "6.9.0"
    }
  }
  backend "local" {}
}

provider "databricks" {
  alias                 = "account"
  host                  = "https://accounts.cloud.databricks.com"
  account_id            = "3f6c1c52-8f0e-4b0d-9a46-2d8f4f0b7c11"
  auth_type             = "oauth-m2m"
  retry_timeout_seconds = 300
}

provider "databricks" {
  alias                 = "workspace"
  host                  = var.host
  auth_type             = "oauth-m2m"
  retry_timeout_seconds = 300
}

provider "github" {
  owner            = "acme"
  max_retries      = 5
  retryable_errors = [429, 500, 502, 503, 504]
  read_delay_ms    = 300
  write_delay_ms   = 1000
}

resource "databricks_service_principal" "ci" {
  provider                 = databricks.account
  display_name             = "taxi-fare-${var.name}-ci"
  disable_as_user_deletion = false
}

resource "databricks_permission_assignment" "ci" {
  provider     = databricks.workspace
  principal_id = databricks_service_principal.ci.id
  permissions  = ["USER"]
}

resource "databricks_entitlements" "ci" {
  provider             = databricks.workspace
  service_principal_id = databricks_service_principal.ci.id
  workspace_access     = true
  allow_cluster_create = true
  depends_on           = [databricks_permission_assignment.ci]
}

resource "databricks_grant" "catalog" {
  for_each   = var.catalogs
  provider   = databricks.workspace
  catalog    = each.key
  principal  = databricks_service_principal.ci.application_id
  privileges = ["USE_CATALOG"]
  depends_on = [databricks_permission_assignment.ci]
}

resource "databricks_grant" "schema" {
  for_each   = var.catalogs
  provider   = databricks.workspace
  schema     = "${each.key}.taxi_fare"
  principal  = databricks_service_principal.ci.application_id
  privileges = ["CREATE_MODEL", "CREATE_TABLE", "EXECUTE", "MODIFY", "SELECT", "USE_SCHEMA"]
  depends_on = [databricks_permission_assignment.ci]
}

resource "databricks_obo_token" "slot" {
  for_each         = toset(["a", "b"])
  provider         = databricks.workspace
  application_id   = databricks_service_principal.ci.application_id
  comment          = "slot ${each.key}"
  lifetime_seconds = 7776000
  depends_on       = [databricks_entitlements.ci, databricks_grant.catalog, databricks_grant.schema]
}

resource "github_actions_secret" "token" {
  repository      = "taxi-fare"
  secret_name     = "${upper(var.name)}_WORKSPACE_TOKEN"
  plaintext_value = databricks_obo_token.slot["a"].token_value
}
