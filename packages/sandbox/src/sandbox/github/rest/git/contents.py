"""Files of a branch. Writing one is a push.

https://docs.github.com/rest/repos/contents
"""

import binascii
from base64 import b64decode
from typing import Any
from urllib.parse import quote

from sandbox.github.rest.bodies import optional, required
from sandbox.github.rest.paths import repository_of
from sandbox.github.rest.representations import (
    render_commit,
    repository_url,
)
from sandbox.github.world.branches.branch_rules import check_creation, check_push
from sandbox.github.world.git.git_objects import (
    BLOBS,
    files_of,
    git_object,
    write_blob,
    write_commit,
    write_tree,
)
from sandbox.github.world.git.ref_store import HEADS, write_ref
from sandbox.github.world.git.revisions import branch_sha, resolve
from sandbox.github.world.refusals import (
    ConflictError,
    NotFoundError,
    UnprocessableError,
)
from sandbox.github.world.repositories.repositories import is_empty, save_repository
from sandbox.route import Answer, Call
from sandbox.source import github_docs

_SOURCE = github_docs("rest/repos/contents")

_SECTION = "/repos/contents"


def get_content(call: Call) -> dict[str, Any] | Answer:
    """GET /repos/{owner}/{repo}/contents/{path}: a file, or the files of a folder"""
    repository, path = repository_of(call), call.params["path"].strip("/")
    if is_empty(call.store, repository):
        raise NotFoundError(
            "This repository is empty.", documentation=_SECTION + "#get-repository-content", source=_SOURCE
        )
    files = _files(call, resolve(call.store, repository, call.query.get("ref") or repository["default_branch"]))
    if path in files:
        blob = git_object(call.store, BLOBS, repository, files[path])
        return _shown(call, path, files[path]) | {"encoding": "base64", "content": blob["content"]}
    inside = [_shown(call, name, sha) for name, sha in sorted(files.items()) if f"/{name}".startswith(f"/{path}/")]
    if path and not inside:
        raise NotFoundError(documentation=_SECTION + "#get-repository-content", source=_SOURCE)
    return Answer(inside if path else [_shown(call, name, sha) for name, sha in sorted(files.items())])


def put_content(call: Call) -> Answer:
    """PUT /repos/{owner}/{repo}/contents/{path}: create the file, or with its `sha` replace it

    In an empty repository that is the first commit, and makes the default branch.
    """
    path, first = call.params["path"], is_empty(call.store, repository_of(call))
    files = {} if first else _files(call, branch_sha(call.store, repository_of(call), _branch(call)))
    try:
        content = b64decode(required(call, "content", str), validate=True)
    except binascii.Error:
        raise UnprocessableError("content is not valid Base64", documentation=_SECTION, source=_SOURCE) from None
    created = path not in files
    if not created:
        _check_sha(call, path, files[path])
    blob = write_blob(call.store, repository_of(call), content)
    commit = _push(call, {**files, path: blob}, f"Could not {'create' if created else 'update'} file")
    body = {"content": _shown(call, path, blob), "commit": commit["commit"] | {"sha": commit["sha"]}}
    return Answer(body, 201 if created else 200)


def delete_content(call: Call) -> dict[str, Any]:
    """DELETE /repos/{owner}/{repo}/contents/{path}"""
    path, files = call.params["path"], _files(call, branch_sha(call.store, repository_of(call), _branch(call)))
    if path not in files:
        raise NotFoundError(documentation=_SECTION + "#delete-a-file", source=_SOURCE)
    _check_sha(call, path, files.pop(path))
    commit = _push(call, files, "Could not delete file")
    return {"content": None, "commit": commit["commit"] | {"sha": commit["sha"]}}


def _branch(call: Call) -> str:
    return optional(call, "branch", str, str(repository_of(call)["default_branch"]))


def _files(call: Call, sha: str) -> dict[str, str]:
    return files_of(call.store, repository_of(call), sha)


def _check_sha(call: Call, path: str, known: str) -> None:
    given = optional(call, "sha", str, "")
    if not given:
        raise UnprocessableError('Invalid request.\n\n"sha" wasn\'t supplied.', documentation=_SECTION, source=_SOURCE)
    if given != known:
        raise ConflictError(f"{path} does not match {given}", documentation=_SECTION, source=_SOURCE)


def _push(call: Call, files: dict[str, str], complaint: str) -> dict[str, Any]:
    repository, branch = repository_of(call), _branch(call)
    before = None if is_empty(call.store, repository) else branch_sha(call.store, repository, branch)
    after = write_commit(
        call.store,
        call.clock,
        repository,
        tree=write_tree(call.store, repository, files),
        parents=[before] if before else [],
        message=required(call, "message", str),
        author=call.caller.id,
    )
    try:
        if before is None:
            check_creation(call, repository, branch)
            save_repository(call.store, repository | {"default_branch": branch})
        else:
            check_push(call, repository, branch, before=before, after=after)
    except UnprocessableError as refusal:
        raise ConflictError(f"{complaint}: {refusal.message}", documentation=_SECTION, source=_SOURCE) from None
    write_ref(call.store, repository, HEADS + branch, after)
    return render_commit(call, after)


def _shown(call: Call, path: str, sha: str) -> dict[str, Any]:
    repository = repository_of(call)
    url = repository_url(repository, call.host)
    blob = git_object(call.store, BLOBS, repository, sha)
    return {
        "type": "file",
        "name": path.rpartition("/")[2],
        "path": path,
        "sha": sha,
        "size": len(b64decode(blob["content"])),
        "url": f"{url}/contents/{quote(path)}",
        "git_url": f"{url}/git/blobs/{sha}",
        "html_url": f"https://github.com/{repository['owner']}/{repository['name']}/blob/{quote(path)}",
        "download_url": None,
    }
