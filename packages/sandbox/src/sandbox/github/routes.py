"""The surface of api.github.com that the sandbox answers.

Names that may contain slashes take `:path`, so rows that say more about such a path stand before those that say less.
"""

from sandbox.github.graphql import endpoint
from sandbox.github.rest.accounts import memberships, organizations, users
from sandbox.github.rest.actions import actions_permissions, oidc, organization_actions_permissions, secrets, variables
from sandbox.github.rest.branches import branches, protection, rulesets
from sandbox.github.rest.environments import deployment_policies, environments
from sandbox.github.rest.git import commits, contents, git_objects, refs, statuses
from sandbox.github.rest.issues import issues, labels, pulls
from sandbox.github.rest.repositories import collaborators, repository
from sandbox.github.rest.rules import (
    ADMIN_REFUSAL,
    BranchRenamer,
    OrganizationOwner,
    RepositoryAdmin,
    RepositoryReader,
    RepositoryWriter,
    Token,
)
from sandbox.route import Handler, Route, Rule
from sandbox.rules import Authenticated
from sandbox.world import HostKind

READER, ADMIN = RepositoryReader(), RepositoryAdmin()
CONTENT_READER, CONTENT_WRITER = RepositoryReader("contents"), RepositoryWriter("contents")
STATUS_READER, STATUS_WRITER = RepositoryReader("statuses"), RepositoryWriter("statuses")
PULL_READER, PULL_WRITER = RepositoryReader("pull_requests"), RepositoryWriter("pull_requests")
ACTIONS_READER = RepositoryReader("actions")
COLLABORATORS = RepositoryWriter("metadata", refusal="Must have push access to view repository collaborators.")
RULES_READER, PROTECTOR = RepositoryReader(paid=True), RepositoryAdmin(paid=True)
ISSUE_READER, ISSUE_WRITER = RepositoryReader("issues"), RepositoryWriter("issues")
POLICIES = OrganizationOwner(
    "organization_administration",
    refusal="You must be an org admin or have the actions policies fine-grained permission.",
)
SETTER = OrganizationOwner("organization_administration", refusal="Must have admin rights to Organization.")
FOUNDER = OrganizationOwner(
    "administration", refusal="You need admin access to the organization before adding a repository to it."
)

REPOSITORY = "/repos/{owner}/{repo}"
BRANCH = REPOSITORY + "/branches/{branch:path}"
PROTECTION = BRANCH + "/protection"
ENVIRONMENT = "/environments/{environment}"


def _row(method: str, path: str, handler: Handler, rule: Rule) -> Route:
    return Route(method=method, host=HostKind.GITHUB, path=path, handler=handler, rule=rule)


ACCOUNTS = (
    _row("GET", "/user", users.get_authenticated_user, Authenticated()),
    _row("GET", "/users/{login}", users.get_user, Authenticated()),
    _row("GET", "/users/{login}/keys", users.list_keys, Authenticated()),
    _row("GET", "/users/{login}/gpg_keys", users.list_keys, Authenticated()),
    _row("GET", "/user/memberships/orgs/{org}", memberships.get_own_membership, Authenticated()),
    _row("GET", "/orgs/{org}", organizations.get_organization, Authenticated()),
    _row("PATCH", "/orgs/{org}", organizations.update_organization, SETTER),
    _row("GET", "/orgs/{org}/memberships/{username}", memberships.get_membership, Authenticated()),
)

_POLICY = "/orgs/{org}/actions/permissions"

ORGANIZATION_ACTIONS = (
    _row("GET", _POLICY, organization_actions_permissions.get_actions_permissions, POLICIES),
    _row("PUT", _POLICY, organization_actions_permissions.set_actions_permissions, POLICIES),
    _row("GET", _POLICY + "/selected-actions", organization_actions_permissions.get_selected_actions, POLICIES),
    _row("PUT", _POLICY + "/selected-actions", organization_actions_permissions.set_selected_actions, POLICIES),
    _row("GET", _POLICY + "/workflow", organization_actions_permissions.get_workflow_permissions, POLICIES),
    _row("PUT", _POLICY + "/workflow", organization_actions_permissions.set_workflow_permissions, POLICIES),
)

