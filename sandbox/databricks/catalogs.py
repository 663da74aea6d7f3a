"""`/unity-catalog/catalogs` (https://docs.databricks.com/api/workspace/catalogs)."""

from typing import Any

from sandbox.clock import Clock
from sandbox.databricks import authorization, securables
from sandbox.databricks.bodies import body, optional, required
from sandbox.databricks.principals import Principal
from sandbox.databricks.refusals import NotBuiltError
from sandbox.databricks.schemas import make_schema
from sandbox.databricks.securables import Securable, securable, within
from sandbox.route import Call, Caller
from sandbox.store import Document, Store
from unity_catalog import SecurableType

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


def make_catalog(
    store: Store, clock: Clock, catalog: Securable, *, creator: Caller | Principal, fields: dict[str, Any]
) -> None:
    """Make a catalog with the schema `default` that the service adds to each."""
    computed = {
        "catalog_type": "MANAGED_CATALOG",
        "enable_predictive_optimization": "INHERIT",
        "isolation_mode": "OPEN",
        "securable_type": "CATALOG",
    }
    securables.insert(store, clock, catalog, creator=creator, fields={**computed, **fields})
    default = within(catalog.metastore_id, SecurableType.SCHEMA, f"{catalog.full_name}.default")
    make_schema(store, clock, default, creator=creator, fields={"comment": "Default schema (auto-created)"})


def create_catalog(call: Call) -> Document:
    """Make one; the caller owns it."""
    fields = {name: value for name in _SENT if (value := body(call).get(name)) not in (None, "", {})}
    catalog = securable(call, SecurableType.CATALOG, required(call, "name", str))
    make_catalog(call.store, call.clock, catalog, creator=call.caller, fields=fields)
    return _answer(call, catalog)


def list_catalogs(call: Call) -> Document:
    """Those that the caller may see."""
    found = securables.children(call.store, securables.metastore_here(call))
    return {"catalogs": [_answer(call, one) for one in found if authorization.may_see(call.store, call.caller, one)]}


def get_catalog(call: Call) -> Document:
    """One."""
    return _answer(call, _wanted(call))


def update_catalog(call: Call) -> Document:
    """Change one, or give it to somebody else. One that becomes isolated is open to no workspace until it is bound."""
    catalog = _wanted(call)
    changes = {name: body(call)[name] for name in _CHANGEABLE if name in body(call)}
    if body(call).get("new_name", catalog.name) not in (catalog.name, ""):
        raise NotBuiltError("The sandbox does not rename catalogs: sandbox/databricks/catalogs.py.")
    changes |= securables.owner_change(call, optional(call, "owner", str))
    securables.update(call, catalog, changes)
    return _answer(call, catalog)


def delete_catalog(call: Call) -> None:
    """Remove one; with `force` also when it is not empty."""
    catalog = _wanted(call)
    if call.query.get("force") != "true":
        securables.require_empty(call.store, catalog)
    securables.remove(call.store, catalog)


def _wanted(call: Call) -> Securable:
    catalog = securable(call, SecurableType.CATALOG, call.params["name"])
    securables.require(call, catalog)
    return catalog


def _answer(call: Call, catalog: Securable) -> Document:
    document = securables.load(call.store, catalog)
    if document is None:
        raise securables.missing(catalog)
    return securables.shown(call.store, catalog, document)
