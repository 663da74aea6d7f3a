"""The git refs API: branches and tags by their full names.

https://docs.github.com/rest/git/refs
"""

from typing import Any

from sandbox.github.rest.bodies import optional, required
from sandbox.github.rest.paging import page
from sandbox.github.rest.paths import filled_repository_of, repository_of
from sandbox.github.rest.representations import (
    repository_url,
)
from sandbox.github.world.branches.branch_rules import check_creation, check_deletion, check_push
from sandbox.github.world.git.git_objects import (
    COMMITS,
    descends,
    find_object,
)
from sandbox.github.world.git.ref_store import HEADS, all_refs, drop_ref, find_ref, write_ref
from sandbox.github.world.node_ids import (
    REF,
)
from sandbox.github.world.refusals import (
    NotFoundError,
    UnprocessableError,
)
from sandbox.route import Answer, Call
from sandbox.source import github_docs

_SOURCE = github_docs("rest/git/refs")

_SECTION = "/git/refs"


def get_ref(call: Call) -> dict[str, Any]:
    """GET /repos/{owner}/{repo}/git/ref/{ref}: exactly this one."""
    ref = _full(call.params["ref"])
    sha = find_ref(call.store, filled_repository_of(call), ref)
    if sha is None:
        raise NotFoundError(documentation=_SECTION + "#get-a-reference", source=_SOURCE)
    return _shown(call, ref, sha)


def list_refs(call: Call) -> Answer:
    """GET /repos/{owner}/{repo}/git/refs"""
    return page(call, [_shown(call, ref, sha) for ref, sha in all_refs(call.store, filled_repository_of(call))])


def list_matching_refs(call: Call) -> Answer:
    """GET /repos/{owner}/{repo}/git/matching-refs/{ref}: all that begin with it."""
    found = all_refs(call.store, filled_repository_of(call), _full(call.params["ref"]))
    return page(call, [_shown(call, ref, sha) for ref, sha in found])


def create_ref(call: Call) -> Answer:
    """POST /repos/{owner}/{repo}/git/refs"""
    repository, ref, sha = filled_repository_of(call), required(call, "ref", str), required(call, "sha", str)
    if not ref.startswith("refs/") or len(ref.split("/")) < 3 or not all(ref.split("/")):
        raise UnprocessableError("Reference name must start with 'refs/' and contain two slashes.", source=_SOURCE)
    if find_ref(call.store, repository, ref) is not None:
        raise UnprocessableError(
            "Reference already exists", documentation=_SECTION + "#create-a-reference", source=_SOURCE
        )
    _check_commit(call, sha)
    if ref.startswith(HEADS):
        check_creation(call, repository, ref.removeprefix(HEADS))
    write_ref(call.store, repository, ref, sha)
    return Answer(_shown(call, ref, sha), 201)


def update_ref(call: Call) -> dict[str, Any]:
    """PATCH /repos/{owner}/{repo}/git/refs/{ref}: forward, or anywhere with `force`."""
    repository, ref, sha = filled_repository_of(call), _full(call.params["ref"]), required(call, "sha", str)
    before = find_ref(call.store, repository, ref)
    if before is None:
        raise UnprocessableError(
            "Reference does not exist", documentation=_SECTION + "#update-a-reference", source=_SOURCE
        )
    _check_commit(call, sha)
    if not optional(call, "force", bool, False) and not descends(call.store, repository, sha, before):
        raise UnprocessableError(
            "Update is not a fast forward", documentation=_SECTION + "#update-a-reference", source=_SOURCE
        )
    if ref.startswith(HEADS):
        check_push(call, repository, ref.removeprefix(HEADS), before=before, after=sha)
    write_ref(call.store, repository, ref, sha)
    return _shown(call, ref, sha)


def delete_ref(call: Call) -> Answer:
    """DELETE /repos/{owner}/{repo}/git/refs/{ref}"""
    repository, ref = filled_repository_of(call), _full(call.params["ref"])
    if find_ref(call.store, repository, ref) is None:
        raise UnprocessableError(
            "Reference does not exist", documentation=_SECTION + "#delete-a-reference", source=_SOURCE
        )
    if ref.startswith(HEADS):
        check_deletion(call, repository, ref.removeprefix(HEADS))
    drop_ref(call.store, repository, ref)
    return Answer(status=204)


def _full(name: str) -> str:
    return f"refs/{name}"


def _check_commit(call: Call, sha: str) -> None:
    if find_object(call.store, COMMITS, repository_of(call), sha) is None:
        raise UnprocessableError("Object does not exist", documentation=_SECTION, source=_SOURCE)


def _shown(call: Call, ref: str, sha: str) -> dict[str, Any]:
    repository = repository_of(call)
    url = f"{repository_url(repository, call.host)}/git"
    return {
        "ref": ref,
        "node_id": f"{REF}_{repository['id']}_{ref.removeprefix('refs/')}",
        "url": f"{url}/{ref}",
        "object": {"sha": sha, "type": "commit", "url": f"{url}/commits/{sha}"},
    }
