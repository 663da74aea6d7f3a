"""What a caller must be in the account or in a workspace. Being authenticated is the dispatcher's business."""

from dataclasses import dataclass

from sandbox.databricks import access_control, membership, principals
from sandbox.databricks.refusals import NotFoundError, denied
from sandbox.route import Call


@dataclass(frozen=True, slots=True)
class AccountAdmin:
    """The role account admin, held by oneself or through a group of the account."""

    def check(self, call: Call) -> None:
        """Refuse with 403; with 404 when the path names another account."""
        if call.params.get("account_id", call.world.account_id) != call.world.account_id:
            raise NotFoundError(f"Account {call.params['account_id']} does not exist.")
        if not is_account_admin(call):
            raise denied(call, f"{call.caller.name} is not an account admin.")


@dataclass(frozen=True, slots=True)
class WorkspaceMember:
    """A place in the workspace."""

    def check(self, call: Call) -> None:
        """Refuse with 403."""
        if _level(call) is None:
            raise denied(call, "User not authorized.")


@dataclass(frozen=True, slots=True)
class WorkspaceAdmin:
    """ADMIN in the workspace."""

    def check(self, call: Call) -> None:
        """Refuse with 403, in the words of the workspace's SCIM API."""
        if _level(call) != membership.ADMIN:
            raise denied(call, "Only workspace admins can perform this operation.")


@dataclass(frozen=True, slots=True)
class TokenUser:
    """The right to have tokens of one's own: CAN_USE on tokens."""

    def check(self, call: Call) -> None:
        """Refuse with 403."""
        if not _on_tokens(call):
            raise denied(call, f"{call.caller.name} is not authorized to use personal access tokens.")


@dataclass(frozen=True, slots=True)
class TokenManager:
    """The right to manage everybody's tokens: CAN_MANAGE on tokens, which admins have."""

    def check(self, call: Call) -> None:
        """Refuse with 403."""
        if access_control.CAN_MANAGE not in _on_tokens(call):
            raise denied(call, f"{call.caller.name} is not authorized to manage tokens.")


def is_account_admin(call: Call) -> bool:
    """Whether the caller administers the account."""
    identities = {call.caller.id, *membership.groups_of(call.store, call.caller.id)}
    held = (principals.get(call.store, identity) for identity in identities)
    return any(principals.ACCOUNT_ADMIN in one.document.get("roles", ()) for one in held if one)


def _level(call: Call) -> str | None:
    return membership.level(call.store, call.workspace.id, call.caller.id) if call.workspace else None


def _on_tokens(call: Call) -> frozenset[str]:
    if call.workspace is None:
        return frozenset()
    return access_control.held(call.store, call.workspace.id, access_control.TOKENS, call.caller.id)
