"""Who may have personal access tokens in a workspace: the access list of tokens, and what follows from a change."""

from collections.abc import Mapping

from sandbox.context import Context
from sandbox.databricks.world.access import access_control
from sandbox.databricks.world.access.access_control import TOKENS
from sandbox.databricks.world.identity import credentials
from sandbox.databricks.world.workspaces import here


def entries(context: Context) -> dict[str, str]:
    """The direct entries of the list: levels by principal id."""
    return access_control.levels(context.store, here(context).id, TOKENS)


def set_entries(context: Context, wanted: Mapping[str, str]) -> None:
    """Replace the list, and delete the tokens of those who may have none any more.

    They are deleted "immediately" (docs/resources/permissions.md of the provider).
    """
    workspace_id = here(context).id
    access_control.set_levels(context.store, workspace_id, TOKENS, wanted)
    for token_id, document in credentials.tokens(context.store, workspace_id):
        if not access_control.may_use_tokens(context.store, workspace_id, document["owner_id"]):
            credentials.revoke_token(context.store, token_id)
