"""github_workflow_repository_permissions: what a workflow's own token may do."""

from typing import Any

from sandbox.standins.behaviour import Resource
from sandbox.standins.github.session import Session, rest
from sandbox.standins.plan import Rules, Values
from sandbox.standins.wire import Unknown

READ = rest("GET", "/repos/{owner}/{repository}/actions/permissions/workflow")
WRITE = rest("PUT", "/repos/{owner}/{repository}/actions/permissions/workflow")

# What GitHub starts with, and what a destroy goes back to.
_INITIAL = {"default_workflow_permissions": "read", "can_approve_pull_request_reviews": False}


def _body(planned: Values) -> dict[str, Any]:
    return {
        "default_workflow_permissions": planned["default_workflow_permissions"] or "",
        "can_approve_pull_request_reviews": bool(planned["can_approve_pull_request_reviews"]),
    }


def _create(session: Session, planned: Values) -> Values:
    session.send(WRITE, repository=planned["repository"], body=_body(planned))
    return {"id": planned["repository"]}


def _read(session: Session, state: Values) -> Values | None:
    found = session.send(READ, repository=state["id"])
    return {"id": state["id"], "repository": state["id"], **{name: found.get(name) for name in _INITIAL}}


def _update(session: Session, _prior: Values, planned: Values) -> Values:
    return _create(session, planned)


def _delete(session: Session, state: Values) -> None:
    session.send(WRITE, repository=state["id"], body=_INITIAL)


def _validate(config: Values) -> str | None:
    wanted = config["default_workflow_permissions"]
    if isinstance(wanted, Unknown) or wanted in (None, "read", "write"):
        return None
    return f'expected default_workflow_permissions to be one of ["read" "write"], got {wanted}'


RESOURCE: Resource[Session] = Resource(
    requests=(READ, WRITE),
    create=_create,
    read=_read,
    update=_update,
    delete=_delete,
    validate=_validate,
    rules=Rules(defaults={"can_approve_pull_request_reviews": False}),
    gone_on_404=False,
    delete_on_404=False,
)
