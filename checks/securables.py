"""Which securables an environment's own stack makes."""

from settings import EnvironmentSettings
from unity_catalog import SecurableType

Securable = tuple[SecurableType, str]
"""Its type, and its full name."""


def made_here(environment: EnvironmentSettings) -> set[Securable]:
    """The securables that the environment's stack makes."""
    made: set[Securable] = set()
    for catalog in environment.catalogs:
        if catalog.create:
            made.add((SecurableType.CATALOG, catalog.name))
        if catalog.create_schema and catalog.schema is not None:
            made.add((SecurableType.SCHEMA, f"{catalog.name}.{catalog.schema}"))
    return made
