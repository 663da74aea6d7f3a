"""github_actions_variable."""

from sandbox.standins.behaviour import Resource
from sandbox.standins.github.session import Session, go_time, rest
from sandbox.standins.plan import Rules, Values

CREATE = rest("POST", "/repos/{owner}/{repository}/actions/variables")
READ = rest("GET", "/repos/{owner}/{repository}/actions/variables/{name}")
CHANGE = rest("PATCH", "/repos/{owner}/{repository}/actions/variables/{name}")
DELETE = rest("DELETE", "/repos/{owner}/{repository}/actions/variables/{name}")


def _body(planned: Values) -> dict[str, str]:
    return {"name": planned["variable_name"], "value": planned["value"]}


def _create(session: Session, planned: Values) -> Values:
    session.send(CREATE, repository=planned["repository"], body=_body(planned))
    return {"id": f"{planned['repository']}:{planned['variable_name']}"}


def _read(session: Session, state: Values) -> Values | None:
    repository, _, name = state["id"].partition(":")
    found = session.send(READ, repository=repository, name=name)
    return {
        "id": state["id"],
        "repository": repository,
        "variable_name": name,
        "value": found["value"],
        "created_at": go_time(found["created_at"]),
        "updated_at": go_time(found["updated_at"]),
    }


def _update(session: Session, _prior: Values, planned: Values) -> Values:
    name = planned["variable_name"]
    session.send(CHANGE, repository=planned["repository"], name=name, body=_body(planned))
    return {"id": f"{planned['repository']}:{name}"}


def _delete(session: Session, state: Values) -> None:
    repository, _, name = state["id"].partition(":")
    session.send(DELETE, repository=repository, name=name)


RESOURCE: Resource[Session] = Resource(
    requests=(CREATE, READ, CHANGE, DELETE),
    create=_create,
    read=_read,
    update=_update,
    delete=_delete,
    delete_on_404=False,
    rules=Rules(replace=frozenset({"variable_name"})),
)
