"""Deployment environments as they are kept, with all that is in them."""

from sandbox.clock import Clock
from sandbox.github.world.actions.scopes import environment_scope
from sandbox.github.world.actions.sealed_boxes import make_key_pair
from sandbox.github.world.node_ids import ENVIRONMENT, node_id
from sandbox.store import Document, Store

_KIND = "github.environment"


def find_environment(store: Store, repository: Document, name: str) -> Document | None:
    """The environment of a repository, or None."""
    return store.get(_KIND, environment_scope(repository, name))


def environments_of(store: Store, repository: Document) -> list[Document]:
    """The environments of a repository."""
    return [kept for _, kept in store.all(_KIND, prefix=f"{repository['id']}:")]


def write_environment(store: Store, clock: Clock, repository: Document, name: str, settings: Document) -> Document:
    """Make an environment with a key pair of its own, or replace the settings of the one that is there."""
    now, kept = clock.rfc3339(), find_environment(store, repository, name)
    if kept is None:
        number = store.next("github.environment", first=3001)
        kept = {"id": number, "node_id": node_id(ENVIRONMENT, number), "name": name, "created_at": now}
        make_key_pair(store, environment_scope(repository, name))
    written = {**kept, **settings, "updated_at": now}
    store.put(_KIND, environment_scope(repository, name), written)
    return written


def erase_environment(store: Store, repository: Document, name: str) -> None:
    """Remove the environment alone; `environment_removal` also removes what is in it."""
    store.delete(_KIND, environment_scope(repository, name))
