"""Branch protection rules as they are kept: GraphQL's names, one document per rule of a repository.

https://docs.github.com/graphql/reference/objects#branchprotectionrule
"""

from collections.abc import Mapping
from typing import Any

from sandbox.github.world.accounts.plans import is_limited
from sandbox.github.world.branches.patterns import is_literal, matches
from sandbox.github.world.node_ids import BRANCH_PROTECTION_RULE, node_id
from sandbox.store import Document, Store

_KIND = "github.branch_protection_rule"

FLAGS = (
    "allowsDeletions",
    "allowsForcePushes",
    "blocksCreations",
    "dismissesStaleReviews",
    "isAdminEnforced",
    "lockAllowsFetchAndMerge",
    "lockBranch",
    "requireLastPushApproval",
    "requiresApprovingReviews",
    "requiresCodeOwnerReviews",
    "requiresCommitSignatures",
    "requiresConversationResolution",
    "requiresLinearHistory",
    "requiresStatusChecks",
    "requiresStrictStatusChecks",
    "restrictsPushes",
    "restrictsReviewDismissals",
)
ACTOR_LISTS = ("bypassForcePushActorIds", "bypassPullRequestActorIds", "pushActorIds", "reviewDismissalActorIds")
MOST_REVIEWS = 6

_NEW: Mapping[str, Any] = {
    **dict.fromkeys(FLAGS, False),
    **{name: [] for name in ACTOR_LISTS},
    "requiredApprovingReviewCount": 0,
    "requiredStatusChecks": [],  # {"context": ..., "app_id": number or None}
}


def create_rule(store: Store, repository: Document, *, pattern: str, settings: Mapping[str, Any]) -> Document:
    """Make a rule; what `settings` does not say is off."""
    number = store.next("github.branch_protection_rule", first=50001)
    identity = {
        "id": number,
        "node_id": node_id(BRANCH_PROTECTION_RULE, number),
        "repository_id": repository["id"],
        "pattern": pattern,
    }
    return save_rule(store, {**_NEW, **settings, **identity})


def save_rule(store: Store, rule: Document) -> Document:
    """Write a rule back."""
    store.put(_KIND, f"{rule['repository_id']}/{rule['id']}", rule)
    return rule


def drop_rule(store: Store, rule: Document) -> None:
    """Remove a rule."""
    store.delete(_KIND, f"{rule['repository_id']}/{rule['id']}")


def rules_of(store: Store, repository: Document) -> list[Document]:
    """The repository's rules, oldest first; those that its plan no longer has count for nothing."""
    if is_limited(store, repository):
        return []
    listed = store.all(_KIND, prefix=f"{repository['id']}/")
    return sorted((rule for _, rule in listed), key=lambda rule: int(rule["id"]))


def find_rule_by_node_id(store: Store, identifier: str) -> Document | None:
    """The rule that has this global id, or None."""
    return next((rule for _, rule in store.all(_KIND) if rule["node_id"] == identifier), None)


def find_exact_rule(store: Store, repository: Document, pattern: str) -> Document | None:
    """The rule with exactly this pattern, or None."""
    return next((rule for rule in rules_of(store, repository) if rule["pattern"] == pattern), None)


def find_rule(store: Store, repository: Document, branch: str) -> Document | None:
    """The rule that governs a branch: the one that names it, else the oldest that fits."""
    fitting = [rule for rule in rules_of(store, repository) if matches(rule["pattern"], branch)]
    return min(fitting, key=lambda rule: not is_literal(rule["pattern"]), default=None)


def contexts(rule: Document) -> list[str]:
    """The names of the required status checks."""
    return [check["context"] for check in rule["requiredStatusChecks"]]
