"""Rulesets as they are kept; branches obey only the protection rules."""

from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.clock import Clock
from sandbox.github.world.branches.patterns import matches
from sandbox.github.world.git.ref_store import HEADS
from sandbox.github.world.node_ids import RULESET, node_id
from sandbox.github.world.refusals import NotFoundError
from sandbox.source import github_docs
from sandbox.store import Document, Store

_SOURCE = github_docs("rest/repos/rules")

_KIND = "github.ruleset"


def add_ruleset(
    store: Store,
    clock: Clock,
    repository: Document,
    *,
    name: str,
    include: Sequence[str],
    rules: Sequence[Mapping[str, Any]],
    enforcement: str = "active",
) -> int:
    """Lay down a ruleset for branches, as somebody would in the console; returns its id."""
    number = store.next("github.ruleset", first=9001)
    now = clock.rfc3339()
    store.put(
        _KIND,
        f"{repository['id']}/{number}",
        {
            "id": number,
            "node_id": node_id(RULESET, number),
            "name": name,
            "target": "branch",
            "source_type": "Repository",
            "source": f"{repository['owner']}/{repository['name']}",
            "enforcement": enforcement,
            "conditions": {"ref_name": {"include": list(include), "exclude": []}},
            "rules": [dict(rule) for rule in rules],
            "bypass_actors": [],
            "current_user_can_bypass": "never",
            "created_at": now,
            "updated_at": now,
        },
    )
    return number


def ruleset(store: Store, repository: Document, ruleset_id: object) -> Document:
    """The ruleset of that id; refused when there is none."""
    kept = store.get(_KIND, f"{repository['id']}/{ruleset_id}")
    if kept is None:
        raise NotFoundError(documentation="/repos/rules#get-a-repository-ruleset", source=_SOURCE)
    return kept


def rulesets_of(store: Store, repository: Document) -> list[Document]:
    """The rulesets of a repository."""
    return [kept for _, kept in store.all(_KIND, prefix=f"{repository['id']}/")]


def covers(repository: Document, kept: Document, branch: str) -> bool:
    """Whether a ruleset is about a branch."""

    def fits(pattern: str) -> bool:
        if pattern == "~DEFAULT_BRANCH":
            return branch == str(repository["default_branch"])
        return pattern == "~ALL" or matches(pattern, HEADS + branch)

    names = kept["conditions"]["ref_name"]
    return any(map(fits, names["include"])) and not any(map(fits, names["exclude"]))
