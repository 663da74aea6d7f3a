"""What a caller must be in the account or the workspace. Being authenticated is the dispatcher's business."""

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.databricks.rest.answers import denied
from sandbox.databricks.world.access import access_control
from sandbox.databricks.world.identity import entitlements, membership
from sandbox.databricks.world.refusals import (
    NotFoundError,
)
from sandbox.databricks.world.workspace import workspace_conf
from sandbox.route import Call, Rule
from sandbox.source import databricks_api, databricks_docs

_ACCOUNT = databricks_api("account")
_SOURCE = databricks_docs("security/auth/access-control/")
_TOKENS = databricks_docs("admin/access-control/tokens")
_ENTITLEMENTS = databricks_docs("security/auth/entitlements")


@dataclass(frozen=True, slots=True)
class AccountAdmin:
    """The role account admin, held by oneself or through a group of the account."""

    def check(self, call: Call) -> None:
        """Refuse with 403; with 404 when the path names another account."""
        if call.params.get("account_id", call.world.account_id) != call.world.account_id:
            raise NotFoundError(f"Account {call.params['account_id']} does not exist.", source=_ACCOUNT)
        if not membership.is_account_admin(call.store, call.caller.id):
            raise denied(call, f"{call.caller.name} is not an account admin.", source=_ACCOUNT)


@dataclass(frozen=True, slots=True)
class WorkspaceMember:
    """A place in the workspace."""

    def check(self, call: Call) -> None:
        """Refuse with 403."""
        if _level(call) is None:
            raise denied(call, "User not authorized.", source=_SOURCE)


@dataclass(frozen=True, slots=True)
class WorkspaceAdmin:
    """ADMIN in the workspace."""

    def check(self, call: Call) -> None:
        """Refuse with 403, in the words of the workspace's SCIM API."""
        if _level(call) != membership.ADMIN:
            raise denied(call, "Only workspace admins can perform this operation.", source=_SOURCE)


@dataclass(frozen=True, slots=True)
class Entitled:
    """Entitlements in the workspace, held by oneself or through groups; admins have them all.

    https://docs.databricks.com/aws/en/security/auth/entitlements
    """

    needed: tuple[str, ...]

    def check(self, call: Call) -> None:
        """Refuse with 403, in the service's words for what is missing."""
        held = entitlements.held(call.store, call.workspace.id, call.caller.id) if call.workspace else frozenset()
        for entitlement in self.needed:
            if entitlement not in held and entitlement == entitlements.CLUSTER_CREATION:
                raise denied(
                    call,
                    "You are not authorized to create clusters. Please contact your administrator.",
                    source=_ENTITLEMENTS,
                )
            if entitlement not in held:
                raise denied(
                    call, f"This API is disabled for users without the {entitlement} entitlement.", source=_ENTITLEMENTS
                )


@dataclass(frozen=True, slots=True)
class Unless:
    """A rule for the calls of which something is not so."""

    is_so: Callable[[Call], bool]
    rule: Rule

    def check(self, call: Call) -> None:
        """Refuse as the rule does."""
        if not self.is_so(call):
            self.rule.check(call)


@dataclass(frozen=True, slots=True)
class Every:
    """All of several rules, in their order."""

    rules: tuple[Rule, ...]

    def check(self, call: Call) -> None:
        """Refuse as the first that refuses."""
        for rule in self.rules:
            rule.check(call)


@dataclass(frozen=True, slots=True)
class TokenUser:
    """The right to have tokens of one's own: CAN_USE on tokens."""

    def check(self, call: Call) -> None:
        """Refuse with 403."""
        if not _on_tokens(call):
            raise denied(call, f"{call.caller.name} is not authorized to use personal access tokens.", source=_TOKENS)


@dataclass(frozen=True, slots=True)
class TokensEnabled:
    """A workspace whose tokens are not switched off."""

    def check(self, call: Call) -> None:
        """Refuse with 404, in the service's words.

        https://github.com/databricks/terraform-provider-databricks/issues/2607
        """
        if call.workspace and not workspace_conf.tokens_enabled(call.store, call.workspace.id):
            raise NotFoundError("Tokens are disabled.", code="FEATURE_DISABLED", source=_TOKENS)


@dataclass(frozen=True, slots=True)
class TokenManager:
    """The right to manage everybody's tokens: CAN_MANAGE on tokens, which admins have."""

    def check(self, call: Call) -> None:
        """Refuse with 403."""
        if access_control.CAN_MANAGE not in _on_tokens(call):
            raise denied(call, f"{call.caller.name} is not authorized to manage tokens.", source=_TOKENS)


def _level(call: Call) -> str | None:
    return membership.level(call.store, call.workspace.id, call.caller.id) if call.workspace else None


def _on_tokens(call: Call) -> frozenset[str]:
    if call.workspace is None:
        return frozenset()
    return access_control.held(call.store, call.workspace.id, access_control.TOKENS, call.caller.id)
