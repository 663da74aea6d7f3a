"""`/scim/v2/Users`, on the account and on a workspace (https://docs.databricks.com/api/account/accountusers)."""

import re

from sandbox.databricks.rest.bodies import body
from sandbox.databricks.rest.identity import scim_documents
from sandbox.databricks.rest.limits import scim_limit
from sandbox.databricks.world.identity.principals import USER
from sandbox.databricks.world.refusals import InvalidError
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
    user_name = body(call).get("userName")
    if not isinstance(user_name, str) or not user_name:
        raise InvalidError("Attribute userName is required.", scim=True, source=_SOURCE)
    return scim_documents.added(
        call,
        USER,
        user_name,
        # The provider reads this sentence when `force` is set (scim/resource_user.go).
        exists=f"User with email {user_name} already exists in this account",
        source=_CONFLICT,
    )


def list_users(call: Call) -> Document:
    """Those that exist for the caller's level, filtered."""
    return scim_documents.listed(call, USER)


def get_user(call: Call) -> Document:
    """One."""
    return scim_documents.selected(call, USER)


def replace_user(call: Call) -> Document:
    """Make them what the body says."""
    return scim_documents.replaced(call, USER)


def patch_user(call: Call) -> Answer:
    """Apply operations to them."""
    return scim_documents.changed(call, USER)


def delete_user(call: Call) -> Answer:
    """Remove them: from the account with all they held, or from the workspace alone."""
    return scim_documents.remove(call, USER)
