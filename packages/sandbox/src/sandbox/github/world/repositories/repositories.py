"""Repositories as they are kept."""

from sandbox.clock import Clock
from sandbox.github.world.git.ref_store import all_refs
from sandbox.github.world.node_ids import REPOSITORY, node_id
from sandbox.store import Document, Store

_KIND = "github.repository"


def create_repository(store: Store, clock: Clock, *, owner: str, name: str, private: bool) -> Document:
    """Make a repository alone; `founding` makes what belongs to it."""
    number = store.next("github.repository", first=700001)
    document = {
        "id": number,
        "node_id": node_id(REPOSITORY, number),
        "owner": owner,
        "name": name,
        "private": private,
        "default_branch": "main",
        "created_at": clock.rfc3339(),
    }
    save_repository(store, document)
    return document


def save_repository(store: Store, document: Document) -> None:
    """Write the repository back."""
    store.put(_KIND, f"{document['owner']}/{document['name']}".lower(), document)


def find_repository(store: Store, owner: str, name: str) -> Document | None:
    """The repository, or None; names know no case."""
    return store.get(_KIND, f"{owner}/{name}".lower())


def all_repositories(store: Store) -> list[Document]:
    """Every repository."""
    return [document for _, document in store.all(_KIND)]


def is_empty(store: Store, repository: Document) -> bool:
    """Whether it has neither branches nor tags."""
    return not all_refs(store, repository)
