"""Which branches and tags may deploy to an environment.

https://docs.github.com/rest/deployments/branch-policies
"""

from typing import Any

from sandbox.github.rest.bodies import one_of, required
from sandbox.github.rest.paging import counted_page
from sandbox.github.rest.paths import environment_of, scope_of
from sandbox.github.world.environments import deployment_policies as policies
from sandbox.github.world.refusals import (
    NotFoundError,
)
from sandbox.route import Answer, Call
from sandbox.source import github_docs
from sandbox.store import Document

_SOURCE = github_docs("rest/deployments/branch-policies")

_SECTION = "/deployments/branch-policies"


def list_policies(call: Call) -> Answer:
    """GET .../deployment-branch-policies"""
    return counted_page(call, "branch_policies", policies.policies_of(call.store, scope_of(call)))


def get_policy(call: Call) -> dict[str, Any]:
    """GET .../deployment-branch-policies/{id}"""
    return _policy(call)


def create_policy(call: Call) -> dict[str, Any] | Answer:
    """POST .../deployment-branch-policies: only where the environment has policies of its own."""
    scope, name, kind = scope_of(call), required(call, "name", str), one_of(call, "type", ("branch", "tag"), "branch")
    policy = environment_of(call)["deployment_branch_policy"]
    if policy is None or not policy["custom_branch_policies"]:
        raise NotFoundError(documentation=_SECTION, source=_SOURCE)
    if any((kept["name"], kept["type"]) == (name, kind) for kept in policies.policies_of(call.store, scope)):
        return Answer(status=303)
    return policies.create_policy(call.store, scope, name=name, kind=kind)


def update_policy(call: Call) -> dict[str, Any]:
    """PUT .../deployment-branch-policies/{id}"""
    renamed = _policy(call) | {"name": required(call, "name", str)}
    return policies.save_policy(call.store, scope_of(call), renamed)


def delete_policy(call: Call) -> Answer:
    """DELETE .../deployment-branch-policies/{id}"""
    policies.delete_policy(call.store, scope_of(call), _policy(call))
    return Answer(status=204)


def _policy(call: Call) -> Document:
    kept = policies.find_policy(call.store, scope_of(call), call.params["policy_id"])
    if kept is None:
        raise NotFoundError(documentation=_SECTION, source=_SOURCE)
    return kept
