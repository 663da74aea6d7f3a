"""GET /orgs/{org} (https://docs.github.com/rest/orgs/orgs)."""

from typing import Any

from sandbox.github.accounts import full_account, organization
from sandbox.github.memberships import role_of
from sandbox.route import Call


def get_organization(call: Call) -> dict[str, Any]:
    """GET /orgs/{org}: who belongs to it also learns of its plan"""
    found = organization(call)
    shown = full_account(found, call.host) | {"url": f"https://{call.host}/orgs/{found['login']}"}
    if role_of(call.store, found["login"], call.caller.id) is None:
        return shown
    return shown | {
        "plan": {"name": found["plan"], "private_repos": 999999, "seats": 10, "filled_seats": 1, "space": 976562499},
        "default_repository_permission": "none",
        "members_can_create_repositories": False,
    }
