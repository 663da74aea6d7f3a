"""`/unity-catalog/catalogs` (https://docs.databricks.com/api/workspace/catalogs)."""

from sandbox.computed import computed
from sandbox.databricks.rest.bodies import required
from sandbox.databricks.rest.unity_catalog.name_limits import CATALOG_CHANGE, named
from sandbox.databricks.rest.unity_catalog.requested import (
    change,
    remove_container,
    sent,
    shown,
    visible,
    wanted,
    wanted_container,
)
from sandbox.databricks.world.unity_catalog import securables
from sandbox.databricks.world.unity_catalog.new_securables import make_catalog
from sandbox.databricks.world.unity_catalog.privileges import SecurableType
from sandbox.databricks.world.unity_catalog.securables import securable
from sandbox.limits import limited
from sandbox.route import Call
from sandbox.source import databricks_docs, databricks_sdk
from sandbox.store import Document

# What is sent and comes back; a catalog that came back with more would be replaced by the provider.
_SENT = (
    "comment",
    "connection_name",
    "options",
    "properties",
    "provider_name",
    "share_name",
    "storage_root",
)
_CHANGEABLE = ("comment", "options", "properties", "isolation_mode", "enable_predictive_optimization")


COMPUTED = (
    *computed(
        "catalog",
        databricks_sdk("databricks/sdk/service/catalog.py"),
        full_name="the name, in lower case",
        owner="who made it",
        metastore_id="the metastore of the workspace",
        catalog_type="MANAGED_CATALOG",
        securable_type="CATALOG",
        enable_predictive_optimization="INHERIT",
        created_at="when it was made, in milliseconds",
        created_by="who made it",
        updated_at="when it was changed, in milliseconds",
        updated_by="who changed it",
    ),
    *computed("catalog", databricks_docs("catalogs/binding"), isolation_mode="OPEN"),
    *computed("catalog", databricks_docs("catalogs/default"), schemas="one of the name default"),
)


@limited(*named("CreateCatalog"))
def create_catalog(call: Call) -> Document:
    """Make one; the caller owns it."""
    fields = sent(call, *_SENT)
    catalog = securable(call, SecurableType.CATALOG, required(call, "name", str))
    make_catalog(call.store, call.clock, catalog, creator=call.caller, fields=fields)
    return shown(call, catalog)


def list_catalogs(call: Call) -> Document:
    """Those that the caller may see."""
    return {"catalogs": visible(call, securables.metastore_here(call))}


def get_catalog(call: Call) -> Document:
    """One."""
    return shown(call, wanted(call, SecurableType.CATALOG))


@limited(*CATALOG_CHANGE)
def update_catalog(call: Call) -> Document:
    """Change one, or give it to somebody else. One that becomes isolated is open to no workspace until it is bound."""
    catalog = wanted_container(call, SecurableType.CATALOG, resource="catalogs")
    change(call, catalog, *_CHANGEABLE)
    return shown(call, catalog)


def delete_catalog(call: Call) -> None:
    """Remove one; with `force` also when it is not empty."""
    remove_container(call, SecurableType.CATALOG)
