"""Actions secrets as they are kept: sealed, and opened for jobs alone."""

from sandbox.clock import Clock
from sandbox.github.world.actions.scopes import environment_scope, repository_scope
from sandbox.github.world.actions.sealed_boxes import open_box
from sandbox.github.world.branches.protection_rules import find_rule
from sandbox.github.world.environments.deployment_policies import admits, admitted
from sandbox.github.world.environments.environments import find_environment
from sandbox.github.world.repositories.repositories import find_repository
from sandbox.store import Document, Store
from sandbox.world import World

MOST = 100
"""How many secrets a repository or an environment has at most."""
MOST_BYTES = 49_152
"""How long a secret is at most: 48 KB."""

_KIND = "github.secret"


def open_secret(
    store: Store, world: World, *, name: str, environment: str | None = None, branch: str | None = None
) -> str:
    """The plain text, as a job of the repository sees it; a job of `environment` sees that one's secrets first.

    Raises KeyError that names what exists (the names of secrets are no secret), and PermissionError for a job on a
    `branch` that the environment does not admit, or on none where it admits some only.
    """
    repository = find_repository(store, world.owner, world.repository)
    if repository is None:
        raise KeyError(f"there is no repository {world.owner}/{world.repository}")
    scopes = [repository_scope(repository)]
    if environment is not None:
        scopes.insert(0, _entered(store, repository, environment, branch))
    for scope in scopes:
        kept = store.get(_KIND, _key(scope, name))
        if kept is not None:
            return open_box(store, scope, kept["encrypted_value"])
    known = sorted({kept["name"] for scope in scopes for kept in secrets_of(store, scope)})
    raise KeyError(f"there is no secret {name.upper()}; there is {', '.join(known) or 'none'}")


def _entered(store: Store, repository: Document, name: str, branch: str | None) -> str:
    environment, scope = find_environment(store, repository, name), environment_scope(repository, name)
    if environment is None:
        raise KeyError(f"{repository['owner']}/{repository['name']} has no environment {name}")
    if branch is None:
        if (some := admitted(store, scope, environment)) is not None:
            raise PermissionError(f"environment {name} admits jobs on {some} only")
    else:
        protected = find_rule(store, repository, branch) is not None
        if not admits(store, scope, environment, branch, protected=protected):
            raise PermissionError(
                f"branch {branch} is not allowed to deploy to {name} due to environment protection rules"
            )
    return scope


def drop_secrets(store: Store, scope: str) -> None:
    """Remove every secret of a scope."""
    for kept in secrets_of(store, scope):
        store.delete(_KIND, _key(scope, kept["name"]))


def find_secret(store: Store, scope: str, name: str) -> Document | None:
    """The secret of that name, or None."""
    return store.get(_KIND, _key(scope, name))


def secrets_of(store: Store, scope: str) -> list[Document]:
    """The secrets of a scope."""
    return [kept for _, kept in store.all(_KIND, prefix=f"{scope}/")]


def write_secret(store: Store, clock: Clock, scope: str, name: str, sealed: str) -> bool:
    """Keep a sealed value; whether the secret is new."""
    now, before = clock.rfc3339(), find_secret(store, scope, name)
    created_at = before["created_at"] if before else now
    document = {"name": name, "encrypted_value": sealed, "created_at": created_at, "updated_at": now}
    store.put(_KIND, _key(scope, name), document)
    return before is None


def is_full(store: Store, scope: str, name: str) -> bool:
    """Whether a scope has no room for a new secret of that name."""
    return find_secret(store, scope, name) is None and len(secrets_of(store, scope)) >= MOST


def delete_secret(store: Store, scope: str, name: str) -> bool:
    """Remove a secret; whether there was one."""
    return store.delete(_KIND, _key(scope, name))


def _key(scope: str, name: str) -> str:
    return f"{scope}/{name.upper()}"
