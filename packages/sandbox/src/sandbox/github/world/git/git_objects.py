"""Commits, trees and blobs of a repository, as far as branches need them: a tree is a flat map of paths.

https://docs.github.com/rest/git
"""

import json
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha1

from sandbox.clock import Clock
from sandbox.github.world.refusals import NotFoundError
from sandbox.source import github_docs
from sandbox.store import Document, Store

_SOURCE = github_docs("rest/git/commits")

COMMITS, TREES, BLOBS = "github.commit", "github.tree", "github.blob"


def object_key(repository: Document, sha: str) -> str:
    """The key of a git object: shas are a repository's own here."""
    return f"{repository['id']}/{sha}"


def find_object(store: Store, kind: str, repository: Document, sha: str) -> Document | None:
    """The object, or None."""
    return store.get(kind, object_key(repository, sha))


def git_object(store: Store, kind: str, repository: Document, sha: str) -> Document:
    """The object; refused when there is none."""
    found = find_object(store, kind, repository, sha)
    if found is None:
        raise NotFoundError(documentation="/git", source=_SOURCE)
    return found


def write_blob(store: Store, repository: Document, content: bytes) -> str:
    """Keep a file's content; its sha is git's."""
    sha = sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
    store.put(BLOBS, object_key(repository, sha), {"sha": sha, "content": b64encode(content).decode()})
    return sha


def write_tree(store: Store, repository: Document, files: Mapping[str, str]) -> str:
    """Keep a tree, given as {path: sha of the blob}."""
    return _write(store, TREES, repository, {"files": dict(files)})


def write_commit(
    store: Store, clock: Clock, repository: Document, *, tree: str, parents: Sequence[str], message: str, author: str
) -> str:
    """Keep a commit."""
    now = clock.rfc3339()
    return _write(
        store,
        COMMITS,
        repository,
        {"tree": tree, "parents": list(parents), "message": message, "author": author, "date": now},
    )


def files_of(store: Store, repository: Document, sha: str) -> dict[str, str]:
    """The files of a commit, as {path: sha of the blob}."""
    tree = git_object(store, COMMITS, repository, sha)["tree"]
    return dict(git_object(store, TREES, repository, tree)["files"])


def ancestry(store: Store, repository: Document, sha: str) -> Iterator[tuple[str, Document]]:
    """A commit and all that it descends from, each once."""
    seen, waiting = set(), [sha]
    while waiting:
        current = waiting.pop(0)
        if current in seen:
            continue
        seen.add(current)
        commit = git_object(store, COMMITS, repository, current)
        yield current, commit
        waiting += commit["parents"]


def descends(store: Store, repository: Document, sha: str, ancestor: str) -> bool:
    """Whether moving a branch from `ancestor` to `sha` is a fast-forward."""
    return any(current == ancestor for current, _ in ancestry(store, repository, sha))


def _write(store: Store, kind: str, repository: Document, document: Document) -> str:
    text = json.dumps([kind, document], sort_keys=True)
    sha = sha1(text.encode(), usedforsecurity=False).hexdigest()
    store.put(kind, object_key(repository, sha), {"sha": sha, **document})
    return sha
