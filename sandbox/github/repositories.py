"""Repositories as they are kept, and how a request names one."""

from sandbox.clock import Clock
from sandbox.github.node_ids import REPOSITORY, node_id
from sandbox.github.refusals import NotFoundError
from sandbox.route import Call
from sandbox.store import Document, Store

_KIND = "github.repository"


def create_repository(store: Store, clock: Clock, *, owner: str, name: str) -> Document:
    """Make a private repository without any commit, as an organisation's are by default."""
    number = store.next("github.repository", first=700001)
    document = {
        "id": number,
        "node_id": node_id(REPOSITORY, number),
        "owner": owner,
        "name": name,
        "private": True,
        "default_branch": "main",
        "created_at": clock.rfc3339(),
    }
    save_repository(store, document)
    return document


def save_repository(store: Store, document: Document) -> None:
    """Write the repository back."""
    store.put(_KIND, f"{document['owner']}/{document['name']}".lower(), document)


def find_repository(store: Store, owner: str, name: str) -> Document | None:
    """The repository, or None; names know no case."""
    return store.get(_KIND, f"{owner}/{name}".lower())


def all_repositories(store: Store) -> list[Document]:
    """Every repository."""
    return [document for _, document in store.all(_KIND)]


def repository_of(call: Call) -> Document:
    """The repository that a path names by {owner} and {repo} or by {repository_id}; 404 when there is none."""
    number = call.params.get("repository_id")
    if number is None:
        found = find_repository(call.store, call.params["owner"], call.params["repo"])
    else:
        found = next((one for one in all_repositories(call.store) if str(one["id"]) == number), None)
    if found is None:
        raise NotFoundError(documentation="/repos/repos#get-a-repository")
    return found


def repository_url(document: Document, host: str) -> str:
    """The repository's address in the REST API."""
    return f"https://{host}/repos/{document['owner']}/{document['name']}"
