"""github_branch_protection, which GitHub offers over GraphQL."""

import base64
import binascii
from typing import Any

from sandbox.standins.behaviour import RefusedError, Resource
from sandbox.standins.github import queries
from sandbox.standins.github.session import GRAPHQL, Session
from sandbox.standins.plan import Rules, Values
from sandbox.standins.wire import Unknown

# Terraform's name: GraphQL's name, for what both have as a flag.
_FLAGS = {
    "allows_deletions": "allowsDeletions",
    "allows_force_pushes": "allowsForcePushes",
    "enforce_admins": "isAdminEnforced",
    "lock_branch": "lockBranch",
    "require_conversation_resolution": "requiresConversationResolution",
    "require_signed_commits": "requiresCommitSignatures",
    "required_linear_history": "requiresLinearHistory",
}
_REVIEW_FLAGS = {
    "dismiss_stale_reviews": "dismissesStaleReviews",
    "require_code_owner_reviews": "requiresCodeOwnerReviews",
    "require_last_push_approval": "requireLastPushApproval",
    "restrict_dismissals": "restrictsReviewDismissals",
}
_REVIEWS = "required_pull_request_reviews"
_PAGE = 100


def _input(session: Session, planned: Values) -> dict[str, Any]:
    """What both mutations are told about the rule."""
    reviews = _only(planned, _REVIEWS)
    checks = _only(planned, "required_status_checks")
    pushes = _only(planned, "restrict_pushes")
    dismissers = _actor_ids(session, (reviews or {}).get("dismissal_restrictions"))
    pushers = _actor_ids(session, (pushes or {}).get("push_allowances"))
    forcers = _actor_ids(session, planned["force_push_bypassers"])
    bypassers = _actor_ids(session, (reviews or {}).get("pull_request_bypassers"))
    sent: dict[str, Any] = {
        "pattern": planned["pattern"],
        **{graphql: bool(planned[name]) for name, graphql in _FLAGS.items()},
        **{graphql: bool((reviews or {}).get(name)) for name, graphql in _REVIEW_FLAGS.items()},
        "blocksCreations": bool((pushes or {}).get("blocks_creations")),
        "bypassForcePushActorIds": forcers,
        "bypassPullRequestActorIds": bypassers,
        "pushActorIds": pushers or None,
        "requiredApprovingReviewCount": (reviews or {}).get("required_approving_review_count") or 0,
        "requiredStatusCheckContexts": (checks or {}).get("contexts") or [],
        "requiresApprovingReviews": reviews is not None,
        "requiresStatusChecks": checks is not None,
        "requiresStrictStatusChecks": bool((checks or {}).get("strict")),
        "restrictsPushes": pushes is not None,
        "reviewDismissalActorIds": dismissers or None,
    }
    if dismissers:
        sent["restrictsReviewDismissals"] = True
    if forcers:
        sent["allowsForcePushes"] = False
    return sent


def _only(planned: Values, name: str) -> Values | None:
    blocks = planned[name]
    if len(blocks) > 1:
        raise RefusedError(f"error multiple {name} declarations")
    return dict(blocks[0]) if blocks else None


def _actor_ids(session: Session, actors: list[str] | None) -> list[str]:
    return [_actor_id(session, actor) for actor in actors or []]


def _actor_id(session: Session, actor: str) -> str:
    """The node id of "/login" or "organization/team"; anything else is a node id already."""
    if actor.startswith(f"{session.owner}/"):
        variables = {"slug": actor.partition("/")[2], "organization": session.owner}
        return str(session.query(queries.TEAM, variables)["organization"]["team"]["id"])
    if actor.startswith("/"):
        return str(session.query(queries.USER, {"user": actor.removeprefix("/")})["user"]["id"])
    return actor


def _repository_id(session: Session, name: str) -> str:
    """The node id of a repository that is given by node id or by name (tpg/util_v4_repository.go)."""
    attempts = 2 if _is_base64(name) else 1  # an id of the old kind is asked for again
    reason = ""
    for attempt in range(attempts):
        try:
            if session.query(queries.NODE, {"id": name})["node"]["id"] == name:
                return name
        except RefusedError as error:
            reason = reason if attempt else str(error)
    try:
        return str(session.query(queries.REPOSITORY, {"owner": session.owner, "name": name})["repository"]["id"])
    except RefusedError as error:
        raise RefusedError(reason + str(error)) from error


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode(text, validate=True)
    except binascii.Error:
        return False
    return True


