"""The surface of api.github.com that the sandbox answers.

Names that may contain slashes take `:path`, so rows that say more about such a path stand before those that say less.
"""

from sandbox.github import (
    accounts,
    actions_permissions,
    branches,
    collaborators,
    commits,
    contents,
    deployment_policies,
    environments,
    graphql,
    issues,
    labels,
    oidc,
    protection,
    pulls,
    refs,
    repository,
    rulesets,
    secrets,
    statuses,
    variables,
)
from sandbox.github.rules import SECRETS, BranchRenamer, RepositoryAdmin, RepositoryReader, RepositoryWriter
from sandbox.route import Handler, Route, Rule
from sandbox.rules import Authenticated
from sandbox.world import HostKind

READER, WRITER, ADMIN = RepositoryReader(), RepositoryWriter(), RepositoryAdmin()
COLLABORATORS = RepositoryWriter(refusal="Must have push access to view repository collaborators.")

REPOSITORY = "/repos/{owner}/{repo}"
BRANCH = REPOSITORY + "/branches/{branch:path}"
PROTECTION = BRANCH + "/protection"
ENVIRONMENT = "/environments/{environment}"


def _row(method: str, path: str, handler: Handler, rule: Rule) -> Route:
    return Route(method=method, host=HostKind.GITHUB, path=path, handler=handler, rule=rule)


ACCOUNTS = (
    _row("GET", "/user", accounts.get_authenticated_user, Authenticated()),
    _row("GET", "/users/{login}", accounts.get_user, Authenticated()),
    _row("GET", "/users/{login}/keys", accounts.list_keys, Authenticated()),
    _row("GET", "/users/{login}/gpg_keys", accounts.list_keys, Authenticated()),
    _row("GET", "/orgs/{org}", accounts.get_organization, Authenticated()),
)

# Who may ask for which object stands in graphql_schema.py, field by field.
GRAPHQL = (_row("POST", "/graphql", graphql.answer_graphql, Authenticated()),)

COLLABORATION = (
    _row("GET", REPOSITORY, repository.get_repository, READER),
    _row("GET", REPOSITORY + "/collaborators", collaborators.list_collaborators, COLLABORATORS),
    _row("GET", REPOSITORY + "/collaborators/{username}", collaborators.check_collaborator, COLLABORATORS),
    _row(
        "GET",
        REPOSITORY + "/collaborators/{username}/permission",
        collaborators.get_collaborator_permission,
        COLLABORATORS,
    ),
)

ACTIONS = (
    _row("GET", REPOSITORY + "/actions/permissions", actions_permissions.get_actions_permissions, ADMIN),
    _row("PUT", REPOSITORY + "/actions/permissions", actions_permissions.set_actions_permissions, ADMIN),
    _row("GET", REPOSITORY + "/actions/permissions/selected-actions", actions_permissions.get_selected_actions, ADMIN),
    _row("PUT", REPOSITORY + "/actions/permissions/selected-actions", actions_permissions.set_selected_actions, ADMIN),
    _row("GET", REPOSITORY + "/actions/permissions/workflow", actions_permissions.get_workflow_permissions, ADMIN),
    _row("PUT", REPOSITORY + "/actions/permissions/workflow", actions_permissions.set_workflow_permissions, ADMIN),
    _row("GET", REPOSITORY + "/actions/oidc/customization/sub", oidc.get_subject_customization, READER),
)


def _secrets(path: str) -> tuple[Route, ...]:
    return (
        _row("GET", path + "/public-key", secrets.get_public_key, SECRETS),
        _row("GET", path + "/{name}", secrets.get_secret, SECRETS),
        _row("PUT", path + "/{name}", secrets.put_secret, SECRETS),
        _row("DELETE", path + "/{name}", secrets.delete_secret, SECRETS),
        _row("GET", path, secrets.list_secrets, SECRETS),
    )


