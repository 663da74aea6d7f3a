"""Where branches and tags point. Nothing here asks whether they may."""

from sandbox.store import Document, Store

_KIND = "github.ref"
HEADS = "refs/heads/"


def write_ref(store: Store, repository: Document, ref: str, sha: str) -> None:
    """Let a full ref ("refs/heads/main") point to a commit."""
    store.put(_KIND, f"{repository['id']}/{ref}", {"ref": ref, "sha": sha})


def drop_ref(store: Store, repository: Document, ref: str) -> None:
    """Remove a ref."""
    store.delete(_KIND, f"{repository['id']}/{ref}")


def find_ref(store: Store, repository: Document, ref: str) -> str | None:
    """The sha that a ref points to, or None."""
    found = store.get(_KIND, f"{repository['id']}/{ref}")
    return None if found is None else str(found["sha"])


def all_refs(store: Store, repository: Document, prefix: str = "refs/") -> list[tuple[str, str]]:
    """Every (ref, sha) whose full name begins with `prefix`, by name."""
    listed = store.all(_KIND, prefix=f"{repository['id']}/{prefix}")
    return [(found["ref"], found["sha"]) for _, found in listed]
