"""Commit statuses as they are kept: the newest of each context of a commit."""

from sandbox.clock import Clock
from sandbox.store import Document, Store

_KIND = "github.commit_status"


def write_status(store: Store, clock: Clock, repository: Document, sha: str, said: Document) -> Document:
    """Keep a status in the place of the last one of its context."""
    now = clock.rfc3339()
    status = {"id": store.next("github.status"), **said, "created_at": now, "updated_at": now}
    store.put(_KIND, f"{repository['id']}/{sha}/{status['context']}", status)
    return status


def all_statuses(store: Store, repository: Document, sha: str) -> list[Document]:
    """The statuses of a commit, by context."""
    return [status for _, status in store.all(_KIND, prefix=f"{repository['id']}/{sha}/")]


def state_of(store: Store, repository: Document, sha: str, context: str) -> str | None:
    """What a check said last, or None when it has said nothing."""
    found = store.get(_KIND, f"{repository['id']}/{sha}/{context}")
    return None if found is None else str(found["state"])
