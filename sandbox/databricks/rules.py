"""What a caller must be, or hold. Being authenticated is the dispatcher's business."""

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.databricks import (
    access_control,
    clusters,
    entitlements,
    grants,
    membership,
    principals,
    securables,
    workspace_conf,
)
from sandbox.databricks.authorization import authorize, authorize_managing, authorize_seeing, holds_any
from sandbox.databricks.bodies import required
from sandbox.databricks.refusals import NotFoundError, PermissionDeniedError, denied
from sandbox.databricks.securables import Securable
from sandbox.databricks.statement_rights import authorize_statement
from sandbox.route import Call, Rule
from unity_catalog import Privilege, SecurableType


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
                raise denied(call, "You are not authorized to create clusters. Please contact your administrator.")
            if entitlement not in held:
                raise denied(call, f"This API is disabled for users without the {entitlement} entitlement.")


@dataclass(frozen=True, slots=True)
class ManagesCluster:
    """To have created the cluster that the call is about, or to be an admin."""

    def check(self, call: Call) -> None:
        """Refuse with 403; with 400, as the service does, when there is no such cluster."""
        cluster = clusters.wanted(call)
        if cluster["creator_id"] != call.caller.id and _level(call) != membership.ADMIN:
            raise denied(call, f"{call.caller.name} does not have Manage permissions on this cluster.")


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
            raise denied(call, f"{call.caller.name} is not authorized to use personal access tokens.")


@dataclass(frozen=True, slots=True)
class TokensEnabled:
    """A workspace whose tokens are not switched off."""

    def check(self, call: Call) -> None:
        """Refuse with 404, in the service's words.

        https://github.com/databricks/terraform-provider-databricks/issues/2607
        """
        if call.workspace and not workspace_conf.tokens_enabled(call.store, call.workspace.id):
            raise NotFoundError("Tokens are disabled.", code="FEATURE_DISABLED")


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


@dataclass(frozen=True, slots=True)
class OfPath:
    """The full name is a part of the path."""

    name: str

    def __call__(self, call: Call) -> str:
        return call.params[self.name]


@dataclass(frozen=True, slots=True)
class OfBody:
    """The full name is made of fields of the body, outermost first."""

    fields: tuple[str, ...]

    def __call__(self, call: Call) -> str:
        return ".".join(required(call, field, str) for field in self.fields)


@dataclass(frozen=True, slots=True)
class ContainerOf:
    """What a securable lies in."""

    named: Callable[[Call], str]

    def __call__(self, call: Call) -> str:
        return self.named(call).rpartition(".")[0]


@dataclass(frozen=True, slots=True)
class Needs:
    """A privilege on a securable, or one that does instead, with the way to it; the owner has them all."""

    privilege: Privilege
    on: SecurableType
    named: Callable[[Call], str]
    instead: Privilege | None = None

    def check(self, call: Call) -> None:
        """Refuse with 403; with 404 when there is no such securable."""
        target = _existing(call, self.on, self.named)
        try:
            authorize(call.store, call.caller, self.privilege, target)
        except PermissionDeniedError as refusal:
            if self.instead is None:
                raise
            try:
                authorize(call.store, call.caller, self.instead, target)
            except PermissionDeniedError:
                raise refusal from None


@dataclass(frozen=True, slots=True)
class NeedsOnMetastore:
    """A privilege on the metastore of the workspace."""

    privilege: Privilege

    def check(self, call: Call) -> None:
        """Refuse with 403."""
        authorize(call.store, call.caller, self.privilege, securables.metastore_here(call))


@dataclass(frozen=True, slots=True)
class Manages:
    """To own a securable or what it lies in, or to hold MANAGE there."""

    on: SecurableType
    named: Callable[[Call], str]

    def check(self, call: Call) -> None:
        """Refuse with 403; with 404 when there is no such securable."""
        authorize_managing(call.store, call.caller, _existing(call, self.on, self.named))


@dataclass(frozen=True, slots=True)
class ManagesBindings:
    """To manage a catalog, from any workspace: one that is not bound must be able to bind itself.

    The provider does so before it destroys an isolated catalog (catalog/resource_catalog.go).
    """

    named: Callable[[Call], str]

    def check(self, call: Call) -> None:
        """Refuse with 403; with 404 when there is no such catalog."""
        catalog = securables.securable(call, SecurableType.CATALOG, self.named(call))
        if securables.load(call.store, catalog) is None:
            raise securables.missing(catalog)
        authorize_managing(call.store, call.caller, catalog)


@dataclass(frozen=True, slots=True)
class Sees:
    """To be able to use a securable, to manage it, or to hold BROWSE on its catalog."""

    on: SecurableType
    named: Callable[[Call], str]

    def check(self, call: Call) -> None:
        """Refuse with 403; with 404 when there is no such securable."""
        authorize_seeing(call.store, call.caller, _existing(call, self.on, self.named))


@dataclass(frozen=True, slots=True)
class ManagesGrants:
    """To be able to grant on the securable that the path names."""

    def check(self, call: Call) -> None:
        """Refuse with 403; with 404 when there is no such securable."""
        target = grants.securable_of(call)
        securables.require(call, target)
        authorize_managing(call.store, call.caller, target)


@dataclass(frozen=True, slots=True)
class SeesGrants:
    """To be able to grant on the securable that the path names, or to hold something on it; then one sees that alone.

    https://docs.databricks.com/aws/en/sql/language-manual/security-show-grant
    """

    def check(self, call: Call) -> None:
        """Refuse with 403; with 404 when there is no such securable."""
        target = grants.securable_of(call)
        securables.require(call, target)
        if not holds_any(call.store, call.caller, target):
            authorize_managing(call.store, call.caller, target)


@dataclass(frozen=True, slots=True)
class HoldsWhatStatementNeeds:
    """Every right that a SQL statement needs."""

    def check(self, call: Call) -> None:
        """Refuse with 403."""
        authorize_statement(call)


def _existing(call: Call, kind: SecurableType, named: Callable[[Call], str]) -> Securable:
    target = securables.securable(call, kind, named(call))
    securables.require(call, target)
    return target
