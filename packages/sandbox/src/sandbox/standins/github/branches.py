"""github_branch."""

from sandbox.standins.behaviour import RefusedError, Resource
from sandbox.standins.github.session import InvalidError, Session, rest
from sandbox.standins.plan import Rules, Values

READ = rest("GET", "/repos/{owner}/{repository}/git/ref/heads/{branch:path}")
CREATE = rest("POST", "/repos/{owner}/{repository}/git/refs")
RENAME = rest("POST", "/repos/{owner}/{repository}/branches/{branch:path}/rename")
DELETE = rest("DELETE", "/repos/{owner}/{repository}/git/refs/heads/{branch:path}")


def _create(session: Session, planned: Values) -> Values:
    repository, branch = planned["repository"], planned["branch"]
    sha = planned["source_sha"]
    if not sha:
        sha = session.send(READ, repository=repository, branch=planned["source_branch"])["object"]["sha"]
    try:
        session.send(CREATE, repository=repository, body={"ref": f"refs/heads/{branch}", "sha": sha})
    except InvalidError as error:
        if error.text != "Reference already exists":  # then it is taken over, see tpg/resource_github_branch.go
            raise
    return {"id": f"{repository}:{branch}", "source_sha": sha}


def _read(session: Session, state: Values) -> Values | None:
    repository, _, branch = state["id"].partition(":")
    found = session.send(READ, repository=repository, branch=branch, etag=state["etag"])
    if found is None:  # not modified
        return {}
    return {
        "id": state["id"],
        "repository": repository,
        "branch": branch,
        "ref": found["ref"],
        "sha": found["object"]["sha"],
        "etag": found.get("etag", ""),
    }


def _update(session: Session, prior: Values, planned: Values) -> Values:
    repository, _, branch = prior["id"].partition(":")
    if planned["branch"] == branch:
        return {"id": prior["id"]}
    session.send(RENAME, repository=repository, branch=branch, body={"new_name": planned["branch"]})
    return {"id": f"{repository}:{planned['branch']}"}


def _delete(session: Session, state: Values) -> None:
    repository, _, branch = state["id"].partition(":")
    session.send(DELETE, repository=repository, branch=branch)


def _import(_session: Session, id_: str) -> Values:
    repository, separator, rest_of_id = id_.partition(":")
    if not separator:
        raise RefusedError(f'unexpected ID format ("{id_}"); expected repository:branch')
    branch, _, source = rest_of_id.partition(":")
    return {"id": f"{repository}:{branch}", "source_branch": source or "main"}


RESOURCE: Resource[Session] = Resource(
    requests=(READ, CREATE, RENAME, DELETE),
    create=_create,
    read=_read,
    update=_update,
    delete=_delete,
    importer=_import,
    delete_on_404=False,
    rules=Rules(
        defaults={"source_branch": "main"},
        replace=frozenset({"repository", "source_branch", "source_sha"}),
        same={"etag": lambda _before, _configured: True},
    ),
)
