"""What GitHub Actions may do in a repository: what it chose, within what its organisation lets it do."""

from collections.abc import Mapping
from typing import Any

from sandbox.github.world.actions.organization_policies import ALLOWED_ACTIONS, READ_ONLY, policy_of
from sandbox.store import Document, Store

_ACTIONS = "github.actions_permissions"
_WORKFLOW = "github.workflow_permissions"
_READ_OR_WRITE, _MAY_APPROVE = READ_ONLY


def start_actions(store: Store, repository: Document, *, workflow: Mapping[str, Any] = READ_ONLY) -> None:
    """Give a repository what every new one has: all actions, and a workflow token that may do what `workflow` says."""
    store.put(_ACTIONS, str(repository["id"]), {"enabled": True, "allowed_actions": "all"})
    store.put(_WORKFLOW, str(repository["id"]), {name: workflow[name] for name in READ_ONLY})


def chosen_actions(store: Store, repository: Document) -> Document:
    """Which actions the repository itself allows."""
    return _kept(store, _ACTIONS, repository)


def choose_actions(store: Store, repository: Document, wanted: Document) -> None:
    """Say which actions the repository allows."""
    store.put(_ACTIONS, str(repository["id"]), wanted)


def choose_workflow(store: Store, repository: Document, wanted: Document) -> None:
    """Say what the workflow token of the repository may do."""
    store.put(_WORKFLOW, str(repository["id"]), wanted)


def effective_actions(store: Store, repository: Document) -> Document:
    """Which actions run: what a stricter organisation leaves of the choice."""
    kept, policy = chosen_actions(store, repository), policy_of(store, repository["owner"])
    if not kept["enabled"] or policy["enabled_repositories"] == "none":
        return {"enabled": False}
    allowed = min(kept["allowed_actions"], policy["allowed_actions"], key=ALLOWED_ACTIONS.index)
    if allowed != "selected":
        return {"enabled": True, "allowed_actions": allowed}
    source = policy if policy["allowed_actions"] == "selected" else kept
    return {"enabled": True, "allowed_actions": allowed, "selected": source["selected"]}


def effective_workflow(store: Store, repository: Document) -> Document:
    """What the workflow token may do: what a stricter organisation leaves of the choice."""
    kept, policy = _kept(store, _WORKFLOW, repository), policy_of(store, repository["owner"])
    return {
        _READ_OR_WRITE: min(kept[_READ_OR_WRITE], policy[_READ_OR_WRITE]),
        _MAY_APPROVE: kept[_MAY_APPROVE] and policy[_MAY_APPROVE],
    }


def _kept(store: Store, kind: str, repository: Document) -> Document:
    found = store.get(kind, str(repository["id"]))
    assert found is not None, "every repository starts with Actions permissions"
    return found
