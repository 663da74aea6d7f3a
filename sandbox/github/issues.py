"""Issues and their comments.

https://docs.github.com/rest/issues. Pull requests are not listed among them, and whoever edits one needs write access,
authors too.
"""

from typing import Any

from sandbox.github.accounts import account, simple_account
from sandbox.github.bodies import body, items, one_of, optional, required
from sandbox.github.collaborators import permission_of, reaches
from sandbox.github.labels import label_named, shown_label
from sandbox.github.node_ids import COMMENT, ISSUE, node_id
from sandbox.github.paging import page
from sandbox.github.refusals import NotFoundError, UnprocessableError
from sandbox.github.repositories import repository_of, repository_url
from sandbox.route import Answer, Call
from sandbox.store import Document

_ISSUES, _COMMENTS = "github.issue", "github.issue_comment"
_SECTION = "/issues/issues"
_LONGEST_BODY = 65_536
_REASONS = ("completed", "not_planned", "reopened", "duplicate")


def list_issues(call: Call) -> Answer:
    """GET /repos/{owner}/{repo}/issues: the open ones, newest first, unless the query says otherwise"""
    wanted = call.query.get("state") or "open"
    labels = {name.lower() for name in (call.query.get("labels") or "").split(",") if name}
    by = "updated_at" if call.query.get("sort") == "updated" else "created_at"
    listed = [
        issue
        for _, issue in call.store.all(_ISSUES, prefix=f"{repository_of(call)['id']}/")
        if wanted in ("all", issue["state"]) and labels <= {name.lower() for name in issue["labels"]}
    ]
    listed.sort(key=lambda issue: (issue[by], issue["number"]), reverse=call.query.get("direction") != "asc")
    return page(call, [_shown(call, issue) for issue in listed])


def get_issue(call: Call) -> dict[str, Any]:
    """GET /repos/{owner}/{repo}/issues/{number}"""
    return _shown(call, _issue(call))


def create_issue(call: Call) -> Answer:
    """POST /repos/{owner}/{repo}/issues: labels of who has no write access are dropped without a word"""
    repository, title = repository_of(call), required(call, "title", str)
    text, labels = _text(call, ""), _labels(call, [])
    may_label = reaches(permission_of(call.store, repository, call.caller.id), "write")
    identity = call.store.next("github.issue")
    now = call.clock.rfc3339()
    issue = {
        "id": identity,
        "node_id": node_id(ISSUE, identity),
        "number": call.store.next(f"github.number.{repository['id']}"),
        "title": title,
        "body": text,
        "labels": [label_named(call, name)["name"] for name in labels] if may_label else [],
        "user": call.caller.id,
        "state": "open",
        "state_reason": None,
        "created_at": now,
        "updated_at": now,
        "closed_at": None,
    }
    _save(call, issue)
    return Answer(_shown(call, issue), 201)


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
        "labels": [label_named(call, name)["name"] for name in _labels(call, issue["labels"])],
        "state": state,
        "state_reason": reason,
        "updated_at": now,
        "closed_at": None if state == "open" else issue["closed_at"] or now,
    }
    return _shown(call, _save(call, issue | changed))


def list_comments(call: Call) -> Answer:
    """GET /repos/{owner}/{repo}/issues/{number}/comments: the oldest first"""
    issue = _issue(call)
    return page(call, [_shown_comment(call, issue, comment) for comment in _comments(call, issue)])


def create_comment(call: Call) -> Answer:
    """POST /repos/{owner}/{repo}/issues/{number}/comments"""
    issue, now = _issue(call), call.clock.rfc3339()
    required(call, "body", str)
    identity = call.store.next("github.issue_comment")
    comment = {
        "id": identity,
        "node_id": node_id(COMMENT, identity),
        "body": _text(call, ""),
        "user": call.caller.id,
        "created_at": now,
        "updated_at": now,
    }
    call.store.put(_COMMENTS, f"{issue['id']}/{identity:08}", comment)
    _save(call, issue | {"updated_at": now})
    return Answer(_shown_comment(call, issue, comment), 201)


def update_comment(call: Call) -> dict[str, Any]:
    """PATCH /repos/{owner}/{repo}/issues/comments/{comment}: its text"""
    repository, identity = repository_of(call), call.params["comment"]
    for _, issue in call.store.all(_ISSUES, prefix=f"{repository['id']}/"):
        for comment in _comments(call, issue):
            if str(comment["id"]) == identity:
                required(call, "body", str)
                changed = comment | {"body": _text(call, ""), "updated_at": call.clock.rfc3339()}
                call.store.put(_COMMENTS, f"{issue['id']}/{comment['id']:08}", changed)
                return _shown_comment(call, issue, changed)
    raise NotFoundError(documentation="/issues/comments#update-an-issue-comment")


def _issue(call: Call) -> Document:
    number = call.params["number"]
    found = call.store.get(_ISSUES, _key(repository_of(call), int(number))) if number.isdecimal() else None
    if found is None:
        raise NotFoundError(documentation=f"{_SECTION}#get-an-issue")
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
        raise UnprocessableError("Validation Failed", documentation=_SECTION, errors=[error])
    return text


def _labels(call: Call, default: list[str]) -> list[str]:
    return items(optional(call, "labels", list, default), str, "labels") if "labels" in body(call) else default


def _comments(call: Call, issue: Document) -> list[Document]:
    return [comment for _, comment in call.store.all(_COMMENTS, prefix=f"{issue['id']}/")]


def _save(call: Call, issue: Document) -> Document:
    call.store.put(_ISSUES, _key(repository_of(call), issue["number"]), issue)
    return issue


def _key(repository: Document, number: int) -> str:
    return f"{repository['id']}/{number:08}"


def _shown(call: Call, issue: Document) -> dict[str, Any]:
    repository = repository_of(call)
    url = f"{repository_url(repository, call.host)}/issues/{issue['number']}"
    return issue | {
        "user": simple_account(account(call.store, issue["user"]), call.host),
        "labels": [shown_label(call, label_named(call, name)) for name in issue["labels"]],
        "comments": len(_comments(call, issue)),
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
