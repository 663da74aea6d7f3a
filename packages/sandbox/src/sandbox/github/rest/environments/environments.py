"""Deployment environments: who may deploy from where, with secrets and variables of their own.

https://docs.github.com/rest/deployments/environments
"""

from typing import Any
from urllib.parse import quote

from sandbox.computed import computed
from sandbox.github.rest.bodies import items, optional
from sandbox.github.rest.limits import limit
from sandbox.github.rest.paging import counted_page
from sandbox.github.rest.paths import environment_of, repository_of
from sandbox.github.rest.representations import repository_url, simple_account
from sandbox.github.world.accounts.accounts import all_accounts
from sandbox.github.world.accounts.plans import is_limited
from sandbox.github.world.actions.scopes import environment_scope
from sandbox.github.world.environments.deployment_policies import drop_policies
from sandbox.github.world.environments.environment_removal import remove_environment
from sandbox.github.world.environments.environments import environments_of, write_environment
from sandbox.github.world.refusals import (
    UnprocessableError,
)
from sandbox.limits import Length, limited
from sandbox.route import Answer, Call
from sandbox.source import github_docs
from sandbox.store import Document

_SOURCE = github_docs("rest/deployments/environments")

_SECTION = "/deployments/environments"
_LONGEST_WAIT = 43_200  # minutes, thirty days
_MOST_REVIEWERS = 6

_NAME = limit(
    ":environment",
    Length(255),
    github_docs("actions/reference/workflows-and-actions/deployments-and-environments"),
    resource="Environment",
    says="name is too long (maximum is 255 characters)",
)


COMPUTED = computed(
    "environment",
    github_docs("rest/deployments/environments"),
    wait_timer="0",
    prevent_self_review="false",
    can_admins_bypass="true",
    reviewers="none",
    deployment_branch_policy="null: every branch",
)


def list_environments(call: Call) -> Answer:
    """GET /repos/{owner}/{repo}/environments"""
    listed = environments_of(call.store, repository_of(call))
    return counted_page(call, "environments", [_shown(call, kept) for kept in listed])


def get_environment(call: Call) -> dict[str, Any]:
    """GET /repos/{owner}/{repo}/environments/{environment}"""
    return _shown(call, environment_of(call))


@limited(_NAME)
def put_environment(call: Call) -> dict[str, Any]:
    """PUT /repos/{owner}/{repo}/environments/{environment}: what is not sent gets its default."""
    repository, name = repository_of(call), call.params["environment"]
    _check_plan(call, repository)
    settings: Document = {
        "wait_timer": _wait_timer(call),
        "prevent_self_review": optional(call, "prevent_self_review", bool, False),
        "can_admins_bypass": optional(call, "can_admins_bypass", bool, True),
        "reviewers": _reviewers(call),
        "deployment_branch_policy": _branch_policy(call),
    }
    if not (settings["deployment_branch_policy"] or {}).get("custom_branch_policies"):
        drop_policies(call.store, environment_scope(repository, name))
    return _shown(call, write_environment(call.store, call.clock, repository, name, settings))


def delete_environment(call: Call) -> Answer:
    """DELETE /repos/{owner}/{repo}/environments/{environment}, with all that is in it."""
    remove_environment(call.store, repository_of(call), environment_of(call)["name"])
    return Answer(status=204)


def _check_plan(call: Call, repository: Document) -> None:
    """Refuse what the plan has not; of a private repository on the free plan an environment is a name and no more."""
    asked = {
        "wait timer": bool(_wait_timer(call)),
        "required reviewers": bool(_reviewers(call)) or optional(call, "prevent_self_review", bool, False),
        "branch policy": bool(_branch_policy(call)),
    }
    for rule, wanted in asked.items():
        if wanted and is_limited(call.store, repository):
            raise UnprocessableError(
                f"Failed to create the environment protection rule. Please ensure the billing plan supports the {rule} "
                "protection rule.",
                documentation=_SECTION,
                source=_SOURCE,
            )


def _wait_timer(call: Call) -> int:
    minutes = optional(call, "wait_timer", int, 0)
    if not 0 <= minutes <= _LONGEST_WAIT:
        raise UnprocessableError(
            f"wait_timer must be between 0 and {_LONGEST_WAIT} minutes", documentation=_SECTION, source=_SOURCE
        )
    return minutes


def _reviewers(call: Call) -> list[Document]:
    users = {account["id"] for account in all_accounts(call.store) if account["type"] == "User"}
    sent = items(optional(call, "reviewers", list, []), dict, "reviewers")
    if len(sent) > _MOST_REVIEWERS:
        raise UnprocessableError(
            f"at most {_MOST_REVIEWERS} reviewers are allowed", documentation=_SECTION, source=_SOURCE
        )
    for reviewer in sent:
        # There are no teams here.
        if reviewer.get("type") != "User" or reviewer.get("id") not in users:
            raise UnprocessableError(f"reviewer {reviewer} does not exist", documentation=_SECTION, source=_SOURCE)
    return [{"type": reviewer["type"], "id": reviewer["id"]} for reviewer in sent]


def _branch_policy(call: Call) -> Document | None:
    sent = optional(call, "deployment_branch_policy", dict, {})
    if not sent:
        return None
    inner = {name: sent.get(name) for name in ("protected_branches", "custom_branch_policies")}
    if inner["protected_branches"] not in (True, False) or inner["custom_branch_policies"] not in (True, False):
        raise UnprocessableError(
            "deployment_branch_policy needs both of its booleans", documentation=_SECTION, source=_SOURCE
        )
    if inner["protected_branches"] == inner["custom_branch_policies"]:
        raise UnprocessableError(
            "protected_branches and custom_branch_policies cannot have the same value",
            documentation=_SECTION,
            source=_SOURCE,
        )
    return inner


def _shown(call: Call, kept: Document) -> dict[str, Any]:
    repository = repository_of(call)
    return {
        "id": kept["id"],
        "node_id": kept["node_id"],
        "name": kept["name"],
        "url": f"{repository_url(repository, call.host)}/environments/{quote(kept['name'], safe='')}",
        "html_url": f"https://github.com/{repository['owner']}/{repository['name']}/deployments/activity_log",
        "created_at": kept["created_at"],
        "updated_at": kept["updated_at"],
        "can_admins_bypass": kept["can_admins_bypass"],
        "protection_rules": _protection_rules(call, kept),
        "deployment_branch_policy": kept["deployment_branch_policy"],
    }


def _protection_rules(call: Call, kept: Document) -> list[dict[str, Any]]:
    users = {account["id"]: simple_account(account, call.host) for account in all_accounts(call.store)}
    rules: list[dict[str, Any]] = []
    if kept["wait_timer"]:
        rules.append({"type": "wait_timer", "wait_timer": kept["wait_timer"]})
    if kept["reviewers"] or kept["prevent_self_review"]:
        reviewers = [{"type": one["type"], "reviewer": users[one["id"]]} for one in kept["reviewers"]]
        rules.append(
            {
                "type": "required_reviewers",
                "prevent_self_review": kept["prevent_self_review"],
                "reviewers": reviewers,
            }
        )
    if kept["deployment_branch_policy"]:
        rules.append({"type": "branch_policy"})
    return [{"id": kept["id"] * 10 + n, "node_id": f"GA_{kept['id'] * 10 + n}", **rule} for n, rule in enumerate(rules)]
