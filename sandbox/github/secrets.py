"""Actions secrets of repositories and environments. They can be written and counted, never read.

https://docs.github.com/rest/actions/secrets
"""

from typing import Any

from sandbox.github.bodies import required
from sandbox.github.boxes import NotABoxError, open_box, public_key
from sandbox.github.deployment_policies import admits, admitted
from sandbox.github.paging import counted_page
from sandbox.github.protection_rules import find_rule
from sandbox.github.refusals import NotFoundError, UnprocessableError
from sandbox.github.repositories import find_repository
from sandbox.github.scopes import environment_scope, find_environment, repository_scope, scope_of
from sandbox.github.setting_names import setting_name
from sandbox.route import Answer, Call
from sandbox.store import Document, Store
from sandbox.world import World

_KIND = "github.secret"
_SECTION = "/actions/secrets"


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
    known = sorted({kept["name"] for scope in scopes for kept in _all(store, scope)})
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
    for kept in _all(store, scope):
        store.delete(_KIND, _key(scope, kept["name"]))


def get_public_key(call: Call) -> dict[str, str]:
    """GET .../secrets/public-key"""
    return public_key(call.store, scope_of(call))


def list_secrets(call: Call) -> Answer:
    """GET .../secrets"""
    return counted_page(call, "secrets", [_shown(kept) for kept in _all(call.store, scope_of(call))])


def get_secret(call: Call) -> dict[str, Any]:
    """GET .../secrets/{name}"""
    kept = call.store.get(_KIND, _key(scope_of(call), call.params["name"]))
    if kept is None:
        raise NotFoundError(documentation=_SECTION)
    return _shown(kept)


def put_secret(call: Call) -> Answer:
    """PUT .../secrets/{name}: the only thing that moves updated_at."""
    scope = scope_of(call)
    name = setting_name("Secret", call.params["name"])
    sealed, key_id = required(call, "encrypted_value", str), required(call, "key_id", str)
    if key_id != public_key(call.store, scope)["key_id"]:
        raise UnprocessableError("Bad request - key_id is not that of the current public key", documentation=_SECTION)
    try:
        open_box(call.store, scope, sealed)
    except NotABoxError:
        raise UnprocessableError("improperly encrypted secret", documentation=_SECTION) from None
    now = call.clock.rfc3339()
    before = call.store.get(_KIND, _key(scope, name))
    call.store.put(
        _KIND,
        _key(scope, name),
        {
            "name": name,
            "encrypted_value": sealed,
            "created_at": before["created_at"] if before else now,
            "updated_at": now,
        },
    )
    return Answer(status=204) if before else Answer({}, 201)


def delete_secret(call: Call) -> Answer:
    """DELETE .../secrets/{name}"""
    if not call.store.delete(_KIND, _key(scope_of(call), call.params["name"])):
        raise NotFoundError(documentation=_SECTION)
    return Answer(status=204)


def _key(scope: str, name: str) -> str:
    return f"{scope}/{name.upper()}"


def _all(store: Store, scope: str) -> list[Document]:
    return [kept for _, kept in store.all(_KIND, prefix=f"{scope}/")]


def _shown(kept: Document) -> dict[str, Any]:
    return {name: kept[name] for name in ("name", "created_at", "updated_at")}
