"""What GitHub Actions may do in a repository, within what its organisation lets it do.

https://docs.github.com/rest/actions/permissions. The reference says that a change which "is prevented by the owning
organization" is a conflict; how GitHub words it is not known, and what a stricter organisation leaves of a setting is
what a repository shows.
"""

from typing import Any

from sandbox.github.rest.actions.policy_bodies import selected_actions, workflow_permissions
from sandbox.github.rest.bodies import one_of, required
from sandbox.github.rest.paths import repository_of
from sandbox.github.rest.representations import repository_url
from sandbox.github.world.actions.organization_policies import ALLOWED_ACTIONS, NOTHING_SELECTED, READ_ONLY, policy_of
from sandbox.github.world.actions.repository_permissions import (
    choose_actions,
    choose_workflow,
    chosen_actions,
    effective_actions,
    effective_workflow,
)
from sandbox.github.world.refusals import (
    ConflictError,
)
from sandbox.route import Answer, Call
from sandbox.source import github_docs
from sandbox.store import Document

_SOURCE = github_docs("rest/actions/permissions")

_SECTION = "/actions/permissions"
_READ_OR_WRITE, _MAY_APPROVE = READ_ONLY


def get_actions_permissions(call: Call) -> dict[str, Any]:
    """GET /repos/{owner}/{repo}/actions/permissions"""
    effective = effective_actions(call.store, repository_of(call))
    shown: dict[str, Any] = {name: effective[name] for name in ("enabled", "allowed_actions") if name in effective}
    if effective.get("allowed_actions") == "selected":
        url = repository_url(repository_of(call), call.host)
        shown["selected_actions_url"] = f"{url}/actions/permissions/selected-actions"
    return shown


def set_actions_permissions(call: Call) -> Answer:
    """PUT /repos/{owner}/{repo}/actions/permissions"""
    kept: Document = {"enabled": required(call, "enabled", bool)}
    policy = _policy(call)
    if kept["enabled"]:
        if policy["enabled_repositories"] == "none":
            raise _prevented("enabled")
        allowed = one_of(call, "allowed_actions", ALLOWED_ACTIONS, "all")
        if ALLOWED_ACTIONS.index(allowed) > ALLOWED_ACTIONS.index(policy["allowed_actions"]):
            raise _prevented("allowed_actions")
        kept["allowed_actions"] = allowed
        if allowed == "selected":
            kept["selected"] = chosen_actions(call.store, repository_of(call)).get("selected", NOTHING_SELECTED)
    choose_actions(call.store, repository_of(call), kept)
    return Answer(status=204)


def get_selected_actions(call: Call) -> dict[str, Any]:
    """GET /repos/{owner}/{repo}/actions/permissions/selected-actions: the organisation's, if it selects itself"""
    return dict(_selecting(call)["selected"])


def set_selected_actions(call: Call) -> Answer:
    """PUT /repos/{owner}/{repo}/actions/permissions/selected-actions"""
    _selecting(call)
    if _policy(call)["allowed_actions"] == "selected":
        raise _prevented("selected actions")
    kept = chosen_actions(call.store, repository_of(call)) | {"selected": selected_actions(call)}
    choose_actions(call.store, repository_of(call), kept)
    return Answer(status=204)


def get_workflow_permissions(call: Call) -> dict[str, Any]:
    """GET /repos/{owner}/{repo}/actions/permissions/workflow"""
    return effective_workflow(call.store, repository_of(call))


def set_workflow_permissions(call: Call) -> Answer:
    """PUT /repos/{owner}/{repo}/actions/permissions/workflow: what is not sent stays as it is."""
    policy, wanted = _policy(call), workflow_permissions(call, effective_workflow(call.store, repository_of(call)))
    if wanted[_READ_OR_WRITE] == "write" and policy[_READ_OR_WRITE] == "read":
        raise _prevented(_READ_OR_WRITE)
    if wanted[_MAY_APPROVE] and not policy[_MAY_APPROVE]:
        raise _prevented(_MAY_APPROVE)
    choose_workflow(call.store, repository_of(call), wanted)
    return Answer(status=204)


def _policy(call: Call) -> Document:
    return policy_of(call.store, repository_of(call)["owner"])


def _selecting(call: Call) -> Document:
    effective = effective_actions(call.store, repository_of(call))
    if effective.get("allowed_actions") != "selected":
        raise ConflictError(
            "The actions policy of this repository is not set to selected actions.",
            documentation=_SECTION,
            source=_SOURCE,
        )
    return effective


def _prevented(setting: str) -> ConflictError:
    return ConflictError(
        f"Changing {setting} is prevented by the owning organization.", documentation=_SECTION, source=_SOURCE
    )
