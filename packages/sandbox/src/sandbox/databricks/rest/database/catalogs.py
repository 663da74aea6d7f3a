"""`/database/catalogs`: databases of instances as catalogs (https://docs.databricks.com/api/workspace/database)."""

from sandbox.databricks.rest.bodies import required
from sandbox.databricks.rest.database.update_masks import masked
from sandbox.databricks.world.access.object_access import AccessObject
from sandbox.databricks.world.database import catalogs, instances
from sandbox.route import Call
from sandbox.store import Document

# `create_database_if_not_exists` is never answered: "input only" (pluginfw/products/database_database_catalog).
_CHANGEABLE = ("create_database_if_not_exists", "database_instance_name", "database_name")


def create_catalog(call: Call) -> Document:
    """Register a database, as a catalog of the caller's."""
    name = required(call, "name", str)
    instance, database = required(call, "database_instance_name", str), required(call, "database_name", str)
    catalogs.create(call, name, instance=instance, database=database)
    return _shown(call, name)


def get_catalog(call: Call) -> Document:
    """One."""
    return _shown(call, call.params["name"])


def update_catalog(call: Call) -> Document:
    """Replace what the mask of the query names."""
    name = call.params["name"]
    changed = masked(call, catalogs.require(call, name), _CHANGEABLE)
    catalogs.change(call, name, {key: changed[key] for key in ("database_instance_name", "database_name")})
    return _shown(call, name)


def delete_catalog(call: Call) -> None:
    """Remove one; the database stays in its instance."""
    catalogs.delete(call, call.params["name"])


def instance_of_body(call: Call) -> AccessObject:
    """The instance whose database is registered, as access lists know it."""
    return instances.existing_access(call, required(call, "database_instance_name", str))


def _shown(call: Call, name: str) -> Document:
    return {"name": name, **catalogs.require(call, name)}
