"""Pull requests and their reviews as they are kept, and what stands between them and a merge."""

from sandbox.context import Context
from sandbox.github.world.branches.protection_rules import find_rule
from sandbox.github.world.git.git_objects import (
    COMMITS,
    ancestry,
    files_of,
    git_object,
)
from sandbox.github.world.issues.issues import next_number
from sandbox.github.world.node_ids import PULL_REQUEST, REVIEW, node_id
from sandbox.github.world.refusals import NotAllowedError, NotFoundError
from sandbox.github.world.repositories.collaborators import permission_of, reaches
from sandbox.source import github_docs
from sandbox.store import Document, Store

_SOURCE = github_docs("rest/pulls/pulls")

_PULLS, _REVIEWS = "github.pull_request", "github.review"
_SECTION = "/pulls/pulls"


def create_pull(context: Context, repository: Document, said: Document) -> Document:
    """Open a pull request; `said` is its title, body, head, base and whether it is a draft."""
    number, identity = next_number(context.store, repository), context.store.next("github.pull_request")
    pull = {
        "id": identity,
        "node_id": node_id(PULL_REQUEST, identity),
        "number": number,
        **said,
        "user": context.caller.id,
        "state": "open",
        "merge_commit_sha": None,
        "merged_by": None,
        "created_at": context.clock.rfc3339(),
    }
    return save_pull(context.store, repository, pull)


def save_pull(store: Store, repository: Document, pull: Document) -> Document:
    """Write a pull request back."""
    store.put(_PULLS, f"{repository['id']}/{pull['number']}", pull)
    return pull


def pull_request(store: Store, repository: Document, number: str) -> Document:
    """The pull request of that number; refused when there is none."""
    pull = store.get(_PULLS, f"{repository['id']}/{number}")
    if pull is None:
        raise NotFoundError(documentation=_SECTION, source=_SOURCE)
    return pull


def pulls_of(store: Store, repository: Document) -> list[Document]:
    """The pull requests of a repository, the newest first."""
    listed = [pull for _, pull in store.all(_PULLS, prefix=f"{repository['id']}/")]
    return sorted(listed, key=lambda pull: -int(pull["number"]))


def create_review(context: Context, repository: Document, pull: Document, said: Document) -> Document:
    """Review a pull request; `said` is the body, the state and the commit that was looked at."""
    number = context.store.next("github.review")
    identity = {"id": number, "node_id": node_id(REVIEW, number), "user": context.caller.id}
    review = {**identity, **said, "submitted_at": context.clock.rfc3339()}
    context.store.put(_REVIEWS, f"{repository['id']}/{pull['number']}/{number}", review)
    return review


def reviews_of(store: Store, repository: Document, pull: Document) -> list[Document]:
    """The reviews of a pull request, the oldest first."""
    listed = store.all(_REVIEWS, prefix=f"{repository['id']}/{pull['number']}/")
    return sorted((review for _, review in listed), key=lambda review: int(review["id"]))


def check_reviews(context: Context, repository: Document, pull: Document, head: str) -> None:
    """Refuse a merge that lacks the reviews which the rules of the base branch ask for."""
    rule = find_rule(context.store, repository, pull["base"])
    if rule is None or not rule["requiresApprovingReviews"]:
        return
    held = permission_of(context.store, repository, context.caller.id)
    if held == "admin" and not rule["isAdminEnforced"]:
        return
    last = {
        review["user"]: review
        for review in reviews_of(context.store, repository, pull)
        if review["state"] != "COMMENTED" and reaches(permission_of(context.store, repository, review["user"]), "write")
    }
    if any(review["state"] == "CHANGES_REQUESTED" for review in last.values()):
        raise NotAllowedError("Changes have been requested.", documentation=_SECTION, source=_SOURCE)
    approvals = [review for review in last.values() if not rule["dismissesStaleReviews"] or review["commit_id"] == head]
    needed = rule["requiredApprovingReviewCount"]
    if len(approvals) < needed:
        plural = "review is" if needed == 1 else "reviews are"
        raise NotAllowedError(
            f"At least {needed} approving {plural} required by reviewers with write access.",
            documentation=_SECTION,
            source=_SOURCE,
        )
    pusher = git_object(context.store, COMMITS, repository, head)["author"]
    if needed and rule["requireLastPushApproval"] and all(review["user"] == pusher for review in approvals):
        raise NotAllowedError(
            "New changes require approval from someone other than the last pusher.",
            documentation=_SECTION,
            source=_SOURCE,
        )


def merged_files(store: Store, repository: Document, ours: str, theirs: str) -> dict[str, str]:
    """The files of both sides of a merge; refused where both changed the same one."""
    known = {sha for sha, _ in ancestry(store, repository, ours)}
    common = next((sha for sha, _ in ancestry(store, repository, theirs) if sha in known), None)
    base, mine, yours = (
        files_of(store, repository, common) if common else {},
        files_of(store, repository, ours),
        files_of(store, repository, theirs),
    )
    merged = dict(mine)
    for path in base.keys() | yours.keys():
        if yours.get(path) in (base.get(path), mine.get(path)):
            continue
        if mine.get(path) != base.get(path):
            raise NotAllowedError("Pull Request is not mergeable", documentation=_SECTION, source=_SOURCE)
        if path in yours:
            merged[path] = yours[path]
        else:
            del merged[path]
    return merged
