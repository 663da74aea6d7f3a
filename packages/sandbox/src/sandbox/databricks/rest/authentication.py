"""Whose credential a request carries.

A personal access token opens the one workspace that made it and never the account; an OAuth access token of the account
opens whatever its service principal has a place in (https://docs.databricks.com/aws/en/dev-tools/auth).
"""

from sandbox.context import Caller
from sandbox.databricks.rest.answers import denied
from sandbox.databricks.world.access import access_control
from sandbox.databricks.world.identity import credentials, entitlements, membership, principals
from sandbox.databricks.world.identity.principals import Principal
from sandbox.databricks.world.refusals import UnauthenticatedError
from sandbox.databricks.world.workspace import workspace_conf
from sandbox.route import Call
from sandbox.source import databricks_docs

_SOURCE = databricks_docs("dev-tools/auth/pat")
_INACTIVE = databricks_docs("admin/users-groups/users")
_PLACES = databricks_docs("admin/users-groups/")
_ENTITLEMENTS = databricks_docs("security/auth/entitlements")
_TOKENS_OFF = databricks_docs("admin/access-control/tokens")

_NOT_SENT = "Credential was not sent or was of an unsupported type for this API."
_INVALID = "Invalid access token."


def authenticate(call: Call) -> Caller:
    """The principal behind the bearer token; on a workspace host it must have a place there and an entitlement."""
    scheme, _, value = call.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not value.strip():
        raise UnauthenticatedError(_NOT_SENT, source=_SOURCE)
    principal, personal = _behind(call, value.strip())
    if not principal.active:
        raise denied(call, f"Principal {principal.name} is not active.", source=_INACTIVE)
    if call.workspace is not None:
        if membership.level(call.store, call.workspace.id, principal.id) is None:
            raise denied(call, "User not authorized.", source=_PLACES)
        if not entitlements.held(call.store, call.workspace.id, principal.id).intersection(entitlements.OPENING):
            needed = " or ".join(entitlements.OPENING)
            raise denied(
                call, f"This API is disabled for users without the {needed} entitlements.", source=_ENTITLEMENTS
            )
        if personal and not workspace_conf.tokens_enabled(call.store, call.workspace.id):
            # The words are the service's, the status is ours: 403 says that the token itself is good.
            raise denied(call, "Tokens are disabled.", source=_TOKENS_OFF)
        if personal and not access_control.may_use_tokens(call.store, call.workspace.id, principal.id):
            raise denied(
                call, f"Principal {principal.name} is not authorized to use personal access tokens.", source=_TOKENS_OFF
            )
    return Caller(kind=principal.kind, id=principal.id, name=principal.name)


def _behind(call: Call, value: str) -> tuple[Principal, bool]:
    """Whose token it is, and whether it is a personal access token."""
    personal = credentials.find_token(call.store, call.clock, value)
    if personal is not None:
        if call.workspace is None or call.workspace.id != personal["workspace_id"]:
            raise UnauthenticatedError(_INVALID, source=_SOURCE)
        return _known(call, personal["owner_id"]), True
    claims = credentials.read_access_token(call.store, call.clock, value)
    if claims is None:
        raise UnauthenticatedError(_INVALID, source=_SOURCE)
    issued_for = claims["workspace"]
    if issued_for is not None and (call.workspace is None or call.workspace.id != issued_for):
        raise UnauthenticatedError(_INVALID, source=_SOURCE)
    return _known(call, claims["owner"]), False


def _known(call: Call, principal_id: str) -> Principal:
    principal = principals.get(call.store, principal_id)
    if principal is None:
        raise UnauthenticatedError(_INVALID, source=_SOURCE)
    return principal
