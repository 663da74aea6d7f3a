"""Where secrets and variables live: in a repository or in one of its environments."""

from urllib.parse import quote

from sandbox.github.refusals import NotFoundError
from sandbox.github.repositories import repository_of
from sandbox.route import Call
from sandbox.store import Document, Store

ENVIRONMENTS = "github.environment"


def repository_scope(repository: Document) -> str:
    """The key under which a repository's own secrets and variables are kept."""
    return str(repository["id"])


def environment_scope(repository: Document, environment: str) -> str:
    """The key of an environment and of all that is in it; its name knows no case and may contain slashes."""
    return f"{repository['id']}:{quote(environment.lower(), safe='')}"


def find_environment(store: Store, repository: Document, name: str) -> Document | None:
    """The environment of a repository, or None."""
    return store.get(ENVIRONMENTS, environment_scope(repository, name))


def environment_of(call: Call) -> Document:
    """The environment that a path names; 404 when there is none."""
    found = find_environment(call.store, repository_of(call), call.params["environment"])
    if found is None:
        raise NotFoundError(documentation="/deployments/environments#get-an-environment")
    return found


def scope_of(call: Call) -> str:
    """The scope that a path names; 404 when it names an environment that does not exist."""
    repository = repository_of(call)
    if "environment" not in call.params:
        return repository_scope(repository)
    return environment_scope(repository, environment_of(call)["name"])
