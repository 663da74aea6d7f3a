"""Repositories as they are kept, and how a request names one."""

from sandbox.clock import Clock
from sandbox.github.node_ids import REPOSITORY, node_id
from sandbox.github.ref_store import all_refs
from sandbox.github.refusals import ConflictError, NotFoundError
from sandbox.route import Call
from sandbox.store import Document, Store

_KIND = "github.repository"


def create_repository(store: Store, clock: Clock, *, owner: str, name: str, private: bool) -> Document:
    """Make a repository alone; `founding` makes what belongs to it."""
    number = store.next("github.repository", first=700001)
    document = {
        "id": number,
        "node_id": node_id(REPOSITORY, number),
        "owner": owner,
        "name": name,
        "private": private,
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


def is_empty(store: Store, repository: Document) -> bool:
    """Whether it has neither branches nor tags."""
    return not all_refs(store, repository)


def filled_repository_of(call: Call) -> Document:
    """The repository that a path names; 409 when it has no commit yet."""
    repository = repository_of(call)
    if is_empty(call.store, repository):
        raise ConflictError("Git Repository is empty.", documentation="/git")
    return repository


def repository_url(document: Document, host: str) -> str:
    """The repository's address in the REST API."""
    return f"https://{host}/repos/{document['owner']}/{document['name']}"