def _variables(path: str) -> tuple[Route, ...]:
    return (
        _row("GET", path + "/{name}", variables.get_variable, SECRETS),
        _row("PATCH", path + "/{name}", variables.update_variable, SECRETS),
        _row("DELETE", path + "/{name}", variables.delete_variable, SECRETS),
        _row("POST", path, variables.create_variable, SECRETS),
        _row("GET", path, variables.list_variables, SECRETS),
    )


def _policies(path: str) -> tuple[Route, ...]:
    return (
        _row("GET", path + "/{policy_id}", deployment_policies.get_policy, READER),
        _row("PUT", path + "/{policy_id}", deployment_policies.update_policy, ADMIN),
        _row("DELETE", path + "/{policy_id}", deployment_policies.delete_policy, ADMIN),
        _row("POST", path, deployment_policies.create_policy, ADMIN),
        _row("GET", path, deployment_policies.list_policies, READER),
    )


SETTINGS = (
    *_secrets(REPOSITORY + "/actions/secrets"),
    *_variables(REPOSITORY + "/actions/variables"),
    *_secrets(REPOSITORY + ENVIRONMENT + "/secrets"),
    *_variables(REPOSITORY + ENVIRONMENT + "/variables"),
    # The same under the repository's number: the Terraform provider's way to an environment's secrets.
    *_secrets("/repositories/{repository_id}" + ENVIRONMENT + "/secrets"),
    *_variables("/repositories/{repository_id}" + ENVIRONMENT + "/variables"),
)

ENVIRONMENTS = (
    *_policies(REPOSITORY + ENVIRONMENT + "/deployment-branch-policies"),
    _row("GET", REPOSITORY + ENVIRONMENT, environments.get_environment, READER),
    _row("PUT", REPOSITORY + ENVIRONMENT, environments.put_environment, ADMIN),
    _row("DELETE", REPOSITORY + ENVIRONMENT, environments.delete_environment, ADMIN),
    _row("GET", REPOSITORY + "/environments", environments.list_environments, READER),
)

GIT = (
    _row("GET", REPOSITORY + "/git/ref/{ref:path}", refs.get_ref, READER),
    _row("GET", REPOSITORY + "/git/matching-refs/{ref:path}", refs.list_matching_refs, READER),
    _row("GET", REPOSITORY + "/git/refs", refs.list_refs, READER),
    _row("POST", REPOSITORY + "/git/refs", refs.create_ref, WRITER),
    _row("PATCH", REPOSITORY + "/git/refs/{ref:path}", refs.update_ref, WRITER),
    _row("DELETE", REPOSITORY + "/git/refs/{ref:path}", refs.delete_ref, WRITER),
    _row("GET", REPOSITORY + "/git/commits/{sha}", commits.get_git_commit, READER),
    _row("POST", REPOSITORY + "/git/commits", commits.create_git_commit, WRITER),
    _row("GET", REPOSITORY + "/git/trees/{sha:path}", commits.get_git_tree, READER),
    _row("POST", REPOSITORY + "/git/trees", commits.create_git_tree, WRITER),
    _row("GET", REPOSITORY + "/git/blobs/{sha}", commits.get_git_blob, READER),
    _row("POST", REPOSITORY + "/git/blobs", commits.create_git_blob, WRITER),
    _row("GET", REPOSITORY + "/commits", commits.list_commits, READER),
    _row("GET", REPOSITORY + "/statuses/{ref}", statuses.list_statuses, READER),
    _row("POST", REPOSITORY + "/statuses/{ref}", statuses.create_status, WRITER),
    _row("GET", REPOSITORY + "/commits/{ref:path}/status", statuses.get_combined_status, READER),
    _row("GET", REPOSITORY + "/commits/{ref:path}/statuses", statuses.list_statuses, READER),
    _row("GET", REPOSITORY + "/commits/{ref:path}", commits.get_commit, READER),
    _row("GET", REPOSITORY + "/contents/{path:path}", contents.get_content, READER),
    _row("PUT", REPOSITORY + "/contents/{path:path}", contents.put_content, WRITER),
    _row("DELETE", REPOSITORY + "/contents/{path:path}", contents.delete_content, WRITER),
)


