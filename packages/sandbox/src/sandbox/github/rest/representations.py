"""How objects look inside answers, wherever they stand in them.

https://docs.github.com/rest/using-the-rest-api/getting-started-with-the-rest-api#summary-representations
"""

from typing import Any

from sandbox.github.rest.paths import repository_of
from sandbox.github.world.accounts.accounts import find_account, is_app
from sandbox.github.world.git.git_objects import COMMITS, git_object
from sandbox.github.world.node_ids import COMMIT
from sandbox.github.world.repositories.collaborators import reaches
from sandbox.route import Call
from sandbox.store import Document

ROLES = {"pull": "read", "triage": "read", "push": "write", "maintain": "admin", "admin": "admin"}
"""What each role of a collaborator includes."""


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


def full_account(document: Document, host: str) -> dict[str, Any]:
    """An account by itself."""
    return simple_account(document, host) | {
        "name": document["login"],
        "created_at": document["created_at"],
        "updated_at": document["created_at"],
    }


def permissions(held: str) -> dict[str, bool]:
    """A level as the five flags of a repository object."""
    return {role: reaches(held, needed) for role, needed in ROLES.items()}


def repository_url(document: Document, host: str) -> str:
    """The repository's address in the REST API."""
    return f"https://{host}/repos/{document['owner']}/{document['name']}"


def render_commit(call: Call, sha: str) -> dict[str, Any]:
    """A commit as branches and lists show it."""
    repository = repository_of(call)
    kept = git_object(call.store, COMMITS, repository, sha)
    url = repository_url(repository, call.host)
    author = find_account(call.store, kept["author"])
    person = simple_account(author, call.host) if author else None
    return {
        "sha": sha,
        "node_id": f"{COMMIT}_{sha}",
        "url": f"{url}/commits/{sha}",
        "html_url": f"https://github.com/{repository['owner']}/{repository['name']}/commit/{sha}",
        "commit": git_commit(call, kept),
        "author": person,
        "committer": person,
        "parents": [{"sha": parent, "url": f"{url}/commits/{parent}"} for parent in kept["parents"]],
    }


def git_commit(call: Call, kept: Document) -> dict[str, Any]:
    """A commit as git keeps it."""
    signature = {
        "name": kept["author"],
        "email": f"{kept['author']}@users.noreply.github.com",
        "date": kept["date"],
    }
    url = f"{repository_url(repository_of(call), call.host)}/git"
    return {
        "sha": kept["sha"],
        "node_id": f"{COMMIT}_{kept['sha']}",
        "url": f"{url}/commits/{kept['sha']}",
        "author": signature,
        "committer": signature,
        "message": kept["message"],
        "tree": {"sha": kept["tree"], "url": f"{url}/trees/{kept['tree']}"},
        "parents": [{"sha": parent, "url": f"{url}/commits/{parent}"} for parent in kept["parents"]],
        "verification": {"verified": False, "reason": "unsigned", "signature": None, "payload": None},
    }


def shown_label(call: Call, label: Document) -> dict[str, Any]:
    """A label as it stands by itself and in issues."""
    return label | {
        "url": f"{repository_url(repository_of(call), call.host)}/labels/{label['name']}",
        "default": False,
    }
