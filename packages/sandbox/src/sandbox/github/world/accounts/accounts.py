"""Organisations and users: who can own a repository, hold a token, push."""

from sandbox.clock import Clock
from sandbox.github.world.node_ids import ORGANIZATION, USER, node_id
from sandbox.github.world.refusals import NotFoundError
from sandbox.source import github_docs
from sandbox.store import Document, Store

_SOURCE = github_docs("rest/users/users")

FREE, TEAM, ENTERPRISE = "free", "team", "enterprise"
"""The plans, as GitHub's API writes them."""

_KIND = "github.account"


def create_account(store: Store, clock: Clock, *, login: str, kind: str, plan: str = TEAM) -> Document:
    """Open an account; `kind` is "Organization" or "User"."""
    number = store.next("github.account", first=1001)
    document = {
        "id": number,
        "node_id": node_id(ORGANIZATION if kind == "Organization" else USER, number),
        "login": login,
        "type": kind,
        "plan": plan,
        "created_at": clock.rfc3339(),
    }
    if kind == "Organization":
        document["default_repository_permission"] = "read"
    return save_account(store, document)


def save_account(store: Store, document: Document) -> Document:
    """Write an account back."""
    store.put(_KIND, document["login"].lower(), document)
    return document


def set_plan(store: Store, login: str, plan: str) -> None:
    """Let an account pay for another plan."""
    assert plan in (FREE, TEAM, ENTERPRISE), plan
    found = find_account(store, login)
    assert found is not None, login
    save_account(store, found | {"plan": plan})


def find_account(store: Store, login: str) -> Document | None:
    """The account of a login, or None; logins know no case."""
    return store.get(_KIND, login.lower())


def all_accounts(store: Store) -> list[Document]:
    """Every account."""
    return [document for _, document in store.all(_KIND)]


def account(store: Store, login: str) -> Document:
    """The account of a login; refused when there is none."""
    found = find_account(store, login)
    if found is None:
        raise NotFoundError(documentation="/users/users#get-a-user", source=_SOURCE)
    return found


def is_app(document: Document) -> bool:
    """Whether an account is that of a GitHub App, as which a job's own token writes."""
    return str(document["login"]).endswith("[bot]")


def organization(store: Store, login: str) -> Document:
    """The organisation of that login; refused when there is none."""
    found = find_account(store, login)
    if found is None or found["type"] != "Organization":
        raise NotFoundError(documentation="/orgs/orgs#get-an-organization", source=_SOURCE)
    return found
