"""The part of GitHub's GraphQL schema that the sandbox answers: types, root fields and who may have them.

https://docs.github.com/graphql/reference. Mutations stand in `protection_mutations`.
"""

from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.github.graphql.errors import GraphQLRefusalError, node_not_found, not_found
from sandbox.github.graphql.protection_mutations import (
    create_protection_rule,
    delete_protection_rule,
    update_protection_rule,
)
from sandbox.github.world.accounts.accounts import account, all_accounts, find_account
from sandbox.github.world.branches.protection_rules import ACTOR_LISTS, FLAGS, contexts, find_rule_by_node_id, rules_of
from sandbox.github.world.repositories.repositories import all_repositories, find_repository
from sandbox.route import Call
from sandbox.source import github_docs
from sandbox.store import Document

_SOURCE = github_docs("graphql/reference/queries")

Arguments = Mapping[str, Any]
_LARGEST_PAGE = 100


@dataclass(frozen=True, slots=True)
class Thing:
    """A value of an object type."""

    type: "ObjectType"
    value: Document


Resolver = Callable[[Call, Document, Arguments], Any]


@dataclass(frozen=True, slots=True)
class ObjectType:
    """An object type. Who sees its objects must hold `level` in the repository they belong to; "" admits everybody.

    `needs` is the permission to read that a fine-grained token must have.
    """

    name: str
    fields: Mapping[str, Resolver]
    level: str = ""
    needs: str = "metadata"
    repository: Callable[[Call, Document], Document | None] = lambda _call, _value: None
    find: Callable[[Call, str], Document | None] | None = None  # by global id, for the types that `node` finds
    interfaces: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RootField:
    """A field of Query or Mutation. `missing` words the error when `resolve` finds nothing that the caller may see."""

    kind: str
    name: str
    resolve: Callable[[Call, Arguments], Thing]
    missing: Callable[[Arguments], GraphQLRefusalError] = lambda arguments: node_not_found(arguments.get("id"))
    level: str = ""  # what the caller must hold in `repository` for a mutation
    needs: str = ""  # the permission to write that a fine-grained token must have
    repository: Callable[[Call, Arguments], Document | None] = lambda _call, _arguments: None


def _plain(*names: str) -> dict[str, Resolver]:
    return {name: lambda _call, value, _arguments, name=name: value[name] for name in names}  # type: ignore[misc]


def _renamed(**names: str) -> dict[str, Resolver]:
    return {ours: lambda _call, value, _arguments, theirs=theirs: value[theirs] for ours, theirs in names.items()}  # type: ignore[misc]


PAGE_INFO = ObjectType("PageInfo", _plain("endCursor", "hasNextPage", "hasPreviousPage", "startCursor"))


def _connection(name: str, items: Callable[[Call, Document], Sequence[Thing]]) -> Resolver:
    connection = ObjectType(name, _plain("nodes", "pageInfo", "totalCount"))

    def resolve(call: Call, value: Document, arguments: Arguments) -> Thing:
        found = items(call, value)
        start, first = _position(arguments.get("after")), arguments.get("first")
        stop = start + (first if isinstance(first, int) and 0 < first <= _LARGEST_PAGE else _LARGEST_PAGE)
        info = {
            "startCursor": _cursor(start + 1) if found[start:stop] else None,
            "endCursor": _cursor(min(stop, len(found))) if found[start:stop] else None,
            "hasNextPage": stop < len(found),
            "hasPreviousPage": start > 0,
        }
        return Thing(
            connection,
            {"nodes": list(found[start:stop]), "pageInfo": Thing(PAGE_INFO, info), "totalCount": len(found)},
        )

    return resolve


def _position(cursor: Any) -> int:
    if cursor is None:
        return 0
    try:
        return int(b64decode(str(cursor), validate=True))
    except ValueError:
        raise GraphQLRefusalError(f"`{cursor}` does not appear to be a valid cursor.", source=_SOURCE) from None


def _cursor(position: int) -> str:
    return b64encode(str(position).encode()).decode()


def _account_thing(document: Document) -> Thing:
    return Thing(ORGANIZATION if document["type"] == "Organization" else USER, document)


def _find_account_of(kind: str) -> Callable[[Call, str], Document | None]:
    return lambda call, identifier: next(
        (one for one in all_accounts(call.store) if one["node_id"] == identifier and one["type"] == kind), None
    )


USER = ObjectType(
    "User",
    _renamed(id="node_id", databaseId="id", login="login", name="login"),
    find=_find_account_of("User"),
    interfaces=("Node", "Actor"),
)
ORGANIZATION = ObjectType(
    "Organization",
    {
        **_renamed(id="node_id", databaseId="id", login="login", name="login"),
        "team": lambda _call, _value, _arguments: None,  # there are no teams here
    },
    find=_find_account_of("Organization"),
    interfaces=("Node", "Actor"),
)


def _repository_of_rule(call: Call, rule: Document) -> Document | None:
    return next((one for one in all_repositories(call.store) if one["id"] == rule["repository_id"]), None)


def _rule_things(call: Call, repository: Document) -> list[Thing]:
    return [Thing(RULE, rule) for rule in rules_of(call.store, repository)]


REPOSITORY = ObjectType(
    "Repository",
    {
        **_renamed(id="node_id", databaseId="id", name="name", isPrivate="private", createdAt="created_at"),
        "nameWithOwner": lambda _call, value, _arguments: f"{value['owner']}/{value['name']}",
        "isArchived": lambda _call, _value, _arguments: False,
        "owner": lambda call, value, _arguments: _account_thing(account(call.store, value["owner"])),
        "branchProtectionRules": _connection("BranchProtectionRuleConnection", _rule_things),
    },
    level="read",
    repository=lambda _call, value: value,
    find=lambda call, identifier: next(
        (one for one in all_repositories(call.store) if one["node_id"] == identifier), None
    ),
    interfaces=("Node",),
)


