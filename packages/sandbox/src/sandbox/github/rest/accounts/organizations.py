"""/orgs/{org}: the organisation object (https://docs.github.com/rest/orgs/orgs)."""

from typing import Any

from sandbox.github.rest.bodies import one_of
from sandbox.github.rest.paths import organization_of
from sandbox.github.rest.representations import full_account
from sandbox.github.world.accounts.accounts import save_account
from sandbox.github.world.accounts.memberships import role_of
from sandbox.github.world.repositories.collaborators import LEVELS
from sandbox.route import Call
from sandbox.store import Document


def get_organization(call: Call) -> dict[str, Any]:
    """GET /orgs/{org}: who belongs to it also learns of its plan"""
    return _shown(call, organization_of(call))


def update_organization(call: Call) -> dict[str, Any]:
    """PATCH /orgs/{org}: what members may do in all of its repositories"""
    found = organization_of(call)
    base = one_of(call, "default_repository_permission", LEVELS, found["default_repository_permission"])
    return _shown(call, save_account(call.store, found | {"default_repository_permission": base}))


def _shown(call: Call, found: Document) -> dict[str, Any]:
    shown = full_account(found, call.host) | {"url": f"https://{call.host}/orgs/{found['login']}"}
    if role_of(call.store, found["login"], call.caller.id) is None:
        return shown
    return shown | {
        "plan": {"name": found["plan"], "private_repos": 999999, "seats": 10, "filled_seats": 1, "space": 976562499},
        "default_repository_permission": found["default_repository_permission"],
        "members_can_create_repositories": False,
    }
