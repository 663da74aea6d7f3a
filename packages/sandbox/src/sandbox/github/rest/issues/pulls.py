"""Pull requests and their reviews: how changes get into a protected branch.

https://docs.github.com/rest/pulls. Code owners are not looked up, conversations do not exist, and a head branch is
always in the same repository.
"""

from typing import Any

from sandbox.github.rest.bodies import one_of, optional, required
from sandbox.github.rest.limits import limit
from sandbox.github.rest.paging import page
from sandbox.github.rest.paths import repository_of
from sandbox.github.rest.representations import (
    repository_url,
    simple_account,
)
from sandbox.github.world.accounts.accounts import account
from sandbox.github.world.branches.branch_rules import check_merge
from sandbox.github.world.git.git_objects import (
    ancestry,
    write_commit,
    write_tree,
)
from sandbox.github.world.git.ref_store import HEADS, find_ref, write_ref
from sandbox.github.world.git.revisions import branch_sha
from sandbox.github.world.issues import pulls
from sandbox.github.world.refusals import (
    ConflictError,
    NotAllowedError,
    UnprocessableError,
)
from sandbox.limits import Length, limited
from sandbox.route import Answer, Call
from sandbox.source import github_docs, ours
from sandbox.store import Document

_SOURCE = github_docs("rest/pulls/pulls")
_LENGTHS = ours("GitHub refuses longer ones; the reference names no length")

_SECTION = "/pulls/pulls"
_STATES = {"APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED", "COMMENT": "COMMENTED"}

_TITLE = limit(
    "title",
    Length(256),
    _LENGTHS,
    resource="PullRequest",
    says="title is too long (maximum is 256 characters)",
)


def list_pulls(call: Call) -> Answer:
    """GET /repos/{owner}/{repo}/pulls: the open ones, newest first, unless `state` says otherwise"""
    wanted = call.query.get("state") or "open"
    listed = pulls.pulls_of(call.store, repository_of(call))
    base = call.query.get("base")
    return page(
        call,
        [_shown(call, pull) for pull in listed if wanted in ("all", pull["state"]) and base in (None, pull["base"])],
    )


def get_pull(call: Call) -> dict[str, Any]:
    """GET /repos/{owner}/{repo}/pulls/{number}"""
    return _shown(call, _pull(call))


@limited(_TITLE)
def create_pull(call: Call) -> Answer:
    """POST /repos/{owner}/{repo}/pulls"""
    repository, base = repository_of(call), required(call, "base", str)
    head = required(call, "head", str).removeprefix(f"{repository['owner']}:")
    for name, branch in (("head", head), ("base", base)):
        if find_ref(call.store, repository, HEADS + branch) is None:
            error = {"resource": "PullRequest", "field": name, "code": "invalid"}
            raise UnprocessableError("Validation Failed", documentation=_SECTION, errors=[error], source=_SOURCE)
    if not _new_commits(call, base, head):
        error = {
            "resource": "PullRequest",
            "code": "custom",
            "message": f"No commits between {base} and {head}",
        }
        raise UnprocessableError("Validation Failed", documentation=_SECTION, errors=[error], source=_SOURCE)
    said = {
        "title": required(call, "title", str),
        "body": optional(call, "body", str, ""),
        "head": head,
        "base": base,
        "draft": optional(call, "draft", bool, False),
    }
    pull = pulls.create_pull(call, repository, said)
    return Answer(_shown(call, pull), 201)


@limited(_TITLE)
def update_pull(call: Call) -> dict[str, Any]:
    """PATCH /repos/{owner}/{repo}/pulls/{number}: title, body or state"""
    pull = _pull(call)
    changed = {name: optional(call, name, str, pull[name]) for name in ("title", "body")}
    state = one_of(call, "state", ("open", "closed"), pull["state"])
    if pull["merged_by"] and state == "open":
        raise UnprocessableError("Validation Failed", documentation=_SECTION, source=_SOURCE)
    return _shown(call, pulls.save_pull(call.store, repository_of(call), pull | changed | {"state": state}))


