"""What a CI principal may do with data: the guide's roles as privileges, merged to one grant per securable."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_databricks.grant import Grant
from cdktf_cdktf_provider_databricks.provider import DatabricksProvider
from constructs import Construct

from terraform_text import literal
from unity_catalog import Privilege, SecurableType, containers, is_grantable

# Integration test and training job: "the SP must have permissions to read the input Delta table and create experiment
# and models". Everything but USE_CATALOG is granted on the project's schema, not on the whole catalog.
TRAINING = (
    Privilege.USE_SCHEMA,
    # To read the input table: without SELECT, MODIFY is of no use either.
    Privilege.SELECT,
    # To write tables that the project has made before.
    Privilege.MODIFY,
    # To make the tables that it writes.
    Privilege.CREATE_TABLE,
    # To register the model that it trains.
    Privilege.CREATE_MODEL,
)
# Batch inference job, in the project's schema.
BATCH_INFERENCE = (
    Privilege.USE_SCHEMA,
    # To load a model that another principal may have registered; the guide leaves this out.
    Privilege.EXECUTE,
)
# "SELECT permission for the input table".
INPUT_TABLE = (Privilege.SELECT,)
# "MODIFY permission for the output table if it pre-dates your job"; what may be modified must be readable.
OUTPUT_TABLE = (Privilege.SELECT, Privilege.MODIFY)

ARGUMENTS: Mapping[SecurableType, str] = MappingProxyType(
    {
        SecurableType.METASTORE: "metastore",
        SecurableType.CATALOG: "catalog",
        SecurableType.SCHEMA: "schema",
        SecurableType.TABLE: "table",
        SecurableType.VOLUME: "volume",
        SecurableType.FUNCTION: "function",
        # To the permissions API a model is a function; that is the provider's affair.
        SecurableType.MODEL: "model",
    }
)
"""By which argument databricks_grant names each kind (provider 1.99.0, catalog/permissions/permissions.go)."""

_USE = {SecurableType.CATALOG: Privilege.USE_CATALOG, SecurableType.SCHEMA: Privilege.USE_SCHEMA}


@dataclass(frozen=True, slots=True, order=True)
class Securable:
    """Something that privileges are granted on, by its full name."""

    kind: SecurableType
    name: str


@dataclass(frozen=True, slots=True)
class ProjectSchema:
    """The schema that a project works in.

    `may_create_schemas` adds CREATE_SCHEMA on its catalog, `may_create_volumes` CREATE_VOLUME on the schema.
    `schema` is None where the project makes its schemas itself: it owns them, so nothing needs to be granted there.
    """

    catalog: str
    schema: str | None
    may_create_schemas: bool
    may_create_volumes: bool = False


class UngrantableError(ValueError):
    """A privilege that its securable does not accept, or a securable that no grant can name."""


def privileges_needed(
    *, schemas: Iterable[ProjectSchema], input_tables: Iterable[str], output_tables: Iterable[str]
) -> dict[Securable, list[Privilege]]:
    """What the roles of the guide need, by securable: merged, sorted, each with the right to reach it.

    Raises UngrantableError for a privilege that cannot be granted on its securable.
    """
    needed: dict[Securable, set[Privilege]] = {}

    def need(kind: SecurableType, name: str, privileges: Iterable[Privilege]) -> None:
        for container, container_name in containers(kind, name):
            needed.setdefault(Securable(container, container_name), set()).add(_USE[container])
        needed.setdefault(Securable(kind, name), set()).update(privileges)

    for schema in schemas:
        need(SecurableType.CATALOG, schema.catalog, (Privilege.USE_CATALOG,))
        if schema.schema is not None:
            need(SecurableType.SCHEMA, f"{schema.catalog}.{schema.schema}", (*TRAINING, *BATCH_INFERENCE))
            if schema.may_create_volumes:
                need(SecurableType.SCHEMA, f"{schema.catalog}.{schema.schema}", (Privilege.CREATE_VOLUME,))
        if schema.may_create_schemas:
            need(SecurableType.CATALOG, schema.catalog, (Privilege.CREATE_SCHEMA,))
    for table in input_tables:
        need(SecurableType.TABLE, table, INPUT_TABLE)
    for table in output_tables:
        need(SecurableType.TABLE, table, OUTPUT_TABLE)

    for securable, privileges in needed.items():
        for privilege in privileges:
            if not is_grantable(privilege, securable.kind):
                raise UngrantableError(f"{privilege} cannot be granted on {securable.kind} {securable.name}")
    return {securable: sorted(privileges) for securable, privileges in sorted(needed.items())}


def _named(securable: Securable) -> dict[str, Any]:
    """The argument by which a grant names its securable: without one, it would be a grant on nothing."""
    if securable.kind not in ARGUMENTS:
        raise UngrantableError(f"databricks_grant has no argument for a {securable.kind}, such as {securable.name}")
    return {ARGUMENTS[securable.kind]: literal(securable.name)}


class CatalogAccess(Construct):
    """One grant per securable for one principal. It leaves other principals' grants alone.

    Raises UngrantableError for a privilege that cannot be granted on its securable.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        workspace: DatabricksProvider,
        application_id: str,
        schemas: Sequence[ProjectSchema],
        input_tables: Sequence[str],
        output_tables: Sequence[str],
        depends_on: Sequence[ITerraformDependable],
    ) -> None:
        super().__init__(scope, id_)
        self.grants: list[ITerraformDependable] = []
        needed = privileges_needed(schemas=schemas, input_tables=input_tables, output_tables=output_tables)
        for securable, privileges in needed.items():
            self.grants.append(
                Grant(
                    self,
                    literal(f"{securable.kind.value}-{securable.name}"),
                    provider=workspace,
                    principal=application_id,
                    privileges=[privilege.value for privilege in privileges],
                    depends_on=list(depends_on),
                    **_named(securable),
                )
            )