# Who may ask for which object stands in graphql_schema.py, field by field.
GRAPHQL = (_row("POST", "/graphql", endpoint.answer_graphql, Authenticated()),)

COLLABORATION = (
    _row("POST", "/orgs/{org}/repos", repository.create_organization_repository, FOUNDER),
    _row("POST", "/user/repos", repository.create_user_repository, Token("administration")),
    _row("GET", REPOSITORY, repository.get_repository, READER),
    _row("PATCH", REPOSITORY, repository.update_repository, ADMIN),
    _row("GET", REPOSITORY + "/collaborators", collaborators.list_collaborators, COLLABORATORS),
    _row("GET", REPOSITORY + "/collaborators/{username}", collaborators.check_collaborator, COLLABORATORS),
    _row("PUT", REPOSITORY + "/collaborators/{username}", collaborators.add_collaborator, ADMIN),
    _row("DELETE", REPOSITORY + "/collaborators/{username}", collaborators.remove_collaborator, ADMIN),
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
    _row("GET", REPOSITORY + "/actions/oidc/customization/sub", oidc.get_subject_customization, ACTIONS_READER),
    _row(
        "PUT",
        REPOSITORY + "/actions/oidc/customization/sub",
        oidc.set_subject_customization,
        RepositoryAdmin("actions"),
    ),
)


def _settings(needs: str, *, paid: bool = False) -> RepositoryWriter:
    """Collaborators with write access; readers are told of admin rights.

    https://github.com/github/docs/issues/29818, https://docs.github.com/rest/actions/secrets
    """
    return RepositoryWriter(needs, refusal=ADMIN_REFUSAL, paid=paid)


def _secrets(path: str, rule: Rule) -> tuple[Route, ...]:
    return (
        _row("GET", path + "/public-key", secrets.get_public_key, rule),
        _row("GET", path + "/{name}", secrets.get_secret, rule),
        _row("PUT", path + "/{name}", secrets.put_secret, rule),
        _row("DELETE", path + "/{name}", secrets.delete_secret, rule),
        _row("GET", path, secrets.list_secrets, rule),
    )


def _variables(path: str, rule: Rule) -> tuple[Route, ...]:
    return (
        _row("GET", path + "/{name}", variables.get_variable, rule),
        _row("PATCH", path + "/{name}", variables.update_variable, rule),
        _row("DELETE", path + "/{name}", variables.delete_variable, rule),
        _row("POST", path, variables.create_variable, rule),
        _row("GET", path, variables.list_variables, rule),
    )


def _policies(path: str) -> tuple[Route, ...]:
    return (
        _row("GET", path + "/{policy_id}", deployment_policies.get_policy, ACTIONS_READER),
        _row("PUT", path + "/{policy_id}", deployment_policies.update_policy, PROTECTOR),
        _row("DELETE", path + "/{policy_id}", deployment_policies.delete_policy, PROTECTOR),
        _row("POST", path, deployment_policies.create_policy, PROTECTOR),
        _row("GET", path, deployment_policies.list_policies, ACTIONS_READER),
    )


SETTINGS = (
    *_secrets(REPOSITORY + "/actions/secrets", _settings("secrets")),
    *_variables(REPOSITORY + "/actions/variables", _settings("variables")),
    *_secrets(REPOSITORY + ENVIRONMENT + "/secrets", _settings("environments", paid=True)),
    *_variables(REPOSITORY + ENVIRONMENT + "/variables", _settings("environments")),
    # The same under the repository's number: the Terraform provider's way to an environment's secrets.
    *_secrets("/repositories/{repository_id}" + ENVIRONMENT + "/secrets", _settings("environments", paid=True)),
    *_variables("/repositories/{repository_id}" + ENVIRONMENT + "/variables", _settings("environments")),
)

