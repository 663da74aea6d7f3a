"""What GitHub Actions may do in a repository, within what its organisation lets it do.

https://docs.github.com/rest/actions/permissions. The reference says that a change which "is prevented by the owning
organization" is a conflict; how GitHub words it is not known, and what a stricter organisation leaves of a setting is
what a repository shows.
"""

from collections.abc import Mapping
from typing import Any

from sandbox.github.bodies import one_of, required
from sandbox.github.organization_actions_permissions import (
    ALLOWED_ACTIONS,
    NOTHING_SELECTED,
    READ_ONLY,
    policy_of,
    selected_actions,
    workflow_permissions,
)
from sandbox.github.refusals import ConflictError
from sandbox.github.repositories import repository_of, repository_url
from sandbox.route import Answer, Call
from sandbox.store import Document, Store

_ACTIONS = "github.actions_permissions"
_WORKFLOW = "github.workflow_permissions"
_SECTION = "/actions/permissions"
_READ_OR_WRITE, _MAY_APPROVE = READ_ONLY


def start_actions(store: Store, repository: Document, *, workflow: Mapping[str, Any] = READ_ONLY) -> None:
    """Give a repository what every new one has: all actions, and a workflow token that may do what `workflow` says."""
    store.put(_ACTIONS, str(repository["id"]), {"enabled": True, "allowed_actions": "all"})
    store.put(_WORKFLOW, str(repository["id"]), {name: workflow[name] for name in READ_ONLY})


def get_actions_permissions(call: Call) -> dict[str, Any]:
    """GET /repos/{owner}/{repo}/actions/permissions"""
    effective = _effective(call)
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
            kept["selected"] = _kept(call, _ACTIONS).get("selected", NOTHING_SELECTED)
    call.store.put(_ACTIONS, str(repository_of(call)["id"]), kept)
    return Answer(status=204)


def get_selected_actions(call: Call) -> dict[str, Any]:
    """GET /repos/{owner}/{repo}/actions/permissions/selected-actions: the organisation's, if it selects itself"""
    return dict(_selecting(call)["selected"])


def set_selected_actions(call: Call) -> Answer:
    """PUT /repos/{owner}/{repo}/actions/permissions/selected-actions"""
    _selecting(call)
    if _policy(call)["allowed_actions"] == "selected":
        raise _prevented("selected actions")
    kept = _kept(call, _ACTIONS) | {"selected": selected_actions(call)}
    call.store.put(_ACTIONS, str(repository_of(call)["id"]), kept)
    return Answer(status=204)


def get_workflow_permissions(call: Call) -> dict[str, Any]:
    """GET /repos/{owner}/{repo}/actions/permissions/workflow"""
    return _effective_workflow(call)


def set_workflow_permissions(call: Call) -> Answer:
    """PUT /repos/{owner}/{repo}/actions/permissions/workflow: what is not sent stays as it is."""
    policy, wanted = _policy(call), workflow_permissions(call, _effective_workflow(call))
    if wanted[_READ_OR_WRITE] == "write" and policy[_READ_OR_WRITE] == "read":
        raise _prevented(_READ_OR_WRITE)
    if wanted[_MAY_APPROVE] and not policy[_MAY_APPROVE]:
        raise _prevented(_MAY_APPROVE)
    call.store.put(_WORKFLOW, str(repository_of(call)["id"]), wanted)
    return Answer(status=204)


def _kept(call: Call, kind: str) -> Document:
    found = call.store.get(kind, str(repository_of(call)["id"]))
    assert found is not None, "every repository starts with Actions permissions"
    return found


def _policy(call: Call) -> Document:
    return policy_of(call.store, repository_of(call)["owner"])


def _effective(call: Call) -> Document:
    kept, policy = _kept(call, _ACTIONS), _policy(call)
    if not kept["enabled"] or policy["enabled_repositories"] == "none":
        return {"enabled": False}
    allowed = min(kept["allowed_actions"], policy["allowed_actions"], key=ALLOWED_ACTIONS.index)
    if allowed != "selected":
        return {"enabled": True, "allowed_actions": allowed}
    source = policy if policy["allowed_actions"] == "selected" else kept
    return {"enabled": True, "allowed_actions": allowed, "selected": source["selected"]}


def _effective_workflow(call: Call) -> Document:
    kept, policy = _kept(call, _WORKFLOW), _policy(call)
    return {
        _READ_OR_WRITE: min(kept[_READ_OR_WRITE], policy[_READ_OR_WRITE]),
        _MAY_APPROVE: kept[_MAY_APPROVE] and policy[_MAY_APPROVE],
    }


def _selecting(call: Call) -> Document:
    effective = _effective(call)
    if effective.get("allowed_actions") != "selected":
        raise ConflictError(
            "The actions policy of this repository is not set to selected actions.", documentation=_SECTION
        )
    return effective


def _prevented(setting: str) -> ConflictError:
    return ConflictError(f"Changing {setting} is prevented by the owning organization.", documentation=_SECTION)