def _create(session: Session, planned: Values) -> Values:
    repository = _repository_id(session, planned["repository_id"])
    sent = {"repositoryId": repository, **_input(session, planned)}
    answer = session.query(queries.CREATE, {"input": sent})
    return {"id": answer["createBranchProtectionRule"]["branchProtectionRule"]["id"]}


def _update(session: Session, prior: Values, planned: Values) -> Values:
    _repository_id(session, planned["repository_id"])  # asked for, and not sent
    sent = {"branchProtectionRuleId": prior["id"], **_input(session, planned)}
    answer = session.query(queries.UPDATE, {"input": sent})
    return {"id": answer["updateBranchProtectionRule"]["branchProtectionRule"]["id"]}


def _read(session: Session, state: Values) -> Values | None:
    rule = session.query(queries.RULE, {"id": state["id"]})["node"]
    reviews = _only(state, _REVIEWS) or {}
    pushes = _only(state, "restrict_pushes") or {}

    def actors(kind: str, configured: list[str] | None) -> list[str]:
        return [_actor_name(session, node["actor"], configured or []) for node in rule[kind]["nodes"]]

    answered: Values = {
        "id": state["id"],
        "pattern": rule["pattern"],
        **{name: rule[graphql] for name, graphql in _FLAGS.items()},
        _REVIEWS: [],
        "required_status_checks": [],
        "restrict_pushes": [],
        "force_push_bypassers": []
        if rule["allowsForcePushes"]
        else actors("bypassForcePushAllowances", state["force_push_bypassers"]),
    }
    if rule["requiresApprovingReviews"]:
        block = {
            **{name: rule[graphql] for name, graphql in _REVIEW_FLAGS.items()},
            "required_approving_review_count": rule["requiredApprovingReviewCount"],
            "dismissal_restrictions": actors("reviewDismissalAllowances", reviews.get("dismissal_restrictions")),
            "pull_request_bypassers": actors("bypassPullRequestAllowances", reviews.get("pull_request_bypassers")),
        }
        answered[_REVIEWS] = [block]
    if rule["requiresStatusChecks"]:
        block = {"strict": rule["requiresStrictStatusChecks"], "contexts": rule["requiredStatusCheckContexts"]}
        answered["required_status_checks"] = [block]
    if rule["restrictsPushes"]:
        allowed = actors("pushAllowances", pushes.get("push_allowances"))
        answered["restrict_pushes"] = [{"blocks_creations": rule["blocksCreations"], "push_allowances": allowed}]
    return answered


def _actor_name(session: Session, actor: dict[str, Any], configured: list[str]) -> str:
    """An actor in the form that it was configured in: its node id, or its name."""
    if actor.get("id") in configured:
        return str(actor["id"])
    if actor.get("slug"):
        return f"{session.owner}/{actor['slug']}"  # an App as well: it has a slug, and is taken for a team
    return f"/{actor['login']}" if actor.get("login") else str(actor["id"])


def _delete(session: Session, state: Values) -> None:
    session.query(queries.DELETE, {"input": {"branchProtectionRuleId": state["id"]}})


def _import(session: Session, id_: str) -> Values:
    name, separator, pattern = id_.partition(":")
    if not separator:
        raise RefusedError(f'unexpected ID format ("{id_}"); expected repository:pattern')
    repository = _repository_id(session, name)
    cursor = None
    while True:
        variables = {"id": repository, "first": _PAGE, "cursor": cursor}
        page = session.query(queries.RULES, variables)["node"]["branchProtectionRules"]
        for rule in page["nodes"]:
            if rule["pattern"] == pattern:
                return {"id": rule["id"], "repository_id": repository}
        if not page["pageInfo"]["hasNextPage"]:
            raise RefusedError(f"could not find a branch protection rule with the pattern '{pattern}'")
        cursor = page["pageInfo"]["endCursor"]


def _validate(config: Values) -> str | None:
    blocks = config[_REVIEWS]
    for block in [] if isinstance(blocks, Unknown) else blocks:
        count = block["required_approving_review_count"]
        if isinstance(count, int) and not 0 <= count <= 6:
            return f"expected required_approving_review_count to be in the range (0 - 6), got {count}"
    return None


RESOURCE: Resource[Session] = Resource(
    requests=(GRAPHQL,),
    create=_create,
    read=_read,
    update=_update,
    delete=_delete,
    importer=_import,
    validate=_validate,
    delete_on_404=False,
    version=2,
    rules=Rules(
        defaults={
            **dict.fromkeys(_FLAGS, False),
            f"{_REVIEWS}.required_approving_review_count": 1,
            f"{_REVIEWS}.require_last_push_approval": False,
            "restrict_pushes.blocks_creations": True,
        },
        replace=frozenset({"repository_id"}),
    ),
)
