"""/orgs/{org}/memberships and one's own.

https://docs.github.com/rest/orgs/members
"""

from typing import Any

from sandbox.github.rest.paths import organization_of
from sandbox.github.rest.representations import simple_account
from sandbox.github.world.accounts.accounts import account
from sandbox.github.world.accounts.memberships import role_of
from sandbox.github.world.refusals import ForbiddenError, NotFoundError
from sandbox.route import Call
from sandbox.source import github_docs
from sandbox.store import Document

_SOURCE = github_docs("rest/orgs/members")

_SECTION = "/orgs/members"


def get_membership(call: Call) -> dict[str, Any]:
    """GET /orgs/{org}/memberships/{username}, for members"""
    where = organization_of(call)
    if role_of(call.store, where["login"], call.caller.id) is None:
        raise ForbiddenError(
            "You must be a member of this organization to see membership information for its members.", source=_SOURCE
        )
    return _shown(call, where, call.params["username"])


def get_own_membership(call: Call) -> dict[str, Any]:
    """GET /user/memberships/orgs/{org}"""
    return _shown(call, organization_of(call), call.caller.id)


def _shown(call: Call, where: Document, login: str) -> dict[str, Any]:
    role = role_of(call.store, where["login"], login)
    if role is None:
        raise NotFoundError(documentation=_SECTION, source=_SOURCE)
    url = f"https://{call.host}/orgs/{where['login']}"
    return {
        "url": f"{url}/memberships/{login}",
        "state": "active",
        "role": role,
        "organization_url": url,
        "organization": simple_account(where, call.host),
        "user": simple_account(account(call.store, login), call.host),
    }
