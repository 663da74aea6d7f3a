"""The labels of a repository, by names that know no case."""

from sandbox.github.world.node_ids import LABEL, node_id
from sandbox.store import Document, Store

GREY = "ededed"
"""What a label gets that nobody has given a colour."""

_KIND = "github.label"


def find_label(store: Store, repository: Document, name: str) -> Document | None:
    """The label of that name, or None."""
    return store.get(_KIND, _key(repository, name))


def labels_of(store: Store, repository: Document) -> list[Document]:
    """The labels of a repository."""
    return [label for _, label in store.all(_KIND, prefix=f"{repository['id']}/")]


def make_label(store: Store, repository: Document, name: str, *, colour: str = GREY, description: str = "") -> Document:
    """Make a label."""
    identity = store.next("github.label")
    label = {
        "id": identity,
        "node_id": node_id(LABEL, identity),
        "name": name,
        "color": colour,
        "description": description,
    }
    store.put(_KIND, _key(repository, name), label)
    return label


def label_named(store: Store, repository: Document, name: str) -> Document:
    """The label of that name; made when there is none, as an issue's labels are."""
    return find_label(store, repository, name) or make_label(store, repository, name)


def _key(repository: Document, name: str) -> str:
    return f"{repository['id']}/{name.lower()}"
