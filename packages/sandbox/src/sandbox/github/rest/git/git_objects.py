"""/repos/{owner}/{repo}/git: commits, trees and blobs as git keeps them (https://docs.github.com/rest/git)."""

import binascii
from base64 import b64decode
from typing import Any

from sandbox.github.rest.bodies import items, member, one_of, optional, required
from sandbox.github.rest.paths import filled_repository_of, repository_of
from sandbox.github.rest.representations import (
    git_commit,
    repository_url,
)
from sandbox.github.world.git.git_objects import (
    BLOBS,
    COMMITS,
    TREES,
    find_object,
    git_object,
    write_blob,
    write_commit,
    write_tree,
)
from sandbox.github.world.git.revisions import resolve
from sandbox.github.world.refusals import (
    UnprocessableError,
)
from sandbox.route import Answer, Call
from sandbox.source import github_docs
from sandbox.store import Document

_SOURCE = github_docs("rest/git/commits")


def get_git_commit(call: Call) -> dict[str, Any]:
    """GET /repos/{owner}/{repo}/git/commits/{sha}"""
    return git_commit(call, git_object(call.store, COMMITS, filled_repository_of(call), call.params["sha"]))


def create_git_commit(call: Call) -> Answer:
    """POST /repos/{owner}/{repo}/git/commits"""
    repository, tree = filled_repository_of(call), required(call, "tree", str)
    parents = items(optional(call, "parents", list, []), str, "parents")
    if find_object(call.store, TREES, repository, tree) is None:
        raise UnprocessableError(
            "Tree SHA does not exist", documentation="/git/commits#create-a-commit", source=_SOURCE
        )
    if any(find_object(call.store, COMMITS, repository, parent) is None for parent in parents):
        raise UnprocessableError("Parent SHA does not exist or is not a commit object", source=_SOURCE)
    sha = write_commit(
        call.store,
        call.clock,
        repository,
        tree=tree,
        parents=parents,
        message=required(call, "message", str),
        author=call.caller.id,
    )
    return Answer(git_commit(call, git_object(call.store, COMMITS, repository, sha)), 201)


def get_git_tree(call: Call) -> dict[str, Any]:
    """GET /repos/{owner}/{repo}/git/trees/{sha}: always recursive; a branch or a commit stands for its tree."""
    repository, name = filled_repository_of(call), call.params["sha"]
    tree = find_object(call.store, TREES, repository, name)
    if tree is None:
        commit = git_object(call.store, COMMITS, repository, resolve(call.store, repository, name))
        tree = git_object(call.store, TREES, repository, commit["tree"])
    return _git_tree(call, tree)


def create_git_tree(call: Call) -> Answer:
    """POST /repos/{owner}/{repo}/git/trees"""
    repository, base = filled_repository_of(call), optional(call, "base_tree", str, "")
    files: dict[str, str] = dict(git_object(call.store, TREES, repository, base)["files"]) if base else {}
    for entry in items(required(call, "tree", list), dict, "tree"):
        path = member(entry, "path", str)
        if "content" in entry:
            files[path] = write_blob(call.store, repository, member(entry, "content", str).encode())
        elif entry.get("sha") is None:
            files.pop(path, None)
        else:
            files[path] = git_object(call.store, BLOBS, repository, member(entry, "sha", str))["sha"]
    tree = git_object(call.store, TREES, repository, write_tree(call.store, repository, files))
    return Answer(_git_tree(call, tree), 201)


def get_git_blob(call: Call) -> dict[str, Any]:
    """GET /repos/{owner}/{repo}/git/blobs/{sha}"""
    kept = git_object(call.store, BLOBS, filled_repository_of(call), call.params["sha"])
    return {**kept, "encoding": "base64", "size": len(b64decode(kept["content"])), "url": _git_url(call, "blobs", kept)}


def create_git_blob(call: Call) -> Answer:
    """POST /repos/{owner}/{repo}/git/blobs"""
    text, encoding = required(call, "content", str), one_of(call, "encoding", ("utf-8", "base64"), "utf-8")
    try:
        content = b64decode(text, validate=True) if encoding == "base64" else text.encode()
    except binascii.Error:
        raise UnprocessableError(
            "content is not valid Base64", documentation="/git/blobs#create-a-blob", source=_SOURCE
        ) from None
    repository = filled_repository_of(call)
    kept = git_object(call.store, BLOBS, repository, write_blob(call.store, repository, content))
    return Answer({"sha": kept["sha"], "url": _git_url(call, "blobs", kept)}, 201)


def _git_tree(call: Call, kept: Document) -> dict[str, Any]:
    entries = [
        {"path": path, "mode": "100644", "type": "blob", "sha": sha, "url": _git_url(call, "blobs", {"sha": sha})}
        for path, sha in sorted(kept["files"].items())
    ]
    return {"sha": kept["sha"], "url": _git_url(call, "trees", kept), "tree": entries, "truncated": False}


def _git_url(call: Call, kind: str, kept: Document) -> str:
    return f"{repository_url(repository_of(call), call.host)}/git/{kind}/{kept['sha']}"
