"""What GitHub Actions may do in an organisation; no repository of it may allow more."""

from collections.abc import Mapping
from typing import Any

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
