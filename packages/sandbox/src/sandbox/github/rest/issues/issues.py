"""Issues and their comments.

https://docs.github.com/rest/issues. Pull requests are not listed among them, and whoever edits one needs write access,
authors too.
"""

from typing import Any

from sandbox.github.rest.bodies import body, items, one_of, optional, required
from sandbox.github.rest.limits import limit
from sandbox.github.rest.paging import page
from sandbox.github.rest.paths import repository_of
from sandbox.github.rest.representations import (
    repository_url,
    shown_label,
    simple_account,
)
from sandbox.github.world.accounts.accounts import account
from sandbox.github.world.issues import issues
from sandbox.github.world.issues.labels import label_named
from sandbox.github.world.refusals import (
    NotFoundError,
    UnprocessableError,
)
from sandbox.github.world.repositories.collaborators import permission_of, reaches
from sandbox.limits import Length, limited
from sandbox.route import Answer, Call
from sandbox.source import github_docs, ours
from sandbox.store import Document

_SOURCE = github_docs("rest/issues/issues")
_LENGTHS = ours("GitHub refuses longer ones; the reference names no length")

_SECTION = "/issues/issues"
_LONGEST_BODY = 65_536
_REASONS = ("completed", "not_planned", "reopened", "duplicate")

_TITLE = limit(
    "title",
    Length(256),
    _LENGTHS,
    resource="Issue",
    says="title is too long (maximum is 256 characters)",
)


def list_issues(call: Call) -> Answer:
    """GET /repos/{owner}/{repo}/issues: the open ones, newest first, unless the query says otherwise"""
    wanted = call.query.get("state") or "open"
    labels = {name.lower() for name in (call.query.get("labels") or "").split(",") if name}
    by = "updated_at" if call.query.get("sort") == "updated" else "created_at"
    listed = [
        issue
        for issue in issues.issues_of(call.store, repository_of(call))
        if wanted in ("all", issue["state"]) and labels <= {name.lower() for name in issue["labels"]}
    ]
    listed.sort(key=lambda issue: (issue[by], issue["number"]), reverse=call.query.get("direction") != "asc")
    return page(call, [_shown(call, issue) for issue in listed])


def get_issue(call: Call) -> dict[str, Any]:
    """GET /repos/{owner}/{repo}/issues/{number}"""
    return _shown(call, _issue(call))


@limited(_TITLE)
def create_issue(call: Call) -> Answer:
    """POST /repos/{owner}/{repo}/issues: labels of who has no write access are dropped without a word"""
    repository, title = repository_of(call), required(call, "title", str)
    text, labels = _text(call, ""), _labels(call, [])
    may_label = reaches(permission_of(call.store, repository, call.caller.id), "write")
    named = [label_named(call.store, repository, name)["name"] for name in labels] if may_label else []
    said = {"title": title, "body": text, "labels": named}
    issue = issues.create_issue(call.store, call.clock, repository, said=said, user=call.caller.id)
    return Answer(_shown(call, issue), 201)


@limited(_TITLE)
def update_issue(call: Call) -> dict[str, Any]:
    """PATCH /repos/{owner}/{repo}/issues/{number}: title, body, labels or state"""
    issue, now = _issue(call), call.clock.rfc3339()
    state = one_of(call, "state", ("open", "closed"), issue["state"])
    reason = issue["state_reason"]
    if state != issue["state"]:
        reason = "reopened" if state == "open" else one_of(call, "state_reason", _REASONS, "completed")
    changed = {
        "title": optional(call, "title", str, issue["title"]),
        "body": _text(call, issue["body"]),
        "labels": [
            label_named(call.store, repository_of(call), name)["name"] for name in _labels(call, issue["labels"])
        ],
        "state": state,
        "state_reason": reason,
        "updated_at": now,
        "closed_at": None if state == "open" else issue["closed_at"] or now,
    }
    return _shown(call, issues.save_issue(call.store, repository_of(call), issue | changed))


def list_comments(call: Call) -> Answer:
    """GET /repos/{owner}/{repo}/issues/{number}/comments: the oldest first"""
    issue = _issue(call)
    return page(call, [_shown_comment(call, issue, comment) for comment in issues.comments_of(call.store, issue)])


def create_comment(call: Call) -> Answer:
    """POST /repos/{owner}/{repo}/issues/{number}/comments"""
    repository, issue = repository_of(call), _issue(call)
    required(call, "body", str)
    comment = issues.create_comment(
        call.store, call.clock, repository, issue, text=_text(call, ""), user=call.caller.id
    )
    return Answer(_shown_comment(call, issue, comment), 201)


def update_comment(call: Call) -> dict[str, Any]:
    """PATCH /repos/{owner}/{repo}/issues/comments/{comment}: its text"""
    repository, identity = repository_of(call), call.params["comment"]
    for issue in issues.issues_of(call.store, repository):
        for comment in issues.comments_of(call.store, issue):
            if str(comment["id"]) == identity:
                required(call, "body", str)
                changed = comment | {"body": _text(call, ""), "updated_at": call.clock.rfc3339()}
                issues.save_comment(call.store, issue, changed)
                return _shown_comment(call, issue, changed)
    raise NotFoundError(documentation="/issues/comments#update-an-issue-comment", source=_SOURCE)


def _issue(call: Call) -> Document:
    number = call.params["number"]
    found = issues.find_issue(call.store, repository_of(call), int(number)) if number.isdecimal() else None
    if found is None:
        raise NotFoundError(documentation=f"{_SECTION}#get-an-issue", source=_SOURCE)
    return found


def _text(call: Call, default: str) -> str:
    text = optional(call, "body", str, default)
    if len(text) > _LONGEST_BODY:
        error = {
            "resource": "Issue",
            "code": "custom",
            "field": "body",
            "message": f"body is too long (maximum is {_LONGEST_BODY} characters)",
        }
        raise UnprocessableError("Validation Failed", documentation=_SECTION, errors=[error], source=_LENGTHS)
    return text


def _labels(call: Call, default: list[str]) -> list[str]:
    return items(optional(call, "labels", list, default), str, "labels") if "labels" in body(call) else default


def _shown(call: Call, issue: Document) -> dict[str, Any]:
    repository = repository_of(call)
    url = f"{repository_url(repository, call.host)}/issues/{issue['number']}"
    return issue | {
        "user": simple_account(account(call.store, issue["user"]), call.host),
        "labels": [shown_label(call, label_named(call.store, repository_of(call), name)) for name in issue["labels"]],
        "comments": len(issues.comments_of(call.store, issue)),
        "assignees": [],
        "locked": False,
        "url": url,
        "comments_url": f"{url}/comments",
        "repository_url": repository_url(repository, call.host),
        "html_url": f"https://github.com/{repository['owner']}/{repository['name']}/issues/{issue['number']}",
    }


def _shown_comment(call: Call, issue: Document, comment: Document) -> dict[str, Any]:
    shown = _shown(call, issue)
    return comment | {
        "user": simple_account(account(call.store, comment["user"]), call.host),
        "issue_url": shown["url"],
        "html_url": f"{shown['html_url']}#issuecomment-{comment['id']}",
    }