ENVIRONMENTS = (
    *_policies(REPOSITORY + ENVIRONMENT + "/deployment-branch-policies"),
    _row("GET", REPOSITORY + ENVIRONMENT, environments.get_environment, ACTIONS_READER),
    _row("PUT", REPOSITORY + ENVIRONMENT, environments.put_environment, ADMIN),
    _row("DELETE", REPOSITORY + ENVIRONMENT, environments.delete_environment, ADMIN),
    _row("GET", REPOSITORY + "/environments", environments.list_environments, ACTIONS_READER),
)

GIT = (
    _row("GET", REPOSITORY + "/git/ref/{ref:path}", refs.get_ref, CONTENT_READER),
    _row("GET", REPOSITORY + "/git/matching-refs/{ref:path}", refs.list_matching_refs, CONTENT_READER),
    _row("GET", REPOSITORY + "/git/refs", refs.list_refs, CONTENT_READER),
    _row("POST", REPOSITORY + "/git/refs", refs.create_ref, CONTENT_WRITER),
    _row("PATCH", REPOSITORY + "/git/refs/{ref:path}", refs.update_ref, CONTENT_WRITER),
    _row("DELETE", REPOSITORY + "/git/refs/{ref:path}", refs.delete_ref, CONTENT_WRITER),
    _row("GET", REPOSITORY + "/git/commits/{sha}", git_objects.get_git_commit, CONTENT_READER),
    _row("POST", REPOSITORY + "/git/commits", git_objects.create_git_commit, CONTENT_WRITER),
    _row("GET", REPOSITORY + "/git/trees/{sha:path}", git_objects.get_git_tree, CONTENT_READER),
    _row("POST", REPOSITORY + "/git/trees", git_objects.create_git_tree, CONTENT_WRITER),
    _row("GET", REPOSITORY + "/git/blobs/{sha}", git_objects.get_git_blob, CONTENT_READER),
    _row("POST", REPOSITORY + "/git/blobs", git_objects.create_git_blob, CONTENT_WRITER),
    _row("GET", REPOSITORY + "/commits", commits.list_commits, CONTENT_READER),
    _row("GET", REPOSITORY + "/statuses/{ref}", statuses.list_statuses, STATUS_READER),
    _row("POST", REPOSITORY + "/statuses/{ref}", statuses.create_status, STATUS_WRITER),
    _row("GET", REPOSITORY + "/commits/{ref:path}/status", statuses.get_combined_status, STATUS_READER),
    _row("GET", REPOSITORY + "/commits/{ref:path}/statuses", statuses.list_statuses, STATUS_READER),
    _row("GET", REPOSITORY + "/commits/{ref:path}", commits.get_commit, CONTENT_READER),
    _row("GET", REPOSITORY + "/contents/{path:path}", contents.get_content, CONTENT_READER),
    _row("PUT", REPOSITORY + "/contents/{path:path}", contents.put_content, CONTENT_WRITER),
    _row("DELETE", REPOSITORY + "/contents/{path:path}", contents.delete_content, CONTENT_WRITER),
)


def _switch(name: str, setting: str) -> tuple[Route, ...]:
    path = f"{PROTECTION}/{name}"
    return (
        _row("GET", path, protection.get_switch(name), PROTECTOR),
        _row("POST", path, protection.turn_on(name, setting), PROTECTOR),
        _row("DELETE", path, protection.turn_off(setting), PROTECTOR),
    )


