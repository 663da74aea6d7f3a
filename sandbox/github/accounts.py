"""Organisations and users: who can own a repository, hold a token, push."""

from typing import Any

from sandbox.clock import Clock
from sandbox.github.node_ids import ORGANIZATION, USER, node_id
from sandbox.github.refusals import ForbiddenError, NotFoundError
from sandbox.route import Answer, Call
from sandbox.store import Document, Store

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
    """The account of a login; 404 when there is none."""
    found = find_account(store, login)
    if found is None:
        raise NotFoundError(documentation="/users/users#get-a-user")
    return found


def simple_account(document: Document, host: str) -> dict[str, Any]:
    """An account as it stands inside other objects ("owner", "user")."""
    url = f"https://{host}/users/{document['login']}"
    return {
        "login": document["login"],
        "id": document["id"],
        "node_id": document["node_id"],
        "type": "Bot" if is_app(document) else document["type"],
        "site_admin": False,
        "url": url,
        "html_url": f"https://github.com/{document['login']}",
        "repos_url": f"{url}/repos",
    }


def get_user(call: Call) -> dict[str, Any]:
    """GET /users/{login}"""
    return full_account(account(call.store, call.params["login"]), call.host)


def is_app(document: Document) -> bool:
    """Whether an account is that of a GitHub App, as which a job's own token writes."""
    return str(document["login"]).endswith("[bot]")


def get_authenticated_user(call: Call) -> dict[str, Any]:
    """GET /user: an app's token belongs to no user"""
    caller = account(call.store, call.caller.id)
    if is_app(caller):
        raise ForbiddenError("Resource not accessible by integration", documentation="/users/users")
    return full_account(caller, call.host)


def organization(call: Call) -> Document:
    """The organisation that a path names by {org}; 404 when there is none."""
    found = find_account(call.store, call.params["org"])
    if found is None or found["type"] != "Organization":
        raise NotFoundError(documentation="/orgs/orgs#get-an-organization")
    return found


def list_keys(call: Call) -> Answer:
    """GET /users/{login}/keys and /users/{login}/gpg_keys: nobody has any here."""
    account(call.store, call.params["login"])
    return Answer([])


def full_account(document: Document, host: str) -> dict[str, Any]:
    """An account by itself."""
    return simple_account(document, host) | {
        "name": document["login"],
        "created_at": document["created_at"],
        "updated_at": document["created_at"],
    }
