"""What somebody clicks in the ML repository's settings: protection, Actions, environments, secrets, branches."""

import base64
from collections.abc import Mapping
from typing import Any

from nacl.public import PublicKey, SealedBox

from sandbox.tampering.acts import Act, Doing, another, generated
from sandbox.tampering.console import Console, ImpossibleError, escaped
from sandbox.tampering.managed import Managed

_UPDATE = (
    "mutation($input:UpdateBranchProtectionRuleInput!){updateBranchProtectionRule(input:$input){clientMutationId}}"
)
_DELETE = (
    "mutation($input:DeleteBranchProtectionRuleInput!){deleteBranchProtectionRule(input:$input){clientMutationId}}"
)
_RULES = (
    "query($owner:String!$name:String!){repository(owner:$owner,name:$name)"
    "{branchProtectionRules(first:100){nodes{id,pattern,allowsDeletions}}}}"
)

# --- Branch protection. Terraform's name of a flag, and GraphQL's.

_FLAGS: Mapping[str, str] = {
    "allows_deletions": "allowsDeletions",
    "allows_force_pushes": "allowsForcePushes",
    "enforce_admins": "isAdminEnforced",
    "require_conversation_resolution": "requiresConversationResolution",
    "required_linear_history": "requiresLinearHistory",
}


def _update(console: Console, rule_id: str, settings: Mapping[str, Any]) -> None:
    console.graphql(_UPDATE, {"input": {"branchProtectionRuleId": rule_id, **settings}})


def _flip(attribute: str) -> Doing:
    def do(console: Console, rule: Managed) -> None:
        _update(console, rule["id"], {_FLAGS[attribute]: not rule[attribute]})

    return do


def _change_pattern(console: Console, rule: Managed) -> None:
    _update(console, rule["id"], {"pattern": f"{rule['pattern']}-by-hand"})


def _change_reviews(console: Console, rule: Managed) -> None:
    (reviews,) = rule["required_pull_request_reviews"]
    _update(console, rule["id"], {"dismissesStaleReviews": not reviews["dismiss_stale_reviews"]})


def _change_checks(console: Console, rule: Managed) -> None:
    (checks,) = rule["required_status_checks"]
    _update(console, rule["id"], {"requiresStrictStatusChecks": not checks["strict"]})


def _weaken(console: Console, rule: Managed) -> None:
    weaker = {"isAdminEnforced": False, "allowsForcePushes": True, "requiredApprovingReviewCount": 0}
    _update(console, rule["id"], weaker)


def _unprotect(console: Console, rule: Managed) -> None:
    console.graphql(_DELETE, {"input": {"branchProtectionRuleId": rule["id"]}})


def _add_ruleset(console: Console, _: Managed) -> None:
    rules = {
        "name": "made by hand",
        "target": "branch",
        "enforcement": "active",
        "conditions": {"ref_name": {"include": ["~DEFAULT_BRANCH"], "exclude": []}},
        "rules": [{"type": "required_signatures"}],
    }
    console.repository("POST", "/rulesets", rules)


# --- Branches.


def _delete_branch(console: Console, branch: Managed) -> None:
    """As an administrator would: the protection allows no deletions, so that is lifted and put back."""
    names = {"owner": console.world.owner, "name": console.world.repository}
    rules = console.graphql(_RULES, names)["repository"]["branchProtectionRules"]["nodes"]
    lifted = [rule["id"] for rule in rules if rule["pattern"] == branch["branch"] and not rule["allowsDeletions"]]
    for rule in lifted:
        _update(console, rule, {"allowsDeletions": True})
    console.repository("DELETE", f"/git/refs/heads/{branch['branch']}")
    for rule in lifted:
        _update(console, rule, {"allowsDeletions": False})


def _rename_branch(console: Console, branch: Managed) -> None:
    path = f"/branches/{escaped(branch['branch'])}/rename"
    console.repository("POST", path, {"new_name": f"{branch['branch']}-by-hand"})


# --- What workflows may do.

_WORKFLOW, _ACTIONS = "/actions/permissions/workflow", "/actions/permissions"


