"""`/unity-catalog/tables`: what tables are, without their data (https://docs.databricks.com/api/workspace/tables)."""

import uuid
from collections.abc import Iterable
from typing import Any

from sandbox.clock import Clock
from sandbox.databricks import authorization, securables
from sandbox.databricks.bodies import body, optional
from sandbox.databricks.principals import Principal
from sandbox.databricks.refusals import InvalidError
from sandbox.databricks.securables import Securable, securable
from sandbox.route import Call, Caller
from sandbox.store import Document, Store
from unity_catalog import SecurableType


def make_table(
    store: Store,
    clock: Clock,
    table: Securable,
    *,
    creator: Caller | Principal,
    columns: Iterable[Document] = (),
    fields: dict[str, Any] | None = None,
) -> None:
    """Make a managed Delta table, or a view if the fields say so."""
    catalog, schema = table.containers
    table_id = str(uuid.uuid4())
    computed = {
        "catalog_name": catalog.name,
        "schema_name": schema.name,
        "table_id": table_id,
        "table_type": "MANAGED",
        "data_source_format": "DELTA",
        "columns": list(columns),
        "properties": {},
    }
    securables.insert(store, clock, table, creator=creator, fields={**computed, **(fields or {})})


def list_tables(call: Call) -> Document:
    """Those of a schema that the caller may see."""
    found = [one for one in listed_schema(call) if one.type is SecurableType.TABLE]
    return {"tables": [_answer(call, one) for one in found]}


def get_table(call: Call) -> Document:
    """One."""
    return _answer(call, _wanted(call))


def table_exists(call: Call) -> Document:
    """Whether there is one."""
    table = securable(call, SecurableType.TABLE, call.params["full_name"])
    return {"table_exists": securables.load(call.store, table) is not None}


def update_table(call: Call) -> None:
    """Give one to somebody else, or change its comment."""
    changes = {name: body(call)[name] for name in ("comment",) if name in body(call)}
    securables.update(call, _wanted(call), changes | securables.owner_change(call, optional(call, "owner", str)))


def delete_table(call: Call) -> None:
    """Remove one."""
    securables.remove(call.store, _wanted(call))


def listed_schema(call: Call) -> list[Securable]:
    """What the caller may see of the schema that the query names."""
    missing = [name for name in ("catalog_name", "schema_name") if not call.query.get(name)]
    if missing:
        raise InvalidError(f"Missing required field: {missing[0]}")
    schema = securable(call, SecurableType.SCHEMA, f"{call.query['catalog_name']}.{call.query['schema_name']}")
    securables.require(call, schema)
    found = securables.children(call.store, schema)
    return [one for one in found if authorization.may_see(call.store, call.caller, one)]


def _wanted(call: Call) -> Securable:
    table = securable(call, SecurableType.TABLE, call.params["full_name"])
    securables.require(call, table)
    return table


def _answer(call: Call, table: Securable) -> Document:
    answer = securables.shown(call.store, table, securables.require(call, table))
    return {key: value for key, value in answer.items() if key != "monitor"}
