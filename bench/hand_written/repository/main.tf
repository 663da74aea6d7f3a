terraform {
  required_providers {
    github = {
      source  = "integrations/github"
      version = "6.9.0"
    }
  }
  backend "local" {}
}

provider "github" {
  owner            = "acme"
  max_retries      = 5
  retryable_errors = [429, 500, 502, 503, 504]
  read_delay_ms    = 300
  write_delay_ms   = 1000
}

data "github_branch_protection_rules" "existing" {
  repository = "taxi-fare"
}

resource "github_workflow_repository_permissions" "this" {
  repository                       = "taxi-fare"
  default_workflow_permissions     = "write"
  can_approve_pull_request_reviews = false
}

resource "github_actions_repository_permissions" "this" {
  repository      = "taxi-fare"
  enabled         = true
  allowed_actions = "all"
}

resource "github_branch" "release" {
  repository    = "taxi-fare"
  branch        = "release"
  source_branch = "main"
}

resource "github_branch_protection" "main" {
  repository_id                   = data.github_branch_protection_rules.existing.id
  pattern                         = "main"
  enforce_admins                  = true
  require_conversation_resolution = true
  required_pull_request_reviews {
    required_approving_review_count = 1
    dismiss_stale_reviews           = true
    require_last_push_approval      = true
  }
  required_status_checks {
    strict = true
  }
}

resource "github_branch_protection" "release" {
  repository_id                   = data.github_branch_protection_rules.existing.id
  pattern                         = "release"
  enforce_admins                  = true
  require_conversation_resolution = true
  required_pull_request_reviews {
    required_approving_review_count = 1
    dismiss_stale_reviews           = true
    require_last_push_approval      = true
  }
  depends_on = [github_branch.release]
}
