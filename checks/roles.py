"""What the guide's roles must be able to do: typed from the guide, for `verify` to prove.

`constructs/catalog_access.py` says what is granted and the sandbox's `databricks/routes.py` what a call requires;
neither is imported here, so that the three can contradict one another.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from settings import EnvironmentSettings
from unity_catalog import SecurableType

# The guide: "For the integration test and the ML training job, the SP must have permissions to read the input Delta
# table and create experiment and models." Everything but USE_CATALOG is needed in the project's schema alone.
_TRAINING = ("USE_SCHEMA", "SELECT", "MODIFY", "CREATE_TABLE", "CREATE_MODEL")
# The guide: "For the batch inference job, the SP must have permissions to read input Delta table and modify the output
# Delta table." A model that another principal has registered is loaded with EXECUTE.
_INFERENCE = ("USE_SCHEMA", "EXECUTE")


@dataclass(frozen=True, slots=True, order=True)
class Need:
    """Privileges that a role needs on a securable, by its full name."""

    role: str
    kind: SecurableType
    name: str
    privileges: tuple[str, ...]


def needs(environment: EnvironmentSettings) -> Iterator[Need]:
    """Everything that the roles of one environment need."""
    for catalog in environment.catalogs:
        yield Need("training", SecurableType.CATALOG, catalog.name, ("USE_CATALOG",))
        if catalog.schema is not None:
            schema = f"{catalog.name}.{catalog.schema}"
            yield Need("training", SecurableType.SCHEMA, schema, _TRAINING)
            yield Need("batch inference", SecurableType.SCHEMA, schema, _INFERENCE)
            if catalog.may_create_volumes:
                yield Need("making volumes", SecurableType.SCHEMA, schema, ("CREATE_VOLUME",))
        if catalog.may_create_schemas:
            yield Need("making schemas", SecurableType.CATALOG, catalog.name, ("CREATE_SCHEMA",))
    for table in environment.input_tables:
        yield from _table("input", table, ("SELECT",))
    for table in environment.output_tables:
        # What may be modified must be readable.
        yield from _table("output", table, ("MODIFY", "SELECT"))


def _table(role: str, table: str, privileges: tuple[str, ...]) -> Iterator[Need]:
    catalog, schema, _ = table.split(".", 2)
    yield Need(role, SecurableType.CATALOG, catalog, ("USE_CATALOG",))
    yield Need(role, SecurableType.SCHEMA, f"{catalog}.{schema}", ("USE_SCHEMA",))
    yield Need(role, SecurableType.TABLE, table, privileges)


def privileges_by_securable(environment: EnvironmentSettings) -> dict[tuple[SecurableType, str], set[str]]:
    """All that the environment's principal should hold by itself, and nothing beyond."""
    merged: dict[tuple[SecurableType, str], set[str]] = {}
    for need in needs(environment):
        merged.setdefault((need.kind, need.name), set()).update(need.privileges)
    return merged
