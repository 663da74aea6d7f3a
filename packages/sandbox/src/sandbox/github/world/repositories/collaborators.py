"""Who may do what in a repository.

https://docs.github.com/organizations/managing-user-access-to-your-organizations-repositories. Whoever owns the
repository, or the organisation that does, administers it; the organisation's members hold its base permission at least.
An invitation counts as accepted.
"""

from sandbox.github.world.accounts.accounts import find_account
from sandbox.github.world.accounts.memberships import OWNER, owners, role_of
from sandbox.store import Document, Store

LEVELS = ("none", "read", "write", "admin")

_KIND = "github.collaborator"


def admit(store: Store, repository: Document, *, login: str, permission: str) -> None:
    """Give an account "read", "write" or "admin" in the repository."""
    assert permission in LEVELS[1:], permission
    store.put(_KIND, f"{repository['id']}/{login.lower()}", {"login": login, "permission": permission})


def permission_of(store: Store, repository: Document, login: str) -> str:
    """What an account holds in the repository: one of LEVELS."""
    owner, role = repository["owner"], role_of(store, repository["owner"], login)
    if login and (login.lower() == owner.lower() or role == OWNER):
        return "admin"
    found = store.get(_KIND, f"{repository['id']}/{login.lower()}")
    given = str(found["permission"]) if found else "none" if repository["private"] or not login else "read"
    base = (find_account(store, owner) or {}).get("default_repository_permission") if role else None
    return max(given, base or "none", key=LEVELS.index)


def reaches(held: str, needed: str) -> bool:
    """Whether one level includes another."""
    return LEVELS.index(held) >= LEVELS.index(needed)


def is_admitted(store: Store, repository: Document, login: str) -> bool:
    """Whether the account was given a level of its own in the repository."""
    return store.get(_KIND, f"{repository['id']}/{login.lower()}") is not None


def expel(store: Store, repository: Document, login: str) -> None:
    """Take the account's own level in the repository away."""
    store.delete(_KIND, f"{repository['id']}/{login.lower()}")


def collaborators_of(store: Store, repository: Document) -> list[str]:
    """The logins of the owners, and of all that were admitted."""
    admitted = [found["login"] for _, found in store.all(_KIND, prefix=f"{repository['id']}/")]
    return list(dict.fromkeys([*owners(store, repository["owner"]), *admitted]))


def next_invitation(store: Store) -> int:
    """The number of a new invitation."""
    return store.next("github.invitation")
