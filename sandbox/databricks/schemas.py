"""`/unity-catalog/schemas` (https://docs.databricks.com/api/workspace/schemas)."""

import uuid
from typing import Any

from sandbox.clock import Clock
from sandbox.databricks import authorization, securables
from sandbox.databricks.bodies import body, optional, required
from sandbox.databricks.principals import Principal
from sandbox.databricks.refusals import InvalidError, NotBuiltError
from sandbox.databricks.securables import Securable, securable
from sandbox.route import Call, Caller
from sandbox.store import Document, Store
from unity_catalog import SecurableType

_SENT = ("comment", "properties", "storage_root")
_CHANGEABLE = ("comment", "properties", "enable_predictive_optimization")


def make_schema(
    store: Store, clock: Clock, schema: Securable, *, creator: Caller | Principal, fields: dict[str, Any]
) -> None:
    """Make a schema."""
    computed = {
        "catalog_name": schema.containers[0].full_name,
        "catalog_type": "MANAGED_CATALOG",
        "enable_predictive_optimization": "INHERIT",
        "schema_id": str(uuid.uuid4()),
        "securable_type": "SCHEMA",
    }
    securables.insert(store, clock, schema, creator=creator, fields={**computed, **fields})


def create_schema(call: Call) -> Document:
    """Make one; the caller owns it."""
    schema = securable(
        call, SecurableType.SCHEMA, f"{required(call, 'catalog_name', str)}.{required(call, 'name', str)}"
    )
    fields = {name: value for name in _SENT if (value := body(call).get(name)) not in (None, "", {})}
    make_schema(call.store, call.clock, schema, creator=call.caller, fields=fields)
    return _answer(call, schema)


def list_schemas(call: Call) -> Document:
    """Those of a catalog that the caller may see."""
    if "catalog_name" not in call.query:
        raise InvalidError("Missing required field: catalog_name")
    catalog = securable(call, SecurableType.CATALOG, call.query["catalog_name"])
    securables.require(call, catalog)
    found = securables.children(call.store, catalog)
    return {"schemas": [_answer(call, one) for one in found if authorization.may_see(call.store, call.caller, one)]}


def get_schema(call: Call) -> Document:
    """One."""
    return _answer(call, _wanted(call))


def update_schema(call: Call) -> Document:
    """Change one, or give it to somebody else."""
    schema = _wanted(call)
    if body(call).get("new_name", schema.name) not in (schema.name, ""):
        raise NotBuiltError("The sandbox does not rename schemas: sandbox/databricks/schemas.py.")
    changes = {name: body(call)[name] for name in _CHANGEABLE if name in body(call)}
    securables.update(call, schema, changes | securables.owner_change(call, optional(call, "owner", str)))
    return _answer(call, schema)


def delete_schema(call: Call) -> None:
    """Remove one; with `force` also when it is not empty."""
    schema = _wanted(call)
    if call.query.get("force") != "true":
        securables.require_empty(call.store, schema)
    securables.remove(call.store, schema)


def _wanted(call: Call) -> Securable:
    schema = securable(call, SecurableType.SCHEMA, call.params["full_name"])
    securables.require(call, schema)
    return schema


def _answer(call: Call, schema: Securable) -> Document:
    return securables.shown(call.store, schema, securables.require(call, schema))
