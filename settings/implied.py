"""What mlops.yaml implies where it is silent: targets, catalogs and schemas. databricks.yml has no say in it."""

from collections.abc import Mapping

from settings.model import Catalog, Environment
from settings.naming import schema_name


def targets_of(name: str, section: Environment) -> tuple[str, ...]:
    """The targets that an environment's principal deploys; by default the one of the environment's name."""
    return (name,) if section.targets is None else section.targets


def catalogs_of(name: str, section: Environment) -> Mapping[str, Catalog]:
    """The catalogs of an environment; by default one named as each target."""
    if section.catalogs is not None:
        return section.catalogs
    return {target: Catalog() for target in targets_of(name, section)}


def schemas_of(catalog: Catalog, project: str) -> tuple[str, ...]:
    """The schemas of a catalog that the environment's principal works in; by default the project's own.

    None where `schemas` says that the bundle makes all of them.
    """
    if catalog.schemas is None:
        return (catalog.name_of_schema or schema_name(project),)
    first = (catalog.name_of_schema,) if catalog.name_of_schema else ()
    return tuple(dict.fromkeys((*first, *catalog.schemas)))
