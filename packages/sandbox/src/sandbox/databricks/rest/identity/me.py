"""`/scim/v2/Me`: who the caller is (https://docs.databricks.com/api/workspace/currentuser/me)."""

from sandbox.databricks.rest.identity import scim, scim_documents
from sandbox.databricks.world.identity import principals
from sandbox.databricks.world.refusals import NotFoundError
from sandbox.route import Call
from sandbox.source import databricks_api
from sandbox.store import Document

_SOURCE = databricks_api("workspace/currentuser/me")


def get_me(call: Call) -> Document:
    """The caller's own document; a service principal's user name is its application id.

    By that the provider tells service principals from users (data_current_user.go:48-73).
    """
    principal = principals.get(call.store, call.caller.id)
    if principal is None:
        raise NotFoundError("The caller is no longer there.", scim=True, source=_SOURCE)
    return scim.select({**scim_documents.shown(call, principal), "userName": principal.name}, call.query)