def _allowances(name: str, actors: str) -> Resolver:
    allowance = ObjectType(name, _plain("actor"))

    def items(call: Call, rule: Document) -> list[Thing]:
        found = [one for one in all_accounts(call.store) if one["node_id"] in rule[actors]]
        return [Thing(allowance, {"actor": _account_thing(one)}) for one in found]

    return _connection(f"{name}Connection", items)


CHECK = ObjectType("RequiredStatusCheckDescription", _plain("context"))

RULE = ObjectType(
    "BranchProtectionRule",
    {
        **_renamed(id="node_id", databaseId="id"),
        **_plain("pattern", "requiredApprovingReviewCount", *FLAGS),
        "requiredStatusCheckContexts": lambda _call, rule, _arguments: contexts(rule),
        "requiredStatusChecks": lambda _call, rule, _arguments: [
            Thing(CHECK, check) for check in rule["requiredStatusChecks"]
        ],
        "repository": lambda call, rule, _arguments: Thing(REPOSITORY, _repository_of_rule(call, rule) or {}),
        "bypassForcePushAllowances": _allowances("BypassForcePushAllowance", ACTOR_LISTS[0]),
        "bypassPullRequestAllowances": _allowances("BypassPullRequestAllowance", ACTOR_LISTS[1]),
        "pushAllowances": _allowances("PushAllowance", ACTOR_LISTS[2]),
        "reviewDismissalAllowances": _allowances("ReviewDismissalAllowance", ACTOR_LISTS[3]),
    },
    level="admin",  # who may not change the rules does not see them
    needs="administration",
    repository=_repository_of_rule,
    find=lambda call, identifier: find_rule_by_node_id(call.store, identifier),
    interfaces=("Node",),
)

_NODES = (REPOSITORY, RULE, USER, ORGANIZATION)
PAYLOAD = ObjectType("BranchProtectionRulePayload", _plain("branchProtectionRule", "clientMutationId"))


def _nodes(call: Call, identifier: str) -> Iterator[Thing]:
    for kind in _NODES:
        found = kind.find(call, identifier) if kind.find else None
        if found is not None:
            yield Thing(kind, found)


def _node(call: Call, arguments: Arguments) -> Thing:
    found = next(_nodes(call, str(arguments.get("id"))), None)
    if found is None:
        raise node_not_found(arguments.get("id"))
    return found


def _repository_by_name(call: Call, arguments: Arguments) -> Thing:
    found = find_repository(call.store, str(arguments.get("owner")), str(arguments.get("name")))
    if found is None:
        raise _no_repository(arguments)
    return Thing(REPOSITORY, found)


def _no_repository(arguments: Arguments) -> GraphQLRefusalError:
    name = f"{arguments.get('owner')}/{arguments.get('name')}"
    return not_found(f"Could not resolve to a Repository with the name '{name}'.", source=_SOURCE)


def _account_by_login(call: Call, arguments: Arguments, kind: str, article: str) -> Thing:
    login = str(arguments.get("login"))
    found = find_account(call.store, login)
    if found is None or found["type"] != kind:
        raise not_found(f"Could not resolve to {article} {kind} with the login of '{login}'.", source=_SOURCE)
    return _account_thing(found)


def _given(arguments: Arguments) -> Document:
    given = arguments.get("input")
    return given if isinstance(given, dict) else {}


def _mutation_subject(call: Call, arguments: Arguments) -> Document | None:
    given = _given(arguments)
    if "repositoryId" in given:
        return REPOSITORY.find(call, str(given["repositoryId"])) if REPOSITORY.find else None
    rule = find_rule_by_node_id(call.store, str(given.get("branchProtectionRuleId")))
    return _repository_of_rule(call, rule) if rule else None


def _mutation_missing(arguments: Arguments) -> GraphQLRefusalError:
    given = _given(arguments)
    return node_not_found(given.get("repositoryId", given.get("branchProtectionRuleId")))


def _mutation(name: str, act: Callable[[Call, Document, Document], Document | None]) -> RootField:
    def resolve(call: Call, arguments: Arguments) -> Thing:
        repository, given = _mutation_subject(call, arguments), _given(arguments)
        assert repository is not None, "checked before"
        rule = act(call, repository, given)
        payload = {
            "branchProtectionRule": Thing(RULE, rule) if rule else None,
            "clientMutationId": given.get("clientMutationId"),
        }
        return Thing(PAYLOAD, payload)

    return RootField(
        "mutation",
        name,
        resolve,
        missing=_mutation_missing,
        level="admin",
        needs="administration",
        repository=_mutation_subject,
    )


ROOT_FIELDS: tuple[RootField, ...] = (
    RootField("query", "node", _node),
    RootField("query", "repository", _repository_by_name, missing=_no_repository),
    RootField("query", "organization", lambda call, given: _account_by_login(call, given, "Organization", "an")),
    RootField("query", "user", lambda call, given: _account_by_login(call, given, "User", "a")),
    RootField("query", "viewer", lambda call, _given: _account_thing(account(call.store, call.caller.id))),
    _mutation("createBranchProtectionRule", create_protection_rule),
    _mutation("updateBranchProtectionRule", update_protection_rule),
    _mutation("deleteBranchProtectionRule", delete_protection_rule),
)
