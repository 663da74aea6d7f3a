"""`/scim/v2/Users`, on the account and on a workspace (https://docs.databricks.com/api/account/accountusers)."""

import re

from sandbox.databricks.rest.bodies import body
from sandbox.databricks.rest.identity import scim_documents
from sandbox.databricks.rest.limits import scim_limit
from sandbox.databricks.world.identity import directory, membership, principals
from sandbox.databricks.world.identity.principals import USER
from sandbox.databricks.world.refusals import ConflictError, InvalidError
from sandbox.limits import Spelling, limited
from sandbox.route import Answer, Call
from sandbox.source import databricks_api, databricks_provider
from sandbox.store import Document

_SOURCE = databricks_api("account/accountusers")
_CONFLICT = databricks_provider("scim/resource_user.go")

_ADDRESS = scim_limit(
    "userName",
    Spelling(re.compile(r"[^@\s]+@[^@\s]+"), "an email address", "@example.com", " no address", stemmed=True),
    databricks_api("workspace/users/create"),
)


@limited(_ADDRESS)
def create_user(call: Call) -> Answer:
    """Add one to the account; from a workspace, also give them a place there."""
    document = body(call)
    user_name = document.get("userName")
    if not isinstance(user_name, str) or not user_name:
        raise InvalidError("Attribute userName is required.", scim=True, source=_SOURCE)
    existing = principals.named(call.store, user_name, USER)
    if existing is not None and (call.workspace is None or directory.is_here(call, existing)):
        # The provider reads this sentence when `force` is set (scim/resource_user.go).
        raise ConflictError(f"User with email {user_name} already exists in this account", scim=True, source=_CONFLICT)
    user = existing or principals.create(call.store, call.clock, USER, {"userName": user_name, "active": True})
    if call.workspace is not None:
        membership.assign(call.store, call.workspace.id, user.id, [membership.MEMBER])
    return Answer(scim_documents.shown(call, scim_documents.write(call, user, document)), 201)


def list_users(call: Call) -> Document:
    """Those that exist for the caller's level, filtered."""
    return scim_documents.listed(call, USER)


def get_user(call: Call) -> Document:
    """One."""
    return scim_documents.selected(call, USER)


def replace_user(call: Call) -> Document:
    """Make them what the body says."""
    return scim_documents.shown(call, scim_documents.write(call, scim_documents.wanted(call, USER), body(call)))


def patch_user(call: Call) -> Answer:
    """Apply operations to them."""
    user = scim_documents.wanted(call, USER)
    scim_documents.write(call, user, scim_documents.patched(call, user))
    return Answer(status=204)


def delete_user(call: Call) -> Answer:
    """Remove them: from the account with all they held, or from the workspace alone."""
    return scim_documents.remove(call, USER)
