"""Tables of an instance that follow a table of Unity Catalog, which shows them; nothing is copied."""

import uuid
from typing import Any

from sandbox.context import Context
from sandbox.databricks.world.database import catalogs, instances
from sandbox.databricks.world.refusals import InvalidError, NotFoundError
from sandbox.databricks.world.unity_catalog import securables
from sandbox.databricks.world.unity_catalog.new_securables import make_schema, make_table
from sandbox.databricks.world.unity_catalog.privileges import SecurableType
from sandbox.databricks.world.unity_catalog.securables import Securable
from sandbox.source import databricks_api
from sandbox.store import Document

_SOURCE = databricks_api("workspace/database/createsynceddatabasetable")


def create(context: Context, name: str, *, instance: str, database: str, spec: dict[str, Any]) -> None:
    """Make a table in a database. In a catalog that shows one, that database and its instance are meant."""
    table = securable_of(context, name)
    catalog, schema = table.containers
    shown = catalogs.find(context, catalog.full_name)
    if shown is not None:
        if instance not in ("", shown["database_instance_name"]) or database not in ("", shown["database_name"]):
            raise InvalidError(f"Instance and database must be those of catalog {catalog.full_name}.", source=_SOURCE)
        instance, database = shown["database_instance_name"], shown["database_name"]
        if securables.load(context.store, schema) is None:
            make_schema(context.store, context.clock, schema, creator=context.caller, fields={})
    if not instance or not database:
        raise InvalidError(
            "A catalog that shows no database needs database_instance_name and logical_database_name.", source=_SOURCE
        )
    instances.require(context, instance)
    synced = {"instance": instance, "database": database, "spec": spec, "pipeline_id": str(uuid.uuid4())}
    about = {"table_type": "FOREIGN", "data_source_format": "DATABASE_SYNCED_TABLE", "synced": synced}
    make_table(context.store, context.clock, table, creator=context.caller, fields=about)


def require(context: Context, name: str) -> Document:
    """What a table follows and where it lies: `instance`, `database`, `spec`, `pipeline_id`."""
    document = securables.load(context.store, securable_of(context, name)) or {}
    synced: Document | None = document.get("synced")
    if synced is None:
        raise NotFoundError(f"Synced table '{name}' does not exist.", source=_SOURCE)
    return synced


def change(context: Context, name: str, spec: dict[str, Any]) -> None:
    """Replace what is said of how a table follows."""
    securables.update(context, securable_of(context, name), {"synced": {**require(context, name), "spec": spec}})


def delete(context: Context, name: str) -> None:
    """Let Unity Catalog forget a table; in its database it stays."""
    require(context, name)
    securables.remove(context.store, securable_of(context, name))


def securable_of(context: Context, name: str) -> Securable:
    """The table to Unity Catalog."""
    return securables.securable(context, SecurableType.TABLE, name)
