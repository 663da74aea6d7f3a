"""`/token`: the caller's own tokens (https://docs.databricks.com/api/workspace/tokens)."""

from sandbox.databricks.rest.bodies import optional, required
from sandbox.databricks.world.identity import credentials
from sandbox.databricks.world.refusals import NotFoundError
from sandbox.databricks.world.workspace.workspace_conf import token_lifetime
from sandbox.databricks.world.workspaces import here
from sandbox.route import Call
from sandbox.source import databricks_api
from sandbox.store import Document

_SOURCE = databricks_api("workspace/tokens")


def create_token(call: Call) -> Document:
    """Make one."""
    credentials.require_room_for_token(call.store, here(call).id, call.caller.id)
    issued = credentials.issue_token(
        call.store,
        call.clock,
        owner_id=call.caller.id,
        creator_id=call.caller.id,
        workspace_id=here(call).id,
        lifetime_seconds=token_lifetime(call, optional(call, "lifetime_seconds", int)),
        comment=optional(call, "comment", str),
    )
    return {"token_value": issued.value, "token_info": _shown(issued.id, issued.document)}


def list_tokens(call: Call) -> Document:
    """The caller's."""
    own = [entry for entry in credentials.tokens(call.store, here(call).id) if entry[1]["owner_id"] == call.caller.id]
    return {"token_infos": [_shown(token_id, document) for token_id, document in own]}


def delete_token(call: Call) -> None:
    """Revoke one of the caller's."""
    token_id = required(call, "token_id", str)
    document = credentials.token(call.store, token_id)
    if document is None or document["owner_id"] != call.caller.id or document["workspace_id"] != here(call).id:
        raise NotFoundError(f"Token {token_id} does not exist.", source=_SOURCE)
    credentials.revoke_token(call.store, token_id)


def _shown(token_id: str, document: Document) -> Document:
    return {
        "token_id": token_id,
        "creation_time": document["creation_time"],
        "expiry_time": document["expiry_time"],
        "comment": document.get("comment", ""),
    }