def _change_default_permissions(console: Console, one: Managed) -> None:
    wanted = another(("write", "read"), one["default_workflow_permissions"])
    console.repository("PUT", _WORKFLOW, {"default_workflow_permissions": wanted})


def _change_approvals(console: Console, one: Managed) -> None:
    approve = not one["can_approve_pull_request_reviews"]
    console.repository("PUT", _WORKFLOW, {"can_approve_pull_request_reviews": approve})


def _flip_workflow_permissions(console: Console, one: Managed) -> None:
    _change_default_permissions(console, one)
    _change_approvals(console, one)


def _allow(console: Console, which: str) -> None:
    console.repository("PUT", _ACTIONS, {"enabled": True, "allowed_actions": which})


def _change_allowed(console: Console, one: Managed) -> None:
    _allow(console, another(("all", "local_only"), one["allowed_actions"]))


def _allow_all(console: Console, _: Managed) -> None:
    _allow(console, "all")


def _switch_actions(console: Console, one: Managed) -> None:
    body = {"enabled": False} if one["enabled"] else {"enabled": True, "allowed_actions": "all"}
    console.repository("PUT", _ACTIONS, body)


def _select_another(console: Console, _: Managed) -> None:
    selected = console.repository("GET", f"{_ACTIONS}/selected-actions")
    patterns = [*selected["patterns_allowed"], f"by-hand/action-{len(selected['patterns_allowed'])}@*"]
    console.repository("PUT", f"{_ACTIONS}/selected-actions", {**selected, "patterns_allowed": patterns})


# --- Environments.


def _environment(one: Managed) -> str:
    return f"/environments/{escaped(one['environment'])}"


def _admit(console: Console, one: Managed, policy: Mapping[str, bool] | None) -> None:
    """Change which branches an environment admits; what a request leaves out goes back to its default."""
    held = console.repository("GET", _environment(one))
    if held["deployment_branch_policy"] == policy:
        raise ImpossibleError("it is already so")
    rules = {rule["type"]: rule for rule in held["protection_rules"]}
    reviewers = rules.get("required_reviewers", {})
    body = {
        "wait_timer": rules.get("wait_timer", {}).get("wait_timer", 0),
        "prevent_self_review": reviewers.get("prevent_self_review", False),
        "reviewers": [
            {"type": entry["type"], "id": entry["reviewer"]["id"]} for entry in reviewers.get("reviewers", ())
        ],
        "can_admins_bypass": held["can_admins_bypass"],
        "deployment_branch_policy": policy,
    }
    console.repository("PUT", _environment(one), body)


def _change_admission(console: Console, one: Managed) -> None:
    by_policies = bool(one["deployment_branch_policy"] and one["deployment_branch_policy"][0]["custom_branch_policies"])
    _admit(console, one, {"protected_branches": by_policies, "custom_branch_policies": not by_policies})


def _open_environment(console: Console, one: Managed) -> None:
    _admit(console, one, None)


def _remove_environment(console: Console, one: Managed) -> None:
    console.repository("DELETE", _environment(one))


def _change_admitted(console: Console, one: Managed) -> None:
    path = f"{_environment(one)}/deployment-branch-policies/{str(one['id']).rpartition(':')[2]}"
    held = console.repository("GET", path)["name"]
    console.repository("PUT", path, {"name": f"{held}-by-hand"})


def _admit_everything(console: Console, one: Managed) -> None:
    path = f"{_environment(one)}/deployment-branch-policies"
    if any(policy["name"] == "*" for policy in console.repository("GET", path)["branch_policies"]):
        raise ImpossibleError("it is already so")
    console.repository("POST", path, {"name": "*"})


# --- Secrets.

_BY_HAND = "MADE_BY_HAND"


def _secrets(one: Managed) -> str:
    return f"{_environment(one)}/secrets" if one.attributes.get("environment") else "/actions/secrets"


