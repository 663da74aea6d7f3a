"""Branch protection as the REST API words it: the same rules that GraphQL shows.

https://docs.github.com/rest/branches/branch-protection
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import quote

from sandbox.github.rest.bodies import body, items, member, optional
from sandbox.github.rest.paging import page
from sandbox.github.rest.paths import repository_of
from sandbox.github.rest.representations import (
    repository_url,
    simple_account,
)
from sandbox.github.world.accounts.accounts import account, all_accounts
from sandbox.github.world.branches.protection_rules import (
    MOST_REVIEWS,
    contexts,
    create_rule,
    drop_rule,
    find_exact_rule,
    find_rule,
    save_rule,
)
from sandbox.github.world.git.revisions import branch_sha
from sandbox.github.world.refusals import (
    NotFoundError,
    UnprocessableError,
)
from sandbox.route import Answer, Call
from sandbox.source import github_docs, ours
from sandbox.store import Document

_SOURCE = github_docs("rest/branches/branch-protection")
_NONE = ours("the sandbox has no teams and no apps")

T = TypeVar("T")

_SECTION = "/branches/branch-protection"

# REST's name of each rule that is on or off, and GraphQL's.
_SWITCHES: Mapping[str, str] = {
    "required_linear_history": "requiresLinearHistory",
    "allow_force_pushes": "allowsForcePushes",
    "allow_deletions": "allowsDeletions",
    "block_creations": "blocksCreations",
    "required_conversation_resolution": "requiresConversationResolution",
    "lock_branch": "lockBranch",
    "allow_fork_syncing": "lockAllowsFetchAndMerge",
}
_REVIEWS: Mapping[str, str] = {
    "dismiss_stale_reviews": "dismissesStaleReviews",
    "require_code_owner_reviews": "requiresCodeOwnerReviews",
    "require_last_push_approval": "requireLastPushApproval",
}
_NO_REVIEWS: Mapping[str, Any] = {
    **dict.fromkeys(_REVIEWS.values(), False),
    "requiresApprovingReviews": False,
    "requiredApprovingReviewCount": 0,
    "restrictsReviewDismissals": False,
    "reviewDismissalActorIds": [],
    "bypassPullRequestActorIds": [],
}
_NO_CHECKS: Mapping[str, Any] = {
    "requiresStatusChecks": False,
    "requiresStrictStatusChecks": False,
    "requiredStatusChecks": [],
}
_NO_RESTRICTIONS: Mapping[str, Any] = {"restrictsPushes": False, "pushActorIds": []}


def get_protection(call: Call) -> dict[str, Any]:
    """GET /repos/{owner}/{repo}/branches/{branch}/protection"""
    return _shown(call, _rule(call))


def put_protection(call: Call) -> dict[str, Any]:
    """PUT .../protection: all of it; four settings must be said, if only by null."""
    repository, branch = repository_of(call), call.params["branch"]
    branch_sha(call.store, repository, branch)
    sent = body(call)
    for name in ("required_status_checks", "enforce_admins", "required_pull_request_reviews", "restrictions"):
        if name not in sent:
            raise UnprocessableError(
                f'Invalid request.\n\n"{name}" wasn\'t supplied.', documentation=_SECTION, source=_SOURCE
            )
    settings: Document = {
        "isAdminEnforced": optional(call, "enforce_admins", bool, False),
        **{name: optional(call, theirs, bool, False) for theirs, name in _SWITCHES.items()},
        **_checks(_object(sent, "required_status_checks")),
        **_reviews(call, _object(sent, "required_pull_request_reviews"), _NO_REVIEWS),
        **_restrictions(call, _object(sent, "restrictions")),
    }
    rule = find_exact_rule(call.store, repository, branch)
    if rule is None:
        rule = create_rule(call.store, repository, pattern=branch, settings=settings)
    else:
        save_rule(call.store, rule := rule | settings)
    return _shown(call, rule)


def delete_protection(call: Call) -> Answer:
    """DELETE .../protection"""
    drop_rule(call.store, _rule(call))
    return Answer(status=204)


def get_reviews(call: Call) -> dict[str, Any]:
    """GET .../protection/required_pull_request_reviews"""
    return _part(call, "required_pull_request_reviews")


def update_reviews(call: Call) -> dict[str, Any]:
    """PATCH .../protection/required_pull_request_reviews: what is not sent stays as it is."""
    rule = _rule(call)
    save_rule(call.store, {**rule, **_reviews(call, body(call), rule)})
    return _part(call, "required_pull_request_reviews")


def delete_reviews(call: Call) -> Answer:
    """DELETE .../protection/required_pull_request_reviews: 204 even when there were none."""
    save_rule(call.store, {**_rule(call), **_NO_REVIEWS})
    return Answer(status=204)


def get_status_checks(call: Call) -> dict[str, Any]:
    """GET .../protection/required_status_checks"""
    return _part(call, "required_status_checks")


def delete_status_checks(call: Call) -> Answer:
    """DELETE .../protection/required_status_checks"""
    save_rule(call.store, {**_rule(call), **_NO_CHECKS})
    return Answer(status=204)


def get_restrictions(call: Call) -> dict[str, Any]:
    """GET .../protection/restrictions"""
    return _part(call, "restrictions")


def list_restricted(kind: str) -> Callable[[Call], Answer]:
    """GET .../protection/restrictions/users, .../teams or .../apps"""

    def handler(call: Call) -> Answer:
        return page(call, _part(call, "restrictions")[kind])

    return handler


def delete_restrictions(call: Call) -> Answer:
    """DELETE .../protection/restrictions"""
    save_rule(call.store, {**_rule(call), **_NO_RESTRICTIONS})
    return Answer(status=204)


def get_switch(name: str) -> Callable[[Call], dict[str, Any]]:
    """GET .../protection/enforce_admins or .../required_signatures"""

    def handler(call: Call) -> dict[str, Any]:
        return dict(_shown(call, _rule(call))[name])

    return handler


def turn_on(name: str, setting: str) -> Callable[[Call], dict[str, Any]]:
    """POST .../protection/enforce_admins or .../required_signatures"""

    def handler(call: Call) -> dict[str, Any]:
        save_rule(call.store, _rule(call) | {setting: True})
        return dict(_shown(call, _rule(call))[name])

    return handler


def turn_off(setting: str) -> Callable[[Call], Answer]:
    """DELETE .../protection/enforce_admins or .../required_signatures: 204 even when it was off."""

    def handler(call: Call) -> Answer:
        save_rule(call.store, _rule(call) | {setting: False})
        return Answer(status=204)

    return handler


def _rule(call: Call) -> Document:
    branch_sha(call.store, repository_of(call), call.params["branch"])
    rule = find_rule(call.store, repository_of(call), call.params["branch"])
    if rule is None:
        raise NotFoundError("Branch not protected", documentation=_SECTION + "#get-branch-protection", source=_SOURCE)
    return rule


def _part(call: Call, name: str) -> dict[str, Any]:
    shown = _shown(call, _rule(call))
    if name not in shown:
        raise NotFoundError("Branch not protected", documentation=_SECTION, source=_SOURCE)
    return dict(shown[name])


def _object(sent: Document, name: str) -> Document | None:
    return None if sent.get(name) is None else member(sent, name, dict)


def _list(sent: Document, name: str, kind: type[T]) -> list[T]:
    return items(member(sent, name, list), kind, name) if sent.get(name) is not None else []


def _checks(sent: Document | None) -> Mapping[str, Any]:
    if sent is None:
        return _NO_CHECKS
    checks = [_check(member(check, "context", str), check.get("app_id")) for check in _list(sent, "checks", dict)]
    named = {check["context"] for check in checks}
    checks += [_check(context, None) for context in _list(sent, "contexts", str) if context not in named]
    return {
        "requiresStatusChecks": True,
        "requiresStrictStatusChecks": bool(sent.get("strict")),
        "requiredStatusChecks": checks,
    }


def _check(context: str, app: int | None) -> Document:
    # -1 asks for "any app", which is shown as null.
    return {"context": context, "app_id": None if app == -1 else app}


def _reviews(call: Call, sent: Document | None, before: Mapping[str, Any]) -> Mapping[str, Any]:
    if sent is None:
        return _NO_REVIEWS
    count = sent.get("required_approving_review_count", before["requiredApprovingReviewCount"])
    if not isinstance(count, int) or not 0 <= count <= MOST_REVIEWS:
        raise UnprocessableError(
            f"required_approving_review_count must be between 0 and {MOST_REVIEWS}.",
            documentation=_SECTION,
            source=_SOURCE,
        )
    settings: Document = {"requiresApprovingReviews": True, "requiredApprovingReviewCount": count}
    for theirs, name in _REVIEWS.items():
        settings[name] = bool(sent.get(theirs, before[name]))
    dismissers = _object(sent, "dismissal_restrictions")
    if dismissers:
        settings["restrictsReviewDismissals"] = True
        settings["reviewDismissalActorIds"] = _actors(call, dismissers)
    bypassers = _object(sent, "bypass_pull_request_allowances")
    if bypassers is not None:
        settings["bypassPullRequestActorIds"] = _actors(call, bypassers)
    return {name: before[name] for name in _NO_REVIEWS} | settings


def _restrictions(call: Call, sent: Document | None) -> Mapping[str, Any]:
    if sent is None:
        return _NO_RESTRICTIONS
    return {"restrictsPushes": True, "pushActorIds": _actors(call, sent)}


def _actors(call: Call, sent: Document) -> list[str]:
    if sent.get("teams") or sent.get("apps"):
        raise UnprocessableError(
            "Validation Failed", documentation=_SECTION, errors=["there are no teams or apps"], source=_NONE
        )
    return [account(call.store, login)["node_id"] for login in _list(sent, "users", str)]


def _shown(call: Call, rule: Document) -> dict[str, Any]:
    branch = quote(call.params["branch"], safe="")
    url = f"{repository_url(repository_of(call), call.host)}/branches/{branch}/protection"
    shown: dict[str, Any] = {
        "url": url,
        "required_signatures": {"url": f"{url}/required_signatures", "enabled": rule["requiresCommitSignatures"]},
        "enforce_admins": {"url": f"{url}/enforce_admins", "enabled": rule["isAdminEnforced"]},
        **{theirs: {"enabled": rule[name]} for theirs, name in _SWITCHES.items()},
    }
    if rule["requiresStatusChecks"]:
        shown["required_status_checks"] = {
            "url": f"{url}/required_status_checks",
            "strict": rule["requiresStrictStatusChecks"],
            "contexts": contexts(rule),
            "contexts_url": f"{url}/required_status_checks/contexts",
            "checks": rule["requiredStatusChecks"],
        }
    if rule["requiresApprovingReviews"]:
        shown["required_pull_request_reviews"] = _shown_reviews(call, rule, f"{url}/required_pull_request_reviews")
    if rule["restrictsPushes"]:
        shown["restrictions"] = _shown_actors(call, rule["pushActorIds"], f"{url}/restrictions")
    return shown


def _shown_reviews(call: Call, rule: Document, url: str) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "url": url,
        **{theirs: rule[name] for theirs, name in _REVIEWS.items()},
        "required_approving_review_count": rule["requiredApprovingReviewCount"],
    }
    if rule["restrictsReviewDismissals"]:
        shown["dismissal_restrictions"] = _shown_actors(
            call, rule["reviewDismissalActorIds"], f"{url}/dismissal_restrictions"
        )
    if rule["bypassPullRequestActorIds"]:
        shown["bypass_pull_request_allowances"] = _shown_actors(
            call, rule["bypassPullRequestActorIds"], f"{url}/bypass_pull_request_allowances"
        )
    return shown


def _shown_actors(call: Call, node_ids: list[str], url: str) -> dict[str, Any]:
    users = [simple_account(one, call.host) for one in all_accounts(call.store) if one["node_id"] in node_ids]
    addresses = {"url": url, **{f"{kind}_url": f"{url}/{kind}" for kind in ("users", "teams", "apps")}}
    return {**addresses, "users": users, "teams": [], "apps": []}
