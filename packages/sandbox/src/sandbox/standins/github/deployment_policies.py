"""github_repository_environment_deployment_policy: from which branches or tags an environment may be deployed to."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, unquote

from sandbox.standins.behaviour import RefusedError, Resource
from sandbox.standins.github.session import Session, rest
from sandbox.standins.plan import Rules, Values

_POLICIES = "/repos/{owner}/{repository}/environments/{environment}/deployment-branch-policies"
CREATE = rest("POST", _POLICIES)
READ = rest("GET", f"{_POLICIES}/{{id}}")
CHANGE = rest("PUT", f"{_POLICIES}/{{id}}")
DELETE = rest("DELETE", f"{_POLICIES}/{{id}}")

_PATTERNS = {"branch_pattern": "branch", "tag_pattern": "tag"}


def _id(repository: str, environment: str, policy: int) -> str:
    return f"{repository}:{quote(environment, safe='')}:{policy}"


def _names(id_: str) -> dict[str, Any]:
    repository, environment, policy = id_.split(":", 2)
    return {"repository": repository, "environment": unquote(environment), "id": policy}


def _create(session: Session, planned: Values) -> Values:
    repository, environment = planned["repository"], planned["environment"]
    bodies = [{"name": planned[name], "type": kind} for name, kind in _PATTERNS.items() if planned[name]]
    if not bodies:
        raise RefusedError('exactly one of "branch_pattern" and "tag_pattern" must be specified')
    created = session.send(CREATE, repository=repository, environment=environment, body=bodies[0])
    return {"id": _id(repository, environment, created["id"])}


def _read(session: Session, state: Values) -> Values | None:
    found = session.send(READ, **_names(state["id"]))
    # Neither repository nor environment is read: an import leads to a replacement, as with the real 6.9.0.
    pattern = "branch_pattern" if found.get("type") == "branch" else "tag_pattern"
    return {"id": state["id"], pattern: found["name"]}


def _update(session: Session, prior: Values, planned: Values) -> Values:
    pattern = planned["branch_pattern"] or planned["tag_pattern"]
    changed = session.send(CHANGE, **_names(prior["id"]), body={"name": pattern})
    return {"id": _id(planned["repository"], planned["environment"], changed["id"])}


def _delete(session: Session, state: Values) -> None:
    session.send(DELETE, **_names(state["id"]))


def _other_kind(prior: Values, planned: Values) -> Iterator[str]:
    """A policy for branches does not become one for tags."""
    return (name for name in _PATTERNS if bool(prior[name]) != bool(planned[name]))


def _validate(config: Values) -> str | None:
    if all(config[name] is not None for name in _PATTERNS):
        return '"branch_pattern": conflicts with tag_pattern'
    return None


RESOURCE: Resource[Session] = Resource(
    requests=(CREATE, READ, CHANGE, DELETE),
    create=_create,
    read=_read,
    update=_update,
    delete=_delete,
    delete_on_404=False,
    validate=_validate,
    rules=Rules(replace=frozenset({"repository", "environment"}), replace_when=_other_kind),
)