BRANCHES = (
    *_switch("enforce_admins", "isAdminEnforced"),
    *_switch("required_signatures", "requiresCommitSignatures"),
    _row("GET", PROTECTION + "/required_pull_request_reviews", protection.get_reviews, PROTECTOR),
    _row("PATCH", PROTECTION + "/required_pull_request_reviews", protection.update_reviews, PROTECTOR),
    _row("DELETE", PROTECTION + "/required_pull_request_reviews", protection.delete_reviews, PROTECTOR),
    _row("GET", PROTECTION + "/required_status_checks", protection.get_status_checks, PROTECTOR),
    _row("DELETE", PROTECTION + "/required_status_checks", protection.delete_status_checks, PROTECTOR),
    *(
        _row("GET", f"{PROTECTION}/restrictions/{kind}", protection.list_restricted(kind), PROTECTOR)
        for kind in ("users", "teams", "apps")
    ),
    _row("GET", PROTECTION + "/restrictions", protection.get_restrictions, PROTECTOR),
    _row("DELETE", PROTECTION + "/restrictions", protection.delete_restrictions, PROTECTOR),
    _row("GET", PROTECTION, protection.get_protection, PROTECTOR),
    _row("PUT", PROTECTION, protection.put_protection, PROTECTOR),
    _row("DELETE", PROTECTION, protection.delete_protection, PROTECTOR),
    _row("POST", BRANCH + "/rename", branches.rename_branch, BranchRenamer()),
    _row("GET", BRANCH, branches.get_branch, CONTENT_READER),
    _row("GET", REPOSITORY + "/branches", branches.list_branches, CONTENT_READER),
    _row("GET", REPOSITORY + "/rules/branches/{branch:path}", rulesets.list_branch_rules, RULES_READER),
    _row("GET", REPOSITORY + "/rulesets/{ruleset_id}", rulesets.get_ruleset, RULES_READER),
    _row("GET", REPOSITORY + "/rulesets", rulesets.list_rulesets, RULES_READER),
    _row("POST", REPOSITORY + "/rulesets", rulesets.create_ruleset, PROTECTOR),
)

PULLS = (
    _row("GET", REPOSITORY + "/pulls", pulls.list_pulls, PULL_READER),
    _row("POST", REPOSITORY + "/pulls", pulls.create_pull, PULL_WRITER),
    _row("GET", REPOSITORY + "/pulls/{number}", pulls.get_pull, PULL_READER),
    _row("PATCH", REPOSITORY + "/pulls/{number}", pulls.update_pull, PULL_WRITER),
    _row("PUT", REPOSITORY + "/pulls/{number}/merge", pulls.merge_pull, CONTENT_WRITER),
    _row("GET", REPOSITORY + "/pulls/{number}/reviews", pulls.list_reviews, PULL_READER),
    _row("POST", REPOSITORY + "/pulls/{number}/reviews", pulls.create_review, PULL_READER),
)

ISSUES = (
    _row("GET", REPOSITORY + "/issues", issues.list_issues, ISSUE_READER),
    _row("POST", REPOSITORY + "/issues", issues.create_issue, ISSUE_READER),
    _row("GET", REPOSITORY + "/issues/{number}", issues.get_issue, ISSUE_READER),
    _row("PATCH", REPOSITORY + "/issues/{number}", issues.update_issue, ISSUE_WRITER),
    _row("GET", REPOSITORY + "/issues/{number}/comments", issues.list_comments, ISSUE_READER),
    _row("POST", REPOSITORY + "/issues/{number}/comments", issues.create_comment, ISSUE_READER),
    _row("PATCH", REPOSITORY + "/issues/comments/{comment}", issues.update_comment, ISSUE_WRITER),
    _row("GET", REPOSITORY + "/labels", labels.list_labels, ISSUE_READER),
    _row("POST", REPOSITORY + "/labels", labels.create_label, ISSUE_WRITER),
    _row("GET", REPOSITORY + "/labels/{name}", labels.get_label, ISSUE_READER),
)

ROUTES: tuple[Route, ...] = (
    *ACCOUNTS,
    *ORGANIZATION_ACTIONS,
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
