"""/repos/{owner}/{repo}/collaborators (https://docs.github.com/rest/collaborators/collaborators)."""

from typing import Any

from sandbox.github.rest.bodies import one_of
from sandbox.github.rest.paging import page
from sandbox.github.rest.paths import repository_of
from sandbox.github.rest.representations import ROLES, permissions, simple_account
from sandbox.github.world.accounts.accounts import account
from sandbox.github.world.accounts.memberships import role_of
from sandbox.github.world.refusals import NotFoundError
from sandbox.github.world.repositories.collaborators import (
    admit,
    collaborators_of,
    expel,
    is_admitted,
    next_invitation,
    permission_of,
)
from sandbox.route import Answer, Call
from sandbox.source import github_docs

_SOURCE = github_docs("rest/collaborators/collaborators")


def list_collaborators(call: Call) -> Answer:
    """GET /repos/{owner}/{repo}/collaborators"""
    repository = repository_of(call)
    return page(
        call,
        [
            simple_account(account(call.store, login), call.host)
            | {"permissions": permissions(held), "role_name": held}
            for login in collaborators_of(call.store, repository)
            for held in (permission_of(call.store, repository, login),)
        ],
    )


def check_collaborator(call: Call) -> Answer:
    """GET /repos/{owner}/{repo}/collaborators/{username}"""
    held = permission_of(call.store, repository_of(call), call.params["username"])
    if held == "none":
        raise NotFoundError(documentation="/collaborators/collaborators", source=_SOURCE)
    return Answer(status=204)


def add_collaborator(call: Call) -> Answer:
    """PUT /repos/{owner}/{repo}/collaborators/{username}: who belongs to the organisation needs no invitation"""
    repository, user = repository_of(call), account(call.store, call.params["username"])
    role = one_of(call, "permission", tuple(ROLES), "push")
    known = is_admitted(call.store, repository, user["login"])
    admit(call.store, repository, login=user["login"], permission=ROLES[role])
    if known or role_of(call.store, repository["owner"], user["login"]) is not None:
        return Answer(status=204)
    invitation = {
        "id": next_invitation(call.store),
        "permissions": ROLES[role],
        "created_at": call.clock.rfc3339(),
        "invitee": simple_account(user, call.host),
        "inviter": simple_account(account(call.store, call.caller.id), call.host),
    }
    return Answer(invitation, 201)


def remove_collaborator(call: Call) -> Answer:
    """DELETE /repos/{owner}/{repo}/collaborators/{username}"""
    expel(call.store, repository_of(call), call.params["username"])
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
