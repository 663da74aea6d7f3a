"""Federation policies of service principals: whose identity tokens they may log in with. Nobody logs in by them."""

import uuid

from sandbox.context import Context
from sandbox.databricks.world.refusals import ConflictError, InvalidError, NotFoundError
from sandbox.source import databricks_api, databricks_docs
from sandbox.store import Document, Store

_SOURCE = databricks_api("account/serviceprincipalfederationpolicy")
_MOST_ARE = databricks_docs("dev-tools/auth/oauth-federation-policy")

_KIND = "databricks.federation_policy"
_MOST = 20
"""Per service principal (https://docs.databricks.com/aws/en/resources/limits)."""


def policies_of(store: Store, owner_id: str) -> list[tuple[str, Document]]:
    """The policies of a service principal, by id."""
    prefix = f"{owner_id}/"
    return [(key[len(prefix) :], kept) for key, kept in store.all(_KIND, prefix=prefix)]


def check_room(store: Store, owner_id: str, policy_id: str) -> None:
    """Refuse an id that is taken, and one policy too many."""
    held = dict(policies_of(store, owner_id))
    if policy_id in held:
        raise ConflictError(f"Federation policy {policy_id} already exists.", source=_SOURCE)
    if len(held) >= _MOST:
        raise InvalidError(
            f"A service principal has at most {_MOST} federation policies.", code="QUOTA_EXCEEDED", source=_MOST_ARE
        )


def create(context: Context, owner_id: str, policy_id: str, fields: Document) -> Document:
    """Make a policy."""
    now = context.clock.rfc3339()
    kept = {**fields, "uid": str(uuid.uuid4()), "create_time": now, "update_time": now}
    context.store.put(_KIND, f"{owner_id}/{policy_id}", kept)
    return kept


def require(store: Store, owner_id: str, policy_id: str) -> Document:
    """The policy of that id."""
    kept = store.get(_KIND, f"{owner_id}/{policy_id}")
    if kept is None:
        raise NotFoundError(f"Federation policy {policy_id} does not exist.", source=_SOURCE)
    return kept


def save(context: Context, owner_id: str, policy_id: str, changed: Document) -> Document:
    """Write a policy back."""
    kept = {**changed, "update_time": context.clock.rfc3339()}
    context.store.put(_KIND, f"{owner_id}/{policy_id}", kept)
    return kept


def delete(store: Store, owner_id: str, policy_id: str) -> None:
    """Remove a policy."""
    store.delete(_KIND, f"{owner_id}/{policy_id}")


def forget(store: Store, principal_id: str) -> None:
    """Remove every policy of a principal."""
    for policy_id, _ in policies_of(store, principal_id):
        delete(store, principal_id, policy_id)
