"""What GitHub Actions may do in an organisation; no repository of it may allow more.

https://docs.github.com/rest/actions/permissions
"""

from typing import Any

from sandbox.github.rest.actions.policy_bodies import selected_actions, workflow_permissions
from sandbox.github.rest.bodies import one_of, required
from sandbox.github.rest.paths import organization_of
from sandbox.github.world.actions.organization_policies import (
    ALLOWED_ACTIONS,
    READ_ONLY,
    policy_of,
    set_policy,
)
from sandbox.github.world.refusals import (
    ConflictError,
    NotBuiltError,
)
from sandbox.route import Answer, Call
from sandbox.source import github_docs
from sandbox.store import Document

_SOURCE = github_docs("rest/actions/permissions")

_SECTION = "/actions/permissions"


def get_actions_permissions(call: Call) -> dict[str, Any]:
    """GET /orgs/{org}/actions/permissions"""
    policy, login = _policy(call), organization_of(call)["login"]
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
            "The sandbox does not select repositories: sandbox/github/rest/actions/organization_actions_permissions.py."
        )
    allowed = one_of(call, "allowed_actions", ALLOWED_ACTIONS, "all")
    set_policy(call.store, organization_of(call)["login"], enabled_repositories=enabled, allowed_actions=allowed)
    return Answer(status=204)


def get_selected_actions(call: Call) -> dict[str, Any]:
    """GET /orgs/{org}/actions/permissions/selected-actions"""
    return dict(_selecting(call)["selected"])


def set_selected_actions(call: Call) -> Answer:
    """PUT /orgs/{org}/actions/permissions/selected-actions"""
    _selecting(call)
    set_policy(call.store, organization_of(call)["login"], selected=selected_actions(call))
    return Answer(status=204)


def get_workflow_permissions(call: Call) -> dict[str, Any]:
    """GET /orgs/{org}/actions/permissions/workflow"""
    policy = _policy(call)
    return {name: policy[name] for name in READ_ONLY}


def set_workflow_permissions(call: Call) -> Answer:
    """PUT /orgs/{org}/actions/permissions/workflow: what is not sent stays as it is."""
    set_policy(call.store, organization_of(call)["login"], **workflow_permissions(call, _policy(call)))
    return Answer(status=204)


def _policy(call: Call) -> Document:
    return policy_of(call.store, organization_of(call)["login"])


def _selecting(call: Call) -> Document:
    policy = _policy(call)
    if policy["allowed_actions"] != "selected":
        raise ConflictError(
            "The actions policy of this organization is not set to selected actions.",
            documentation=_SECTION,
            source=_SOURCE,
        )
    return policy
