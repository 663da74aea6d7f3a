"""`/unity-catalog/schemas` (https://docs.databricks.com/api/workspace/schemas)."""

from sandbox.databricks.rest.bodies import required
from sandbox.databricks.rest.unity_catalog.requested import (
    change,
    remove_container,
    sent,
    shown,
    visible,
    wanted,
    wanted_container,
)
from sandbox.databricks.world.refusals import InvalidError
from sandbox.databricks.world.unity_catalog import securables
from sandbox.databricks.world.unity_catalog.new_securables import make_schema
from sandbox.databricks.world.unity_catalog.privileges import SecurableType
from sandbox.databricks.world.unity_catalog.securables import securable
from sandbox.route import Call
from sandbox.store import Document

_SENT = ("comment", "properties", "storage_root")
_CHANGEABLE = ("comment", "properties", "enable_predictive_optimization")


def create_schema(call: Call) -> Document:
    """Make one; the caller owns it."""
    schema = securable(
        call, SecurableType.SCHEMA, f"{required(call, 'catalog_name', str)}.{required(call, 'name', str)}"
    )
    fields = sent(call, *_SENT)
    make_schema(call.store, call.clock, schema, creator=call.caller, fields=fields)
    return shown(call, schema)


def list_schemas(call: Call) -> Document:
    """Those of a catalog that the caller may see."""
    if "catalog_name" not in call.query:
        raise InvalidError("Missing required field: catalog_name")
    catalog = securable(call, SecurableType.CATALOG, call.query["catalog_name"])
    securables.require(call, catalog)
    return {"schemas": visible(call, catalog)}


def get_schema(call: Call) -> Document:
    """One."""
    return shown(call, wanted(call, SecurableType.SCHEMA))


def update_schema(call: Call) -> Document:
    """Change one, or give it to somebody else."""
    schema = wanted_container(call, SecurableType.SCHEMA, resource="schemas")
    change(call, schema, *_CHANGEABLE)
    return shown(call, schema)


def delete_schema(call: Call) -> None:
    """Remove one; with `force` also when it is not empty."""
    remove_container(call, SecurableType.SCHEMA)
