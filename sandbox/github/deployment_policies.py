"""Which branches and tags may deploy to an environment.

https://docs.github.com/rest/deployments/branch-policies
"""

from typing import Any

from sandbox.github.bodies import one_of, required
from sandbox.github.node_ids import DEPLOYMENT_POLICY, node_id
from sandbox.github.paging import counted_page
from sandbox.github.patterns import matches
from sandbox.github.refusals import NotFoundError
from sandbox.github.scopes import environment_of, scope_of
from sandbox.route import Answer, Call
from sandbox.store import Document, Store

_KIND = "github.deployment_policy"
_SECTION = "/deployments/branch-policies"


def admits(store: Store, scope: str, environment: Document, branch: str, *, protected: bool) -> bool:
    """Whether a job that runs on `branch` gets into the environment."""
    policy = environment["deployment_branch_policy"]
    if policy is None:
        return True
    if policy["protected_branches"]:
        return protected
    return any(kept["type"] == "branch" and matches(kept["name"], branch) for kept in _all(store, scope))


def admitted(store: Store, scope: str, environment: Document) -> str | None:
    """Which branches get into the environment, in words; None when all do."""
    policy = environment["deployment_branch_policy"]
    if policy is None:
        return None
    if policy["protected_branches"]:
        return "protected branches"
    return ", ".join(kept["name"] for kept in _all(store, scope) if kept["type"] == "branch") or "no branch"


def drop_policies(store: Store, scope: str) -> None:
    """Remove every policy of an environment."""
    for kept in _all(store, scope):
        store.delete(_KIND, f"{scope}/{kept['id']}")


def list_policies(call: Call) -> Answer:
    """GET .../deployment-branch-policies"""
    return counted_page(call, "branch_policies", _all(call.store, scope_of(call)))


def get_policy(call: Call) -> dict[str, Any]:
    """GET .../deployment-branch-policies/{id}"""
    return _policy(call)


def create_policy(call: Call) -> dict[str, Any] | Answer:
    """POST .../deployment-branch-policies: only where the environment has policies of its own."""
    scope, name, kind = scope_of(call), required(call, "name", str), one_of(call, "type", ("branch", "tag"), "branch")
    policy = environment_of(call)["deployment_branch_policy"]
    if policy is None or not policy["custom_branch_policies"]:
        raise NotFoundError(documentation=_SECTION)
    if any((kept["name"], kept["type"]) == (name, kind) for kept in _all(call.store, scope)):
        return Answer(status=303)
    number = call.store.next("github.deployment_policy")
    kept = {"id": number, "node_id": node_id(DEPLOYMENT_POLICY, number), "name": name, "type": kind}
    call.store.put(_KIND, f"{scope}/{number}", kept)
    return kept


def update_policy(call: Call) -> dict[str, Any]:
    """PUT .../deployment-branch-policies/{id}"""
    kept = _policy(call) | {"name": required(call, "name", str)}
    call.store.put(_KIND, f"{scope_of(call)}/{kept['id']}", kept)
    return kept


def delete_policy(call: Call) -> Answer:
    """DELETE .../deployment-branch-policies/{id}"""
    call.store.delete(_KIND, f"{scope_of(call)}/{_policy(call)['id']}")
    return Answer(status=204)


def _policy(call: Call) -> Document:
    kept = call.store.get(_KIND, f"{scope_of(call)}/{call.params['policy_id']}")
    if kept is None:
        raise NotFoundError(documentation=_SECTION)
    return kept


def _all(store: Store, scope: str) -> list[Document]:
    return sorted((kept for _, kept in store.all(_KIND, prefix=f"{scope}/")), key=lambda kept: int(kept["id"]))
