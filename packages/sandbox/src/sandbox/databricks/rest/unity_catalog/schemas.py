"""`/unity-catalog/schemas` (https://docs.databricks.com/api/workspace/schemas)."""

from sandbox.computed import computed
from sandbox.databricks.rest.bodies import required
from sandbox.databricks.rest.unity_catalog.name_limits import named
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
from sandbox.limits import limited
from sandbox.route import Call
from sandbox.source import databricks_api, databricks_sdk
from sandbox.store import Document

_SOURCE = databricks_api("workspace/schemas")

_SENT = ("comment", "properties", "storage_root")
_CHANGEABLE = ("comment", "properties", "enable_predictive_optimization")


COMPUTED = computed(
    "schema",
    databricks_sdk("databricks/sdk/service/catalog.py"),
    full_name="catalog and name, in lower case",
    owner="who made it",
    metastore_id="the metastore of the workspace",
    schema_id="an id of its own",
    catalog_type="MANAGED_CATALOG",
    securable_type="SCHEMA",
    enable_predictive_optimization="INHERIT",
    created_at="when it was made, in milliseconds",
    created_by="who made it",
    updated_at="when it was changed, in milliseconds",
    updated_by="who changed it",
)


@limited(*named("CreateSchema"))
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
        raise InvalidError("Missing required field: catalog_name", source=_SOURCE)
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