def merge_pull(call: Call) -> dict[str, Any]:
    """PUT /repos/{owner}/{repo}/pulls/{number}/merge: as the rules of the base branch allow"""
    repository, pull = repository_of(call), _pull(call)
    if pull["state"] != "open" or pull["draft"]:
        raise NotAllowedError("Pull Request is not mergeable", documentation=_SECTION, source=_SOURCE)
    before, head = (branch_sha(call.store, repository, pull[side]) for side in ("base", "head"))
    if optional(call, "sha", str, head) != head:
        raise ConflictError(
            "Head branch was modified. Review and try the merge again.", documentation=_SECTION, source=_SOURCE
        )
    pulls.check_reviews(call, repository, pull, head)
    after = _merge(call, repository, pull, before, head)
    try:
        check_merge(call, repository, pull["base"], before=before, head=head, after=after)
    except UnprocessableError as refusal:
        raise NotAllowedError(refusal.message, documentation=_SECTION, source=_SOURCE) from None
    write_ref(call.store, repository, HEADS + pull["base"], after)
    closed = {"state": "closed", "merged_by": call.caller.id, "merge_commit_sha": after}
    pulls.save_pull(call.store, repository, pull | closed)
    return {"sha": after, "merged": True, "message": "Pull Request successfully merged"}


def list_reviews(call: Call) -> Answer:
    """GET /repos/{owner}/{repo}/pulls/{number}/reviews"""
    pull = _pull(call)
    return page(
        call, [_shown_review(call, review) for review in pulls.reviews_of(call.store, repository_of(call), pull)]
    )


def create_review(call: Call) -> dict[str, Any]:
    """POST /repos/{owner}/{repo}/pulls/{number}/reviews: nobody approves their own"""
    pull, event = _pull(call), one_of(call, "event", tuple(_STATES), "COMMENT")
    if event != "COMMENT" and pull["user"] == call.caller.id:
        act = "approve" if event == "APPROVE" else "request changes on"
        raise UnprocessableError(
            "Unprocessable Entity",
            documentation=_SECTION,
            errors=[f"Can not {act} your own pull request"],
            source=_SOURCE,
        )
    repository = repository_of(call)
    said = {
        "body": optional(call, "body", str, ""),
        "state": _STATES[event],
        "commit_id": optional(call, "commit_id", str, branch_sha(call.store, repository, pull["head"])),
    }
    review = pulls.create_review(call, repository, pull, said)
    return _shown_review(call, review)


def _pull(call: Call) -> Document:
    return pulls.pull_request(call.store, repository_of(call), call.params["number"])


def _new_commits(call: Call, base: str, head: str) -> bool:
    store, repository = call.store, repository_of(call)
    known = {sha for sha, _ in ancestry(store, repository, branch_sha(store, repository, base))}
    return branch_sha(store, repository, head) not in known


def _merge(call: Call, repository: Document, pull: Document, before: str, head: str) -> str:
    method = one_of(call, "merge_method", ("merge", "squash", "rebase"), "merge")
    title = f"Merge pull request #{pull['number']} from {repository['owner']}/{pull['head']}"
    return write_commit(
        call.store,
        call.clock,
        repository,
        tree=write_tree(call.store, repository, pulls.merged_files(call.store, repository, before, head)),
        # A rebase puts one commit, like a squash: what counts here is that there is no second parent.
        parents=[before, head] if method == "merge" else [before],
        message=optional(call, "commit_title", str, title if method == "merge" else pull["title"]),
        author=call.caller.id,
    )


def _shown(call: Call, pull: Document) -> dict[str, Any]:
    repository = repository_of(call)
    full_name = f"{repository['owner']}/{repository['name']}"
    url = f"{repository_url(repository, call.host)}/pulls/{pull['number']}"

    def side(name: str) -> dict[str, Any]:
        sha = find_ref(call.store, repository, HEADS + pull[name])
        return {"label": f"{repository['owner']}:{pull[name]}", "ref": pull[name], "sha": sha}

    return {
        **{name: pull[name] for name in ("id", "node_id", "number", "title", "body", "state", "draft", "created_at")},
        "url": url,
        "html_url": f"https://github.com/{full_name}/pull/{pull['number']}",
        "issue_url": f"{repository_url(repository, call.host)}/issues/{pull['number']}",
        "user": simple_account(account(call.store, pull["user"]), call.host),
        "head": side("head"),
        "base": side("base"),
        "merged": pull["merged_by"] is not None,
        "merge_commit_sha": pull["merge_commit_sha"],
        "updated_at": pull["created_at"],
    }


def _shown_review(call: Call, review: Document) -> dict[str, Any]:
    kept = {name: review[name] for name in ("id", "node_id", "body", "state", "commit_id", "submitted_at")}
    return kept | {"user": simple_account(account(call.store, review["user"]), call.host)}
