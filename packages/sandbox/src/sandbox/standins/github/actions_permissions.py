"""github_actions_repository_permissions: whether workflows run, and which actions they may use."""

from typing import Any

from sandbox.standins.behaviour import Resource
from sandbox.standins.github.session import Session, rest
from sandbox.standins.plan import Rules, Values
from sandbox.standins.wire import Unknown

_PERMISSIONS = "/repos/{owner}/{repository}/actions/permissions"
READ = rest("GET", _PERMISSIONS)
WRITE = rest("PUT", _PERMISSIONS)
READ_SELECTED = rest("GET", f"{_PERMISSIONS}/selected-actions")
WRITE_SELECTED = rest("PUT", f"{_PERMISSIONS}/selected-actions")


def _create(session: Session, planned: Values) -> Values:
    repository, allowed = planned["repository"], planned["allowed_actions"] or ""
    body: dict[str, Any] = {"enabled": planned["enabled"]}
    if planned["enabled"]:
        body["allowed_actions"] = allowed
    session.send(WRITE, repository=repository, body=body)
    if allowed == "selected" and planned["allowed_actions_config"]:
        (config,) = planned["allowed_actions_config"]
        selected = {
            "github_owned_allowed": config["github_owned_allowed"],
            "verified_allowed": bool(config["verified_allowed"]),
        }
        if config["patterns_allowed"]:  # go-github leaves an empty list out
            selected["patterns_allowed"] = config["patterns_allowed"]
        session.send(WRITE_SELECTED, repository=repository, body=selected)
    return {"id": repository}


def _read(session: Session, state: Values) -> Values | None:
    repository = state["id"]
    found = session.send(READ, repository=repository)
    allowed = found.get("allowed_actions", "")
    answered: Values = {
        "id": repository,
        "repository": repository,
        "enabled": found.get("enabled", False),
        "allowed_actions": allowed,
        "allowed_actions_config": [],
    }
    # Asked for only when configured, or when nothing is known yet (an import).
    configured = state["allowed_actions"] == "selected" and state["allowed_actions_config"]
    if allowed == "selected" and answered["enabled"] and (configured or not state["allowed_actions"]):
        selected = session.send(READ_SELECTED, repository=repository)
        answered["allowed_actions_config"] = [
            {
                "github_owned_allowed": selected.get("github_owned_allowed", False),
                "verified_allowed": selected.get("verified_allowed", False),
                "patterns_allowed": selected.get("patterns_allowed", []),
            }
        ]
    return answered


def _update(session: Session, _prior: Values, planned: Values) -> Values:
    return _create(session, planned)


def _delete(session: Session, state: Values) -> None:
    session.send(WRITE, repository=state["id"], body={"enabled": True, "allowed_actions": "all"})


def _validate(config: Values) -> str | None:
    wanted = config["allowed_actions"]
    if isinstance(wanted, Unknown) or wanted in (None, "all", "local_only", "selected"):
        return None
    return f'expected allowed_actions to be one of ["all" "local_only" "selected"], got {wanted}'


RESOURCE: Resource[Session] = Resource(
    requests=(READ, WRITE, READ_SELECTED, WRITE_SELECTED),
    create=_create,
    read=_read,
    update=_update,
    delete=_delete,
    validate=_validate,
    gone_on_404=False,
    delete_on_404=False,
    rules=Rules(defaults={"enabled": True}),
)
