"""Who belongs to an organisation: its owners, who administer all that it has, and its members.

https://docs.github.com/rest/orgs/members
"""

from typing import Any

from sandbox.github.accounts import account, organization, simple_account
from sandbox.github.refusals import ForbiddenError, NotFoundError
from sandbox.route import Call
from sandbox.store import Document, Store

OWNER, MEMBER = "admin", "member"

_KIND = "github.membership"
_SECTION = "/orgs/members"


def enroll(store: Store, *, organization: str, login: str, role: str) -> None:
    """Let an account belong to an organisation, as its OWNER or as a MEMBER."""
    assert role in (OWNER, MEMBER), role
    store.put(_KIND, f"{organization}/{login}".lower(), {"login": login, "role": role})


def role_of(store: Store, organization: str, login: str) -> str | None:
    """What an account is in an organisation; None for whoever does not belong to it."""
    found = store.get(_KIND, f"{organization}/{login}".lower())
    return None if found is None else str(found["role"])


def owners(store: Store, organization: str) -> list[str]:
    """The logins of an organisation's owners."""
    listed = store.all(_KIND, prefix=f"{organization.lower()}/")
    return [found["login"] for _, found in listed if found["role"] == OWNER]


def get_membership(call: Call) -> dict[str, Any]:
    """GET /orgs/{org}/memberships/{username}, for members"""
    where = organization(call)
    if role_of(call.store, where["login"], call.caller.id) is None:
        raise ForbiddenError("You must be a member of this organization to see membership information for its members.")
    return _shown(call, where, call.params["username"])


def get_own_membership(call: Call) -> dict[str, Any]:
    """GET /user/memberships/orgs/{org}"""
    return _shown(call, organization(call), call.caller.id)


def _shown(call: Call, where: Document, login: str) -> dict[str, Any]:
    role = role_of(call.store, where["login"], login)
    if role is None:
        raise NotFoundError(documentation=_SECTION)
    url = f"https://{call.host}/orgs/{where['login']}"
    return {
        "url": f"{url}/memberships/{login}",
        "state": "active",
        "role": role,
        "organization_url": url,
        "organization": simple_account(where, call.host),
        "user": simple_account(account(call.store, login), call.host),
    }
