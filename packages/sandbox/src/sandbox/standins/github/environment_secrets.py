"""github_actions_environment_secret."""

from sandbox.standins.behaviour import Resource
from sandbox.standins.github import repositories
from sandbox.standins.github.sealed_box import seal
from sandbox.standins.github.session import Session, go_time, rest
from sandbox.standins.plan import Rules, Values

_SECRETS = "/repositories/{repository_id}/environments/{environment}/secrets"
PUBLIC_KEY = rest("GET", f"{_SECRETS}/public-key")
READ = rest("GET", f"{_SECRETS}/{{name}}")
WRITE = rest("PUT", f"{_SECRETS}/{{name}}")
DELETE = rest("DELETE", f"{_SECRETS}/{{name}}")


def _create(session: Session, planned: Values) -> Values:
    environment, name = planned["environment"], planned["secret_name"]
    repository_id = session.send(repositories.READ, repository=planned["repository"])["id"]
    key = session.send(PUBLIC_KEY, repository_id=repository_id, environment=environment)
    box = planned["encrypted_value"] or seal(key["key"], planned["plaintext_value"] or "")
    body = {"key_id": key["key_id"], "encrypted_value": box}
    session.send(WRITE, repository_id=repository_id, environment=environment, name=name, body=body)
    return {"id": f"{planned['repository']}:{environment}:{name}"}


def _read(session: Session, state: Values) -> Values | None:
    repository, environment, name = state["id"].split(":", 2)
    repository_id = session.send(repositories.READ, repository=repository)["id"]
    found = session.send(READ, repository_id=repository_id, environment=environment, name=name)
    created, updated = go_time(found["created_at"]), go_time(found["updated_at"])
    if state["updated_at"] in (None, "", updated):
        return {"id": state["id"], "created_at": created, "updated_at": updated}
    # Somebody wrote it: the forgotten value makes the next plan replace it, the old time stays.
    return {"id": state["id"], "created_at": created, "encrypted_value": "", "plaintext_value": ""}


def _delete(session: Session, state: Values) -> None:
    repository, environment, name = state["id"].split(":", 2)
    repository_id = session.send(repositories.READ, repository=repository)["id"]
    session.send(DELETE, repository_id=repository_id, environment=environment, name=name)


RESOURCE: Resource[Session] = Resource(
    requests=(repositories.READ, PUBLIC_KEY, READ, WRITE, DELETE),
    create=_create,
    read=_read,
    delete=_delete,
    importer=None,
    delete_on_404=False,
    rules=Rules(
        replace=frozenset({"repository", "environment", "secret_name", "encrypted_value", "plaintext_value"}),
    ),
    sensitive=frozenset({"encrypted_value", "plaintext_value"}),
)
