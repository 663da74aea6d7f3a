"""Pull requests and their reviews: how changes get into a protected branch.

https://docs.github.com/rest/pulls. Code owners are not looked up, conversations do not exist, and a head branch is
always in the same repository.
"""

from typing import Any

from sandbox.github.accounts import account, simple_account
from sandbox.github.bodies import one_of, optional, required
from sandbox.github.branch_rules import check_merge
from sandbox.github.branches import branch_sha
from sandbox.github.collaborators import permission_of, reaches
from sandbox.github.git_objects import COMMITS, TREES, ancestry, git_object, write_commit, write_tree
from sandbox.github.node_ids import PULL_REQUEST, REVIEW, node_id
from sandbox.github.paging import page
from sandbox.github.protection_rules import find_rule
from sandbox.github.ref_store import HEADS, find_ref, write_ref
from sandbox.github.refusals import ConflictError, NotAllowedError, NotFoundError, UnprocessableError
from sandbox.github.repositories import repository_of, repository_url
from sandbox.route import Answer, Call
from sandbox.store import Document

_PULLS, _REVIEWS = "github.pull_request", "github.review"
_SECTION = "/pulls/pulls"
_STATES = {"APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED", "COMMENT": "COMMENTED"}


def list_pulls(call: Call) -> Answer:
    """GET /repos/{owner}/{repo}/pulls: the open ones, newest first, unless `state` says otherwise"""
    wanted = call.query.get("state") or "open"
    listed = [pull for _, pull in call.store.all(_PULLS, prefix=f"{repository_of(call)['id']}/")]
    listed.sort(key=lambda pull: -int(pull["number"]))
    base = call.query.get("base")
    return page(
        call,
        [_shown(call, pull) for pull in listed if wanted in ("all", pull["state"]) and base in (None, pull["base"])],
    )


def get_pull(call: Call) -> dict[str, Any]:
    """GET /repos/{owner}/{repo}/pulls/{number}"""
    return _shown(call, _pull(call))


def create_pull(call: Call) -> Answer:
    """POST /repos/{owner}/{repo}/pulls"""
    repository, base = repository_of(call), required(call, "base", str)
    head = required(call, "head", str).removeprefix(f"{repository['owner']}:")
    for name, branch in (("head", head), ("base", base)):
        if find_ref(call.store, repository, HEADS + branch) is None:
            error = {"resource": "PullRequest", "field": name, "code": "invalid"}
            raise UnprocessableError("Validation Failed", documentation=_SECTION, errors=[error])
    if not _new_commits(call, base, head):
        error = {
            "resource": "PullRequest",
            "code": "custom",
            "message": f"No commits between {base} and {head}",
        }
        raise UnprocessableError("Validation Failed", documentation=_SECTION, errors=[error])
    number, identity = call.store.next(f"github.number.{repository['id']}"), call.store.next("github.pull_request")
    pull = {
        "id": identity,
        "node_id": node_id(PULL_REQUEST, identity),
        "number": number,
        "title": required(call, "title", str),
        "body": optional(call, "body", str, ""),
        "head": head,
        "base": base,
        "user": call.caller.id,
        "state": "open",
        "draft": optional(call, "draft", bool, False),
        "merge_commit_sha": None,
        "merged_by": None,
        "created_at": call.clock.rfc3339(),
    }
    _save(call, pull)
    return Answer(_shown(call, pull), 201)


def update_pull(call: Call) -> dict[str, Any]:
    """PATCH /repos/{owner}/{repo}/pulls/{number}: title, body or state"""
    pull = _pull(call)
    changed = {name: optional(call, name, str, pull[name]) for name in ("title", "body")}
    state = one_of(call, "state", ("open", "closed"), pull["state"])
    if pull["merged_by"] and state == "open":
        raise UnprocessableError("Validation Failed", documentation=_SECTION)
    return _shown(call, _save(call, pull | changed | {"state": state}))


def merge_pull(call: Call) -> dict[str, Any]:
    """PUT /repos/{owner}/{repo}/pulls/{number}/merge: as the rules of the base branch allow"""
    repository, pull = repository_of(call), _pull(call)
    if pull["state"] != "open" or pull["draft"]:
        raise NotAllowedError("Pull Request is not mergeable", documentation=_SECTION)
    before, head = branch_sha(call, pull["base"]), branch_sha(call, pull["head"])
    if optional(call, "sha", str, head) != head:
        raise ConflictError("Head branch was modified. Review and try the merge again.", documentation=_SECTION)
    _check_reviews(call, repository, pull, head)
    after = _merge(call, repository, pull, before, head)
    try:
        check_merge(call, repository, pull["base"], before=before, head=head, after=after)
    except UnprocessableError as refusal:
        raise NotAllowedError(refusal.message, documentation=_SECTION) from None
    write_ref(call.store, repository, HEADS + pull["base"], after)
    _save(call, pull | {"state": "closed", "merged_by": call.caller.id, "merge_commit_sha": after})
    return {"sha": after, "merged": True, "message": "Pull Request successfully merged"}


