"""What a caller must hold on securables."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sandbox.databricks.rest.answers import denied
from sandbox.databricks.rest.bodies import required
from sandbox.databricks.rest.unity_catalog.requested import securable_of
from sandbox.databricks.world.access import object_access
from sandbox.databricks.world.mlflow import workspace_models
from sandbox.databricks.world.refusals import PermissionDeniedError
from sandbox.databricks.world.sql.sql_reader import Statement, UnreadableError, UnsupportedError
from sandbox.databricks.world.sql.statement_rights import authorize_statement
from sandbox.databricks.world.unity_catalog import securables
from sandbox.databricks.world.unity_catalog.authorization import (
    authorize,
    authorize_managing,
    authorize_seeing,
    holds_any,
)
from sandbox.databricks.world.unity_catalog.privileges import Privilege, SecurableType
from sandbox.databricks.world.unity_catalog.securables import Securable
from sandbox.route import Call
from sandbox.source import databricks_docs

_SOURCE = databricks_docs("data-governance/unity-catalog/manage-privileges/")

_DATABRICKS_OWN = "system.ai."  # the models that everybody may serve


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
class MayServe:
    """EXECUTE on each model of Unity Catalog that is to be served, and CAN_READ on each of the workspace's own.

    https://docs.databricks.com/aws/en/machine-learning/model-serving/create-manage-serving-endpoints
    """

    models: Callable[[Call], Iterable[str]]

    def check(self, call: Call) -> None:
        """Refuse with 403; with 404 when there is no such model."""
        for name in self.models(call):
            if "." not in name:
                self._of_workspace(call, name)
            elif not name.startswith(_DATABRICKS_OWN):
                target = securables.securable(call, SecurableType.MODEL, name)
                securables.require(call, target)
                authorize(call.store, call.caller, Privilege.EXECUTE, target)

    def _of_workspace(self, call: Call, name: str) -> None:
        model = workspace_models.access(workspace_models.require(call, name))
        if not object_access.may(call, object_access.CAN_READ, model):
            raise denied(
                call,
                f"{call.caller.name} does not have {object_access.CAN_READ} permissions on {name}.",
                source=_SOURCE,
            )


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
        target = securable_of(call)
        securables.require(call, target)
        authorize_managing(call.store, call.caller, target)


@dataclass(frozen=True, slots=True)
class SeesGrants:
    """To be able to grant on the securable that the path names, or to hold something on it; then one sees that alone.

    https://docs.databricks.com/aws/en/sql/language-manual/security-show-grant
    """

    def check(self, call: Call) -> None:
        """Refuse with 403; with 404 when there is no such securable."""
        target = securable_of(call)
        securables.require(call, target)
        if not holds_any(call.store, call.caller, target):
            authorize_managing(call.store, call.caller, target)


@dataclass(frozen=True, slots=True)
class HoldsWhatStatementNeeds:
    """Every right that a SQL statement needs; one that cannot be read needs none, and fails when it runs."""

    read: Callable[[Call], Statement]

    def check(self, call: Call) -> None:
        """Refuse with 403."""
        try:
            statement = self.read(call)
        except (UnreadableError, UnsupportedError):
            return
        authorize_statement(call, statement)


def _existing(call: Call, kind: SecurableType, named: Callable[[Call], str]) -> Securable:
    target = securables.securable(call, kind, named(call))
    securables.require(call, target)
    return target
