"""What GitHub Actions may do in an organisation; no repository of it may allow more.

https://docs.github.com/rest/actions/permissions
"""

from collections.abc import Mapping
from typing import Any

from sandbox.github.accounts import organization
from sandbox.github.bodies import one_of, optional, required
from sandbox.github.refusals import ConflictError, NotBuiltError
from sandbox.route import Answer, Call
from sandbox.store import Document, Store

ALLOWED_ACTIONS = ("local_only", "selected", "all")
"""From the least to the most."""
NOTHING_SELECTED: Mapping[str, Any] = {
    "github_owned_allowed": False,
    "verified_allowed": False,
    "patterns_allowed": [],
}
READ_ONLY: Mapping[str, Any] = {
    "default_workflow_permissions": "read",
    "can_approve_pull_request_reviews": False,
}
"""How organisations begin (https://github.blog/changelog, 2023-02-02)."""

_KIND = "github.organization_actions"
_SECTION = "/actions/permissions"
# What owners do not set: those that are no organisations set no limits either.
_UNLIMITED: Mapping[str, Any] = {
    "enabled_repositories": "all",
    "allowed_actions": "all",
    "selected": NOTHING_SELECTED,
    "default_workflow_permissions": "write",
    "can_approve_pull_request_reviews": True,
}


def set_policy(store: Store, owner: str, **changes: Any) -> None:
    """Change an organisation's policy."""
    store.put(_KIND, owner.lower(), {**policy_of(store, owner), **changes})


def policy_of(store: Store, owner: str) -> Document:
    """What an owner of repositories lets them do."""
    return {**_UNLIMITED, **(store.get(_KIND, owner.lower()) or {})}


def get_actions_permissions(call: Call) -> dict[str, Any]:
    """GET /orgs/{org}/actions/permissions"""
    policy, login = _policy(call), organization(call)["login"]
    shown: dict[str, Any] = {"enabled_repositories": policy["enabled_repositories"]}
    if policy["enabled_repositories"] != "none":
        shown["allowed_actions"] = policy["allowed_actions"]
        if policy["allowed_actions"] == "selected":
            shown["selected_actions_url"] = f"https://{call.host}/orgs/{login}/actions/permissions/selected-actions"
    return shown


def set_actions_permissions(call: Call) -> Answer:
    """PUT /orgs/{org}/actions/permissions"""
    required(call, "enabled_repositories", str)
    enabled = one_of(call, "enabled_repositories", ("all", "none", "selected"), "all")
    if enabled == "selected":
        raise NotBuiltError(
            "The sandbox does not select repositories: sandbox/github/organization_actions_permissions.py."
        )
    allowed = one_of(call, "allowed_actions", ALLOWED_ACTIONS, "all")
    set_policy(call.store, organization(call)["login"], enabled_repositories=enabled, allowed_actions=allowed)
    return Answer(status=204)


def get_selected_actions(call: Call) -> dict[str, Any]:
    """GET /orgs/{org}/actions/permissions/selected-actions"""
    return dict(_selecting(call)["selected"])


def set_selected_actions(call: Call) -> Answer:
    """PUT /orgs/{org}/actions/permissions/selected-actions"""
    _selecting(call)
    set_policy(call.store, organization(call)["login"], selected=selected_actions(call))
    return Answer(status=204)


def get_workflow_permissions(call: Call) -> dict[str, Any]:
    """GET /orgs/{org}/actions/permissions/workflow"""
    policy = _policy(call)
    return {name: policy[name] for name in READ_ONLY}


def set_workflow_permissions(call: Call) -> Answer:
    """PUT /orgs/{org}/actions/permissions/workflow: what is not sent stays as it is."""
    set_policy(call.store, organization(call)["login"], **workflow_permissions(call, _policy(call)))
    return Answer(status=204)


def selected_actions(call: Call) -> Document:
    """The actions that a body selects."""
    return {
        "github_owned_allowed": optional(call, "github_owned_allowed", bool, False),
        "verified_allowed": optional(call, "verified_allowed", bool, False),
        "patterns_allowed": optional(call, "patterns_allowed", list, []),
    }


def workflow_permissions(call: Call, kept: Document) -> Document:
    """What a body makes of the workflow token's rights."""
    name, approve = READ_ONLY
    return {
        name: one_of(call, name, ("read", "write"), kept[name]),
        approve: optional(call, approve, bool, kept[approve]),
    }


def _policy(call: Call) -> Document:
    return policy_of(call.store, organization(call)["login"])


def _selecting(call: Call) -> Document:
    policy = _policy(call)
    if policy["allowed_actions"] != "selected":
        raise ConflictError(
            "The actions policy of this organization is not set to selected actions.", documentation=_SECTION
        )
    return policy
