"""Users, service principals and groups of the account, whatever level they are looked at from."""

import uuid
from dataclasses import dataclass
from typing import Any

from sandbox.clock import Clock
from sandbox.context import Context
from sandbox.store import Document, Store

USER, SERVICE_PRINCIPAL, GROUP = "user", "service_principal", "group"
KINDS = (USER, SERVICE_PRINCIPAL, GROUP)

ACCOUNT_ADMIN = "account_admin"
"""The role of an account admin, as SCIM writes it."""

# The attribute that holds the name by which a principal is granted things.
NAME = {USER: "userName", SERVICE_PRINCIPAL: "applicationId", GROUP: "displayName"}
# Ids look like the real ones, and no two principals of any kind share one.
_FIRST_ID = 7_100_000_001


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody who can hold rights; `name` is what grants and access lists call them."""

    kind: str
    id: str
    document: Document

    @property
    def name(self) -> str:
        """A user's user name, a service principal's application id, a group's display name."""
        return str(self.document[NAME[self.kind]])

    @property
    def display_name(self) -> str:
        """What people call them."""
        return str(self.document.get("displayName") or self.name)

    @property
    def active(self) -> bool:
        """Whether they may log in."""
        return bool(self.document.get("active", True))

    @property
    def system(self) -> str | None:
        """Which built-in group it is: "users", "admins" or "account users"."""
        return self.document.get("system")

    @property
    def workspace_id(self) -> int | None:
        """The workspace that a group is local to; None for everybody else."""
        return self.document.get("workspace_id")


def create(store: Store, clock: Clock | None, kind: str, document: Document) -> Principal:
    """Make one. Without a clock it has always been there: no delay hides it."""
    principal_id = str(store.next("databricks.principal", first=_FIRST_ID))
    created_at = clock.milliseconds() if clock else 0
    principal = Principal(kind, principal_id, {**document, "created_at": created_at})
    save(store, principal)
    return principal


def save(store: Store, principal: Principal, **changes: Any) -> Principal:
    """Write it with changes; a change to None removes the attribute."""
    document = {key: value for key, value in {**principal.document, **changes}.items() if value is not None}
    store.put(f"databricks.{principal.kind}", principal.id, document)
    return Principal(principal.kind, principal.id, document)


def erase(store: Store, principal: Principal) -> None:
    """Remove the principal alone; `deletion.delete` also removes what it held."""
    store.delete(f"databricks.{principal.kind}", principal.id)


def get(store: Store, principal_id: str) -> Principal | None:
    """Whoever has that id."""
    for kind in KINDS:
        if document := store.get(f"databricks.{kind}", principal_id):
            return Principal(kind, principal_id, document)
    return None


def of_kind(store: Store, kind: str) -> list[Principal]:
    """All of them, in the order of their creation."""
    return [Principal(kind, key, document) for key, document in store.all(f"databricks.{kind}")]


def named(store: Store, name: str, *kinds: str) -> Principal | None:
    """Whoever grants and access lists call by that name; groups that are local to a workspace are not found."""
    for kind in kinds or KINDS:
        for principal in of_kind(store, kind):
            if principal.name == name and principal.workspace_id is None:
                return principal
    return None


def name_of(store: Store, principal_id: str) -> str:
    """The name behind an id; the id itself when nobody is left behind it."""
    principal = get(store, principal_id)
    return principal.name if principal else principal_id


def visible(context: Context, principal: Principal | None) -> bool:
    """Whether other services know the principal already: the real ones learn of a new one with a delay."""
    if principal is None:
        return False
    age = context.clock.milliseconds() - int(principal.document["created_at"])
    return age >= context.world.principal_delay_seconds * 1000


def new_application_id() -> str:
    """A fresh application id."""
    return str(uuid.uuid4())