def list_reviews(call: Call) -> Answer:
    """GET /repos/{owner}/{repo}/pulls/{number}/reviews"""
    pull = _pull(call)
    return page(call, [_shown_review(call, review) for review in _reviews(call, pull)])


def create_review(call: Call) -> dict[str, Any]:
    """POST /repos/{owner}/{repo}/pulls/{number}/reviews: nobody approves their own"""
    pull, event = _pull(call), one_of(call, "event", tuple(_STATES), "COMMENT")
    if event != "COMMENT" and pull["user"] == call.caller.id:
        act = "approve" if event == "APPROVE" else "request changes on"
        raise UnprocessableError(
            "Unprocessable Entity", documentation=_SECTION, errors=[f"Can not {act} your own pull request"]
        )
    number = call.store.next("github.review")
    review = {
        "id": number,
        "node_id": node_id(REVIEW, number),
        "user": call.caller.id,
        "body": optional(call, "body", str, ""),
        "state": _STATES[event],
        "commit_id": optional(call, "commit_id", str, branch_sha(call, pull["head"])),
        "submitted_at": call.clock.rfc3339(),
    }
    call.store.put(_REVIEWS, f"{repository_of(call)['id']}/{pull['number']}/{number}", review)
    return _shown_review(call, review)


def _pull(call: Call) -> Document:
    pull = call.store.get(_PULLS, f"{repository_of(call)['id']}/{call.params['number']}")
    if pull is None:
        raise NotFoundError(documentation=_SECTION)
    return pull


def _save(call: Call, pull: Document) -> Document:
    call.store.put(_PULLS, f"{repository_of(call)['id']}/{pull['number']}", pull)
    return pull


def _reviews(call: Call, pull: Document) -> list[Document]:
    listed = call.store.all(_REVIEWS, prefix=f"{repository_of(call)['id']}/{pull['number']}/")
    return sorted((review for _, review in listed), key=lambda review: int(review["id"]))


def _new_commits(call: Call, base: str, head: str) -> bool:
    known = {sha for sha, _ in ancestry(call.store, repository_of(call), branch_sha(call, base))}
    return branch_sha(call, head) not in known


def _check_reviews(call: Call, repository: Document, pull: Document, head: str) -> None:
    rule = find_rule(call.store, repository, pull["base"])
    if rule is None or not rule["requiresApprovingReviews"]:
        return
    held = permission_of(call.store, repository, call.caller.id)
    if held == "admin" and not rule["isAdminEnforced"]:
        return
    last = {
        review["user"]: review
        for review in _reviews(call, pull)
        if review["state"] != "COMMENTED" and reaches(permission_of(call.store, repository, review["user"]), "write")
    }
    if any(review["state"] == "CHANGES_REQUESTED" for review in last.values()):
        raise NotAllowedError("Changes have been requested.", documentation=_SECTION)
    approvals = [review for review in last.values() if not rule["dismissesStaleReviews"] or review["commit_id"] == head]
    needed = rule["requiredApprovingReviewCount"]
    if len(approvals) < needed:
        plural = "review is" if needed == 1 else "reviews are"
        raise NotAllowedError(
            f"At least {needed} approving {plural} required by reviewers with write access.", documentation=_SECTION
        )
    pusher = git_object(call.store, COMMITS, repository, head)["author"]
    if needed and rule["requireLastPushApproval"] and all(review["user"] == pusher for review in approvals):
        raise NotAllowedError(
            "New changes require approval from someone other than the last pusher.", documentation=_SECTION
        )


def _merge(call: Call, repository: Document, pull: Document, before: str, head: str) -> str:
    method = one_of(call, "merge_method", ("merge", "squash", "rebase"), "merge")
    title = f"Merge pull request #{pull['number']} from {repository['owner']}/{pull['head']}"
    return write_commit(
        call.store,
        call.clock,
        repository,
        tree=write_tree(call.store, repository, _merged_files(call, repository, before, head)),
        # A rebase puts one commit, like a squash: what counts here is that there is no second parent.
        parents=[before, head] if method == "merge" else [before],
        message=optional(call, "commit_title", str, title if method == "merge" else pull["title"]),
        author=call.caller.id,
    )


def _merged_files(call: Call, repository: Document, ours: str, theirs: str) -> dict[str, str]:
    def files(sha: str) -> dict[str, str]:
        tree = git_object(call.store, COMMITS, repository, sha)["tree"]
        return dict(git_object(call.store, TREES, repository, tree)["files"])

    known = {sha for sha, _ in ancestry(call.store, repository, ours)}
    common = next((sha for sha, _ in ancestry(call.store, repository, theirs) if sha in known), None)
    base, mine, yours = files(common) if common else {}, files(ours), files(theirs)
    merged = dict(mine)
    for path in base.keys() | yours.keys():
        if yours.get(path) in (base.get(path), mine.get(path)):
            continue
        if mine.get(path) != base.get(path):
            raise NotAllowedError("Pull Request is not mergeable", documentation=_SECTION)
        if path in yours:
            merged[path] = yours[path]
        else:
            del merged[path]
    return merged


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