def _write(console: Console, path: str, name: str) -> None:
    key = console.repository("GET", f"{path}/public-key")
    box = SealedBox(PublicKey(base64.b64decode(key["key"]))).encrypt(b"written by hand")
    sealed = {"key_id": key["key_id"], "encrypted_value": base64.b64encode(box).decode()}
    console.repository("PUT", f"{path}/{escaped(name)}", sealed)


def _overwrite(console: Console, one: Managed) -> None:
    _write(console, _secrets(one), str(one["secret_name"]))


def _delete_secret(console: Console, one: Managed) -> None:
    console.repository("DELETE", f"{_secrets(one)}/{escaped(one['secret_name'])}")


def _add_secret(console: Console, _: Managed) -> None:
    listed = console.repository("GET", "/actions/secrets")["secrets"]
    if any(secret["name"] == _BY_HAND for secret in listed):
        raise ImpossibleError("it is there already")
    _write(console, "/actions/secrets", _BY_HAND)


_RULE, _BRANCH, _SECRET = (
    ("github_branch_protection",),
    ("github_branch",),
    ("github_actions_secret", "github_actions_environment_secret"),
)
_OF_WORKFLOWS, _OF_ACTIONS = ("github_workflow_repository_permissions",), ("github_actions_repository_permissions",)
_ENVIRONMENT, _POLICY = ("github_repository_environment",), ("github_repository_environment_deployment_policy",)
_REPOSITORY = "repository {repository}"

ACTS = (
    *(
        generated("github_branch_protection", attribute, f"has {attribute} flipped", _flip(attribute))
        for attribute in _FLAGS
    ),
    generated("github_branch_protection", "pattern", "covers another branch", _change_pattern),
    generated(
        "github_branch_protection",
        "required_pull_request_reviews",
        "has dismiss_stale_reviews flipped",
        _change_reviews,
    ),
    generated("github_branch_protection", "required_status_checks", "has strict flipped", _change_checks),
    Act("protection-weakened", "exempts admins, allows force pushes and needs no approval", _RULE, _weaken),
    Act("protection-removed", "is deleted", _RULE, _unprotect),
    Act("ruleset-added", "gets a ruleset", _OF_WORKFLOWS, _add_ruleset, instead=_REPOSITORY),
    Act("branch-deleted", "is deleted, its protection lifted for that moment", _BRANCH, _delete_branch),
    Act("branch-renamed", "is renamed, and its protection with it", _BRANCH, _rename_branch),
    generated(
        "github_workflow_repository_permissions",
        "default_workflow_permissions",
        "have default_workflow_permissions flipped",
        _change_default_permissions,
    ),
    generated(
        "github_workflow_repository_permissions",
        "can_approve_pull_request_reviews",
        "have can_approve_pull_request_reviews flipped",
        _change_approvals,
    ),
    Act("workflow-permissions-flipped", "are the other way round", _OF_WORKFLOWS, _flip_workflow_permissions),
    generated("github_actions_repository_permissions", "allowed_actions", "allow other actions", _change_allowed),
    generated("github_actions_repository_permissions", "allowed_actions_config", "allow one more", _select_another),
    generated("github_actions_repository_permissions", "enabled", "are switched", _switch_actions),
    Act("actions-allowed-all", "allow every action", _OF_ACTIONS, _allow_all),
    generated("github_repository_environment", "deployment_branch_policy", "admits other branches", _change_admission),
    generated("github_repository_environment_deployment_policy", "branch_pattern", "are others", _change_admitted),
    Act("environment-opened", "admits every branch", _ENVIRONMENT, _open_environment),
    Act("environment-removed", "is deleted, and its secrets with it", _ENVIRONMENT, _remove_environment),
    Act("environment-admits-everything", "get company: * is admitted as well", _POLICY, _admit_everything),
    *(generated(kind, "plaintext_value", "is overwritten", _overwrite) for kind in _SECRET),
    Act("secret-overwritten", "is overwritten", _SECRET, _overwrite),
    Act("secret-deleted", "is deleted", _SECRET, _delete_secret),
    Act("secret-added", f"gets the secret {_BY_HAND}", _OF_WORKFLOWS, _add_secret, instead=_REPOSITORY),
)
