"""The surface of api.github.com that the sandbox answers.

Names that may contain slashes take `:path`, so rows that say more about such a path stand before those that say less.
"""

from sandbox.github import (
    accounts,
    actions_permissions,
    collaborators,
    repository,
    secrets,
)
from sandbox.github.rules import SECRETS, RepositoryAdmin, RepositoryReader, RepositoryWriter
from sandbox.route import Handler, Route, Rule
from sandbox.rules import Authenticated
from sandbox.world import HostKind

READER, WRITER, ADMIN = RepositoryReader(), RepositoryWriter(), RepositoryAdmin()
COLLABORATORS = RepositoryWriter(refusal="Must have push access to view repository collaborators.")

REPOSITORY = "/repos/{owner}/{repo}"


def _row(method: str, path: str, handler: Handler, rule: Rule) -> Route:
    return Route(method=method, host=HostKind.GITHUB, path=path, handler=handler, rule=rule)


ACCOUNTS = (
    _row("GET", "/user", accounts.get_authenticated_user, Authenticated()),
    _row("GET", "/users/{login}", accounts.get_user, Authenticated()),
    _row("GET", "/users/{login}/keys", accounts.list_keys, Authenticated()),
    _row("GET", "/users/{login}/gpg_keys", accounts.list_keys, Authenticated()),
    _row("GET", "/orgs/{org}", accounts.get_organization, Authenticated()),
)

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
)


def _secrets(path: str) -> tuple[Route, ...]:
    return (
        _row("GET", path + "/public-key", secrets.get_public_key, SECRETS),
        _row("GET", path + "/{name}", secrets.get_secret, SECRETS),
        _row("PUT", path + "/{name}", secrets.put_secret, SECRETS),
        _row("DELETE", path + "/{name}", secrets.delete_secret, SECRETS),
        _row("GET", path, secrets.list_secrets, SECRETS),
    )


ROUTES: tuple[Route, ...] = (
    *ACCOUNTS,
    *COLLABORATION,
    *ACTIONS,
    *_secrets(REPOSITORY + "/actions/secrets"),
)
