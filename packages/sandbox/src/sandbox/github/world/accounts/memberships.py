"""Who belongs to an organisation: its owners, who administer all that it has, and its members.

https://docs.github.com/rest/orgs/members
"""

from sandbox.store import Store

OWNER, MEMBER = "admin", "member"

_KIND = "github.membership"


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
