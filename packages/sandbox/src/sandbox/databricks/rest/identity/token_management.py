"""`/token-management`: the tokens of everybody in a workspace (https://docs.databricks.com/api/workspace/tokenmanagement)."""

from sandbox.databricks.rest.bodies import body, optional, required
from sandbox.databricks.world.access import access_control
from sandbox.databricks.world.identity import credentials, membership, principals
from sandbox.databricks.world.identity.principals import SERVICE_PRINCIPAL
from sandbox.databricks.world.refusals import InvalidError, NotFoundError, PermissionDeniedError
from sandbox.databricks.world.workspace.workspace_conf import token_lifetime
from sandbox.databricks.world.workspaces import here
from sandbox.route import Call
from sandbox.source import databricks_api, databricks_provider, ours
from sandbox.store import Document

_SOURCE = databricks_api("workspace/tokenmanagement")
_NO_RIGHT = databricks_provider("docs/resources/obo_token.md")
_OWN = ours("the sandbox keeps nothing else of a token that a request could change")


def create_obo_token(call: Call) -> Document:
    """Make a token for a service principal, which needs a place in the workspace and the right to use tokens.

    docs/resources/obo_token.md of the provider: the token "won't be created until this specific SP (or all users) will
    have permission to create a token".
    """
    application_id = required(call, "application_id", str)
    principal = principals.named(call.store, application_id, SERVICE_PRINCIPAL)
    workspace = here(call)
    if (
        principal is None
        or not principals.visible(call, principal)
        or membership.level(call.store, workspace.id, principal.id) is None
    ):
        raise NotFoundError(f"Service principal with application ID {application_id} does not exist.", source=_SOURCE)
    if not access_control.may_use_tokens(call.store, workspace.id, principal.id):
        raise PermissionDeniedError(
            f"Service principal {application_id} does not have permission to use tokens.", source=_NO_RIGHT
        )
    credentials.require_room_for_token(call.store, workspace.id, principal.id)
    issued = credentials.issue_token(
        call.store,
        call.clock,
        owner_id=principal.id,
        creator_id=call.caller.id,
        workspace_id=workspace.id,
        lifetime_seconds=token_lifetime(call, optional(call, "lifetime_seconds", int)),
        comment=optional(call, "comment", str),
    )
    return {"token_value": issued.value, "token_info": _shown(call, issued.id, issued.document)}


def list_all_tokens(call: Call) -> Document:
    """Every token of the workspace, of one creator if the query names one."""
    found = [_shown(call, key, document) for key, document in credentials.tokens(call.store, here(call).id)]
    for field in ("created_by_id", "created_by_username"):
        if (wanted := call.query.get(field)) is not None:
            found = [info for info in found if str(info[field]) == wanted]
    return {"token_infos": found}


def get_any_token(call: Call) -> Document:
    """One token, without its value."""
    token_id = call.params["token_id"]
    return {"token_info": _shown(call, token_id, _wanted(call, token_id))}


def update_any_token(call: Call) -> None:
    """Change the comment of a token."""
    token_id = call.params["token_id"]
    change = body(call).get("token")
    if not isinstance(change, dict) or not isinstance(change.get("comment"), str):
        raise InvalidError("Only the comment of a token can be changed here.", source=_OWN)
    credentials.set_token_comment(call.store, token_id, _wanted(call, token_id), change["comment"])


def delete_any_token(call: Call) -> None:
    """Revoke a token."""
    token_id = call.params["token_id"]
    _wanted(call, token_id)
    credentials.revoke_token(call.store, token_id)


def _wanted(call: Call, token_id: str) -> Document:
    document = credentials.token(call.store, token_id)
    if document is None or document["workspace_id"] != here(call).id:
        # The provider reads "does not exist" (tokens/resource_obo_token.go).
        raise NotFoundError(f"Token {token_id} does not exist.", source=_SOURCE)
    return document


def _shown(call: Call, token_id: str, document: Document) -> Document:
    info: Document = {
        "token_id": token_id,
        "creation_time": document["creation_time"],
        "expiry_time": document["expiry_time"],
        "created_by_id": int(document["creator_id"]),
        "created_by_username": principals.name_of(call.store, document["creator_id"]),
        "owner_id": int(document["owner_id"]),
        "workspace_id": document["workspace_id"],
    }
    return {**info, "comment": document["comment"]} if "comment" in document else info
