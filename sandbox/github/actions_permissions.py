"""What GitHub Actions may do in a repository.

https://docs.github.com/rest/actions/permissions
"""

from typing import Any

from sandbox.github.bodies import one_of, optional, required
from sandbox.github.refusals import ConflictError
from sandbox.github.repositories import repository_of, repository_url
from sandbox.route import Answer, Call
from sandbox.store import Document, Store

_ACTIONS = "github.actions_permissions"
_WORKFLOW = "github.workflow_permissions"
_SECTION = "/actions/permissions"
_NOTHING_SELECTED = {"github_owned_allowed": False, "verified_allowed": False, "patterns_allowed": []}


def start_actions(store: Store, repository: Document) -> None:
    """Give a repository what every new one has: all actions, a workflow token that only reads."""
    store.put(_ACTIONS, str(repository["id"]), {"enabled": True, "allowed_actions": "all"})
    store.put(
        _WORKFLOW,
        str(repository["id"]),
        {"default_workflow_permissions": "read", "can_approve_pull_request_reviews": False},
    )


def get_actions_permissions(call: Call) -> dict[str, Any]:
    """GET /repos/{owner}/{repo}/actions/permissions"""
    repository = repository_of(call)
    kept = _kept(call, _ACTIONS)
    shown: dict[str, Any] = {name: kept[name] for name in ("enabled", "allowed_actions") if name in kept}
    if kept.get("allowed_actions") == "selected":
        shown["selected_actions_url"] = f"{repository_url(repository, call.host)}/actions/permissions/selected-actions"
    return shown


def set_actions_permissions(call: Call) -> Answer:
    """PUT /repos/{owner}/{repo}/actions/permissions"""
    kept: Document = {"enabled": required(call, "enabled", bool)}
    if kept["enabled"]:
        kept["allowed_actions"] = one_of(call, "allowed_actions", ("all", "local_only", "selected"), "all")
        if kept["allowed_actions"] == "selected":
            kept["selected"] = _kept(call, _ACTIONS).get("selected", _NOTHING_SELECTED)
    call.store.put(_ACTIONS, str(repository_of(call)["id"]), kept)
    return Answer(status=204)


def get_selected_actions(call: Call) -> dict[str, Any]:
    """GET /repos/{owner}/{repo}/actions/permissions/selected-actions"""
    return dict(_selected(call)["selected"])


def set_selected_actions(call: Call) -> Answer:
    """PUT /repos/{owner}/{repo}/actions/permissions/selected-actions"""
    kept = _selected(call)
    kept["selected"] = {
        "github_owned_allowed": optional(call, "github_owned_allowed", bool, False),
        "verified_allowed": optional(call, "verified_allowed", bool, False),
        "patterns_allowed": optional(call, "patterns_allowed", list, []),
    }
    call.store.put(_ACTIONS, str(repository_of(call)["id"]), kept)
    return Answer(status=204)


def get_workflow_permissions(call: Call) -> dict[str, Any]:
    """GET /repos/{owner}/{repo}/actions/permissions/workflow"""
    return _kept(call, _WORKFLOW)


def set_workflow_permissions(call: Call) -> Answer:
    """PUT /repos/{owner}/{repo}/actions/permissions/workflow: what is not sent stays as it is."""
    kept = _kept(call, _WORKFLOW)
    name, approve = "default_workflow_permissions", "can_approve_pull_request_reviews"
    call.store.put(
        _WORKFLOW,
        str(repository_of(call)["id"]),
        {
            name: one_of(call, name, ("read", "write"), kept[name]),
            approve: optional(call, approve, bool, kept[approve]),
        },
    )
    return Answer(status=204)


def _kept(call: Call, kind: str) -> Document:
    found = call.store.get(kind, str(repository_of(call)["id"]))
    assert found is not None, "every repository starts with Actions permissions"
    return found


def _selected(call: Call) -> Document:
    kept = _kept(call, _ACTIONS)
    if kept.get("allowed_actions") != "selected":
        raise ConflictError(
            "The actions policy of this repository is not set to selected actions.", documentation=_SECTION
        )
    return kept
