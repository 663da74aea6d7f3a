"""github_actions_secret."""

from sandbox.standins.behaviour import RefusedError, Resource
from sandbox.standins.github.sealed_box import seal
from sandbox.standins.github.session import Session, go_time, rest
from sandbox.standins.plan import Rules, Values

PUBLIC_KEY = rest("GET", "/repos/{owner}/{repository}/actions/secrets/public-key")
READ = rest("GET", "/repos/{owner}/{repository}/actions/secrets/{name}")
WRITE = rest("PUT", "/repos/{owner}/{repository}/actions/secrets/{name}")
DELETE = rest("DELETE", "/repos/{owner}/{repository}/actions/secrets/{name}")


def _create(session: Session, planned: Values) -> Values:
    repository, name = planned["repository"], planned["secret_name"]
    key = session.send(PUBLIC_KEY, repository=repository)
    box = planned["encrypted_value"] or seal(key["key"], planned["plaintext_value"] or "")
    session.send(WRITE, repository=repository, name=name, body={"key_id": key["key_id"], "encrypted_value": box})
    return {"id": f"{repository}:{name}"}


def _read(session: Session, state: Values) -> Values | None:
    repository, _, name = state["id"].partition(":")
    found = session.send(READ, repository=repository, name=name)
    drifted = state["updated_at"] not in (None, "", go_time(found["updated_at"]))
    if drifted and state["destroy_on_drift"] is not False:
        return None  # somebody wrote it: the value cannot be compared, so it is written anew
    forgotten = {"encrypted_value": "", "plaintext_value": ""} if drifted else {}
    return {
        **forgotten,
        "id": state["id"],
        "repository": repository,
        "secret_name": name,
        "created_at": go_time(found["created_at"]),
        "updated_at": go_time(found["updated_at"]),
    }


def _delete(session: Session, state: Values) -> None:
    repository, _, name = state["id"].partition(":")
    session.send(DELETE, repository=repository, name=name)


def _import(_session: Session, id_: str) -> Values:
    repository, separator, name = id_.partition("/")
    if not separator or "/" in name:
        raise RefusedError("invalid ID specified: supplied ID must be written as <repository>/<secret_name>")
    return {"id": f"{repository}:{name}"}


RESOURCE: Resource[Session] = Resource(
    requests=(PUBLIC_KEY, READ, WRITE, DELETE),
    create=_create,
    read=_read,
    delete=_delete,
    importer=_import,
    delete_on_404=False,
    version=1,
    rules=Rules(
        defaults={"destroy_on_drift": True},
        replace=frozenset({"repository", "secret_name", "encrypted_value", "plaintext_value", "destroy_on_drift"}),
    ),
    sensitive=frozenset({"encrypted_value", "plaintext_value"}),
)
