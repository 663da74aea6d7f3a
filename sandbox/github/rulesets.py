"""Rulesets, GitHub's newer branch rules. They can be made and read; branches obey only the protection rules.

https://docs.github.com/rest/repos/rules
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.clock import Clock
from sandbox.github.bodies import items, one_of, optional, required
from sandbox.github.node_ids import RULESET, node_id
from sandbox.github.paging import page
from sandbox.github.patterns import matches
from sandbox.github.ref_store import HEADS
from sandbox.github.refusals import NotFoundError
from sandbox.github.repositories import repository_of, repository_url
from sandbox.route import Answer, Call
from sandbox.store import Document, Store

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


def create_ruleset(call: Call) -> Answer:
    """POST /repos/{owner}/{repo}/rulesets: for branches, without actors that bypass it"""
    one_of(call, "target", ("branch",), "branch")
    names = optional(call, "conditions", dict, {}).get("ref_name", {})
    number = add_ruleset(
        call.store,
        call.clock,
        repository_of(call),
        name=required(call, "name", str),
        include=items(names.get("include", []), str, "conditions/ref_name/include"),
        rules=items(optional(call, "rules", list, []), dict, "rules"),
        enforcement=one_of(call, "enforcement", ("active", "disabled", "evaluate"), "active"),
    )
    return Answer(_shown(call, _required(call, number)), 201)


def list_rulesets(call: Call) -> Answer:
    """GET /repos/{owner}/{repo}/rulesets: without conditions and rules"""
    left_out = ("conditions", "rules", "bypass_actors", "current_user_can_bypass")
    return page(
        call,
        [{key: value for key, value in _shown(call, kept).items() if key not in left_out} for kept in _all(call)],
    )


def get_ruleset(call: Call) -> dict[str, Any]:
    """GET /repos/{owner}/{repo}/rulesets/{ruleset_id}"""
    return _shown(call, _required(call, call.params["ruleset_id"]))


def list_branch_rules(call: Call) -> Answer:
    """GET /repos/{owner}/{repo}/rules/branches/{branch}: what the active rulesets say about it"""
    branch = call.params["branch"]
    return page(
        call,
        [
            {
                **rule,
                "ruleset_source_type": kept["source_type"],
                "ruleset_source": kept["source"],
                "ruleset_id": kept["id"],
            }
            for kept in _all(call)
            if kept["enforcement"] == "active" and _covers(call, kept, branch)
            for rule in kept["rules"]
        ],
    )


def _required(call: Call, ruleset_id: object) -> Document:
    kept = call.store.get(_KIND, f"{repository_of(call)['id']}/{ruleset_id}")
    if kept is None:
        raise NotFoundError(documentation="/repos/rules#get-a-repository-ruleset")
    return kept


def _covers(call: Call, kept: Document, branch: str) -> bool:
    def fits(pattern: str) -> bool:
        if pattern == "~DEFAULT_BRANCH":
            return branch == str(repository_of(call)["default_branch"])
        return pattern == "~ALL" or matches(pattern, HEADS + branch)

    names = kept["conditions"]["ref_name"]
    return any(map(fits, names["include"])) and not any(map(fits, names["exclude"]))


def _all(call: Call) -> list[Document]:
    return [kept for _, kept in call.store.all(_KIND, prefix=f"{repository_of(call)['id']}/")]


def _shown(call: Call, kept: Document) -> dict[str, Any]:
    url = f"{repository_url(repository_of(call), call.host)}/rulesets/{kept['id']}"
    return kept | {"_links": {"self": {"href": url}}}
