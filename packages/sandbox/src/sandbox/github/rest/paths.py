"""What parts of a path name, whatever the resource."""

from sandbox.github.world.accounts.accounts import organization
from sandbox.github.world.actions.scopes import environment_scope, repository_scope
from sandbox.github.world.environments.environments import find_environment
from sandbox.github.world.refusals import ConflictError, NotFoundError
from sandbox.github.world.repositories.repositories import all_repositories, find_repository, is_empty
from sandbox.route import Call
from sandbox.source import github_docs
from sandbox.store import Document

_SOURCE = github_docs("rest/repos/repos")


def organization_of(call: Call) -> Document:
    """The organisation that a path names by {org}; 404 when there is none."""
    return organization(call.store, call.params["org"])


def repository_of(call: Call) -> Document:
    """The repository that a path names by {owner} and {repo} or by {repository_id}; 404 when there is none."""
    number = call.params.get("repository_id")
    if number is None:
        found = find_repository(call.store, call.params["owner"], call.params["repo"])
    else:
        found = next((one for one in all_repositories(call.store) if str(one["id"]) == number), None)
    if found is None:
        raise NotFoundError(documentation="/repos/repos#get-a-repository", source=_SOURCE)
    return found


def filled_repository_of(call: Call) -> Document:
    """The repository that a path names; 409 when it has no commit yet."""
    repository = repository_of(call)
    if is_empty(call.store, repository):
        raise ConflictError("Git Repository is empty.", documentation="/git", source=_SOURCE)
    return repository


def environment_of(call: Call) -> Document:
    """The environment that a path names; 404 when there is none."""
    found = find_environment(call.store, repository_of(call), call.params["environment"])
    if found is None:
        raise NotFoundError(documentation="/deployments/environments#get-an-environment", source=_SOURCE)
    return found


def scope_of(call: Call) -> str:
    """The scope that a path names; 404 when it names an environment that does not exist."""
    repository = repository_of(call)
    if "environment" not in call.params:
        return repository_scope(repository)
    return environment_scope(repository, environment_of(call)["name"])