def _switch(name: str, setting: str) -> tuple[Route, ...]:
    path = f"{PROTECTION}/{name}"
    return (
        _row("GET", path, protection.get_switch(name), ADMIN),
        _row("POST", path, protection.turn_on(name, setting), ADMIN),
        _row("DELETE", path, protection.turn_off(setting), ADMIN),
    )


BRANCHES = (
    *_switch("enforce_admins", "isAdminEnforced"),
    *_switch("required_signatures", "requiresCommitSignatures"),
    _row("GET", PROTECTION + "/required_pull_request_reviews", protection.get_reviews, ADMIN),
    _row("PATCH", PROTECTION + "/required_pull_request_reviews", protection.update_reviews, ADMIN),
    _row("DELETE", PROTECTION + "/required_pull_request_reviews", protection.delete_reviews, ADMIN),
    _row("GET", PROTECTION + "/required_status_checks", protection.get_status_checks, ADMIN),
    _row("DELETE", PROTECTION + "/required_status_checks", protection.delete_status_checks, ADMIN),
    *(
        _row("GET", f"{PROTECTION}/restrictions/{kind}", protection.list_restricted(kind), ADMIN)
        for kind in ("users", "teams", "apps")
    ),
    _row("GET", PROTECTION + "/restrictions", protection.get_restrictions, ADMIN),
    _row("DELETE", PROTECTION + "/restrictions", protection.delete_restrictions, ADMIN),
    _row("GET", PROTECTION, protection.get_protection, ADMIN),
    _row("PUT", PROTECTION, protection.put_protection, ADMIN),
    _row("DELETE", PROTECTION, protection.delete_protection, ADMIN),
    _row("POST", BRANCH + "/rename", branches.rename_branch, BranchRenamer()),
    _row("GET", BRANCH, branches.get_branch, READER),
    _row("GET", REPOSITORY + "/branches", branches.list_branches, READER),
    _row("GET", REPOSITORY + "/rules/branches/{branch:path}", rulesets.list_branch_rules, READER),
    _row("GET", REPOSITORY + "/rulesets/{ruleset_id}", rulesets.get_ruleset, READER),
    _row("GET", REPOSITORY + "/rulesets", rulesets.list_rulesets, READER),
)

PULLS = (
    _row("GET", REPOSITORY + "/pulls", pulls.list_pulls, READER),
    _row("POST", REPOSITORY + "/pulls", pulls.create_pull, WRITER),
    _row("GET", REPOSITORY + "/pulls/{number}", pulls.get_pull, READER),
    _row("PATCH", REPOSITORY + "/pulls/{number}", pulls.update_pull, WRITER),
    _row("PUT", REPOSITORY + "/pulls/{number}/merge", pulls.merge_pull, WRITER),
    _row("GET", REPOSITORY + "/pulls/{number}/reviews", pulls.list_reviews, READER),
    _row("POST", REPOSITORY + "/pulls/{number}/reviews", pulls.create_review, READER),
)

ISSUES = (
    _row("GET", REPOSITORY + "/issues", issues.list_issues, READER),
    _row("POST", REPOSITORY + "/issues", issues.create_issue, READER),
    _row("GET", REPOSITORY + "/issues/{number}", issues.get_issue, READER),
    _row("PATCH", REPOSITORY + "/issues/{number}", issues.update_issue, WRITER),
    _row("GET", REPOSITORY + "/issues/{number}/comments", issues.list_comments, READER),
    _row("POST", REPOSITORY + "/issues/{number}/comments", issues.create_comment, READER),
    _row("GET", REPOSITORY + "/labels", labels.list_labels, READER),
    _row("POST", REPOSITORY + "/labels", labels.create_label, WRITER),
    _row("GET", REPOSITORY + "/labels/{name}", labels.get_label, READER),
)

ROUTES: tuple[Route, ...] = (
    *ACCOUNTS,
    *GRAPHQL,
    *COLLABORATION,
    *ACTIONS,
    *SETTINGS,
    *ENVIRONMENTS,
    *GIT,
    *BRANCHES,
    *PULLS,
    *ISSUES,
)
