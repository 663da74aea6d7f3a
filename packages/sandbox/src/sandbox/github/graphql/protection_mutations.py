"""The three mutations of branch protection rules.

https://docs.github.com/graphql/reference/mutations#createbranchprotectionrule
"""

from collections.abc import Mapping

from sandbox.github.graphql.errors import GraphQLRefusalError, node_not_found
from sandbox.github.world.accounts.accounts import all_accounts
from sandbox.github.world.branches.protection_rules import (
    ACTOR_LISTS,
    FLAGS,
    MOST_REVIEWS,
    create_rule,
    drop_rule,
    find_exact_rule,
    find_rule_by_node_id,
    save_rule,
)
from sandbox.route import Call
from sandbox.source import github_docs, github_provider
from sandbox.store import Document

_SOURCE = github_docs("graphql/reference/mutations")
_COUNT = github_provider("github/resource_github_branch_protection.go")

_COMMON: Mapping[str, type] = {
    **dict.fromkeys(FLAGS, bool),
    **dict.fromkeys(ACTOR_LISTS, list),
    "clientMutationId": str,
    "pattern": str,
    "requiredApprovingReviewCount": int,
    "requiredStatusCheckContexts": list,
}
_CREATE: Mapping[str, type] = {**_COMMON, "repositoryId": str}
_UPDATE: Mapping[str, type] = {**_COMMON, "branchProtectionRuleId": str}
_DELETE: Mapping[str, type] = {"branchProtectionRuleId": str, "clientMutationId": str}


def create_protection_rule(call: Call, repository: Document, given: Document) -> Document:
    """createBranchProtectionRule: one rule per pattern."""
    _check("CreateBranchProtectionRuleInput", given, _CREATE, required=("repositoryId", "pattern"))
    _check_free(call, repository, given["pattern"])
    return create_rule(call.store, repository, pattern=given["pattern"], settings=_settings(call, given))


def update_protection_rule(call: Call, repository: Document, given: Document) -> Document:
    """updateBranchProtectionRule: what is not given stays as it is."""
    _check("UpdateBranchProtectionRuleInput", given, _UPDATE, required=("branchProtectionRuleId",))
    rule = _rule(call, given)
    pattern = given.get("pattern") or rule["pattern"]
    if pattern != rule["pattern"]:
        _check_free(call, repository, pattern)
    return save_rule(call.store, {**rule, **_settings(call, given), "pattern": pattern})


def delete_protection_rule(call: Call, _repository: Document, given: Document) -> None:
    """deleteBranchProtectionRule"""
    _check("DeleteBranchProtectionRuleInput", given, _DELETE, required=("branchProtectionRuleId",))
    drop_rule(call.store, _rule(call, given))


def _rule(call: Call, given: Document) -> Document:
    rule = find_rule_by_node_id(call.store, given["branchProtectionRuleId"])
    if rule is None:
        raise node_not_found(given["branchProtectionRuleId"])
    return rule


def _check(name: str, given: Document, known: Mapping[str, type], *, required: tuple[str, ...]) -> None:
    faults = [f"{key} (Field is not defined on {name})" for key in given if key not in known]
    faults += [f"{key} (Expected value to not be null)" for key in required if given.get(key) is None]
    faults += [
        f"{key} (Could not coerce value {value!r})"
        for key, value in given.items()
        if key in known and value is not None and type(value) is not known[key]
    ]
    if faults:
        raise GraphQLRefusalError(
            f"Variable $input of type {name}! was provided invalid value for {', '.join(faults)}", source=_SOURCE
        )


def _check_free(call: Call, repository: Document, pattern: str) -> None:
    if find_exact_rule(call.store, repository, pattern) is not None:
        raise GraphQLRefusalError(f"Name already protected: {pattern}", kind="UNPROCESSABLE", source=_SOURCE)


def _settings(call: Call, given: Document) -> Document:
    settings: Document = {name: given[name] for name in FLAGS if given.get(name) is not None}
    # The provider says null for "nobody".
    settings |= {name: _actors(call, given[name] or []) for name in ACTOR_LISTS if name in given}
    count = given.get("requiredApprovingReviewCount")
    if count is not None:
        if not 0 <= count <= MOST_REVIEWS:
            raise GraphQLRefusalError(
                f"Required approving review count must be between 0 and {MOST_REVIEWS}",
                kind="UNPROCESSABLE",
                source=_COUNT,
            )
        settings["requiredApprovingReviewCount"] = count
    if given.get("requiredStatusCheckContexts") is not None:
        settings["requiredStatusChecks"] = [
            {"context": str(context), "app_id": None} for context in given["requiredStatusCheckContexts"]
        ]
    return settings


def _actors(call: Call, identifiers: list[str]) -> list[str]:
    users = {account["node_id"] for account in all_accounts(call.store) if account["type"] == "User"}
    for identifier in identifiers:
        if identifier not in users:
            raise node_not_found(identifier)
    return list(identifiers)
