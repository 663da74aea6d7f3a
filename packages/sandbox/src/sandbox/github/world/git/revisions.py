"""The commits that names stand for."""

from sandbox.github.world.git.git_objects import COMMITS, find_object
from sandbox.github.world.git.ref_store import HEADS, find_ref
from sandbox.github.world.refusals import NotFoundError
from sandbox.source import github_docs
from sandbox.store import Document, Store

_SOURCE = github_docs("rest/branches/branches")
_COMMITS = github_docs("rest/commits/commits")


def branch_sha(store: Store, repository: Document, name: str) -> str:
    """Where a branch points; refused when there is none of that name."""
    sha = find_ref(store, repository, HEADS + name)
    if sha is None:
        raise NotFoundError("Branch not found", documentation="/branches/branches#get-a-branch", source=_SOURCE)
    return sha


def resolve(store: Store, repository: Document, name: str) -> str:
    """The sha that a branch, a tag, a ref or a sha stands for; refused when it is none of them."""
    for ref in (f"{HEADS}{name}", f"refs/tags/{name}", f"refs/{name}", name):
        sha = find_ref(store, repository, ref)
        if sha is not None:
            return sha
    if find_object(store, COMMITS, repository, name) is None:
        raise NotFoundError(
            f"No commit found for SHA: {name}", documentation="/commits/commits#get-a-commit", source=_COMMITS
        )
    return name
