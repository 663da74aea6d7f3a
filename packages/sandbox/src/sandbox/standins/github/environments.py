"""github_repository_environment."""

from typing import Any

from sandbox.standins.behaviour import Resource
from sandbox.standins.github.session import InvalidError, Session, rest
from sandbox.standins.plan import Rules, Values

READ = rest("GET", "/repos/{owner}/{repository}/environments/{environment}")
WRITE = rest("PUT", "/repos/{owner}/{repository}/environments/{environment}")
DELETE = rest("DELETE", "/repos/{owner}/{repository}/environments/{environment}")

_REVIEWERS = {"teams": "Team", "users": "User"}


def _body(planned: Values) -> dict[str, Any]:
    reviewers = planned["reviewers"][0] if planned["reviewers"] else {}
    return {
        "wait_timer": planned["wait_timer"] or 0,
        "reviewers": [
            {"type": kind, "id": id_} for name, kind in _REVIEWERS.items() for id_ in reviewers.get(name) or []
        ]
        or None,
        "can_admins_bypass": planned["can_admins_bypass"],
        "deployment_branch_policy": planned["deployment_branch_policy"][0]
        if planned["deployment_branch_policy"]
        else None,
        "prevent_self_review": planned["prevent_self_review"],
    }


def _create(session: Session, planned: Values) -> Values:
    repository, environment = planned["repository"], planned["environment"]
    body = _body(planned)
    try:
        session.send(WRITE, repository=repository, environment=environment, body=body)
    except InvalidError:
        # Not every plan of GitHub has all of these settings: go-github then sends the one that all have.
        reduced = {"deployment_branch_policy": body["deployment_branch_policy"]}
        session.send(WRITE, repository=repository, environment=environment, body=reduced)
    return {"id": f"{repository}:{environment}"}


def _read(session: Session, state: Values) -> Values | None:
    repository, _, environment = state["id"].partition(":")
    found = session.send(READ, repository=repository, environment=environment)
    policy = found.get("deployment_branch_policy")
    answered: Values = {
        "id": state["id"],
        "repository": repository,
        "environment": environment,
        "wait_timer": None,
        "can_admins_bypass": found.get("can_admins_bypass"),
        "deployment_branch_policy": [policy] if policy else [],
    }
    for rule in found.get("protection_rules", []):
        if rule["type"] == "wait_timer":
            answered["wait_timer"] = rule["wait_timer"]
        elif rule["type"] == "required_reviewers":
            # Without such a rule both stay as they were: that reviewers were taken away goes unnoticed.
            answered["reviewers"] = [
                {
                    name: [entry["reviewer"]["id"] for entry in rule["reviewers"] if entry["type"] == kind]
                    for name, kind in _REVIEWERS.items()
                }
            ]
            answered["prevent_self_review"] = rule.get("prevent_self_review", False)
    return answered


def _update(session: Session, _prior: Values, planned: Values) -> Values:
    return _create(session, planned)


def _delete(session: Session, state: Values) -> None:
    repository, _, environment = state["id"].partition(":")
    session.send(DELETE, repository=repository, environment=environment)


RESOURCE: Resource[Session] = Resource(
    requests=(READ, WRITE, DELETE),
    create=_create,
    read=_read,
    update=_update,
    delete=_delete,
    delete_on_404=False,
    rules=Rules(
        defaults={"can_admins_bypass": True, "prevent_self_review": False},
        replace=frozenset({"repository", "environment"}),
    ),
)
