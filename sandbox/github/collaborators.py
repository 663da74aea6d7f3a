"""Who may do what in a repository.

https://docs.github.com/organizations/managing-user-access-to-your-organizations-repositories. Whoever owns the
repository, or the organisation that does, administers it; the organisation's members hold its base permission at least.
An invitation counts as accepted.
"""

from typing import Any

from sandbox.github.accounts import account, find_account, simple_account
from sandbox.github.bodies import one_of
from sandbox.github.memberships import OWNER, owners, role_of
from sandbox.github.paging import page
from sandbox.github.refusals import NotFoundError
from sandbox.github.repositories import repository_of
from sandbox.route import Answer, Call
from sandbox.store import Document, Store

_KIND = "github.collaborator"
LEVELS = ("none", "read", "write", "admin")
_ROLES = {"pull": "read", "triage": "read", "push": "write", "maintain": "admin", "admin": "admin"}


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


def permissions(held: str) -> dict[str, bool]:
    """A level as the five flags of a repository object."""
    return {role: reaches(held, needed) for role, needed in _ROLES.items()}


def list_collaborators(call: Call) -> Answer:
    """GET /repos/{owner}/{repo}/collaborators"""
    repository = repository_of(call)
    admitted = [found["login"] for _, found in call.store.all(_KIND, prefix=f"{repository['id']}/")]
    return page(
        call,
        [
            simple_account(account(call.store, login), call.host)
            | {"permissions": permissions(held), "role_name": held}
            for login in dict.fromkeys([*owners(call.store, repository["owner"]), *admitted])
            for held in (permission_of(call.store, repository, login),)
        ],
    )


def check_collaborator(call: Call) -> Answer:
    """GET /repos/{owner}/{repo}/collaborators/{username}"""
    held = permission_of(call.store, repository_of(call), call.params["username"])
    if held == "none":
        raise NotFoundError(documentation="/collaborators/collaborators")
    return Answer(status=204)


def add_collaborator(call: Call) -> Answer:
    """PUT /repos/{owner}/{repo}/collaborators/{username}: who belongs to the organisation needs no invitation"""
    repository, user = repository_of(call), account(call.store, call.params["username"])
    role = one_of(call, "permission", tuple(_ROLES), "push")
    known = call.store.get(_KIND, f"{repository['id']}/{user['login'].lower()}") is not None
    admit(call.store, repository, login=user["login"], permission=_ROLES[role])
    if known or role_of(call.store, repository["owner"], user["login"]) is not None:
        return Answer(status=204)
    invitation = {
        "id": call.store.next("github.invitation"),
        "permissions": _ROLES[role],
        "created_at": call.clock.rfc3339(),
        "invitee": simple_account(user, call.host),
        "inviter": simple_account(account(call.store, call.caller.id), call.host),
    }
    return Answer(invitation, 201)


def remove_collaborator(call: Call) -> Answer:
    """DELETE /repos/{owner}/{repo}/collaborators/{username}"""
    call.store.delete(_KIND, f"{repository_of(call)['id']}/{call.params['username'].lower()}")
    return Answer(status=204)


def get_collaborator_permission(call: Call) -> dict[str, Any]:
    """GET /repos/{owner}/{repo}/collaborators/{username}/permission"""
    user = account(call.store, call.params["username"])
    held = permission_of(call.store, repository_of(call), user["login"])
    return {
        "permission": held,
        "role_name": held,
        "user": simple_account(user, call.host) | {"permissions": permissions(held)},
    }
