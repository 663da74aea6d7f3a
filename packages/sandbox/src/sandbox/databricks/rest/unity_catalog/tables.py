"""`/unity-catalog/tables`: what tables are, without their data (https://docs.databricks.com/api/workspace/tables)."""

from sandbox.databricks.rest.unity_catalog.requested import change, listed_schema, shown, wanted
from sandbox.databricks.world.unity_catalog import securables
from sandbox.databricks.world.unity_catalog.privileges import SecurableType
from sandbox.databricks.world.unity_catalog.securables import Securable, securable
from sandbox.route import Call
from sandbox.store import Document


def list_tables(call: Call) -> Document:
    """Those of a schema that the caller may see."""
    return {"tables": [_shown(call, one) for one in listed_schema(call, SecurableType.TABLE)]}


def get_table(call: Call) -> Document:
    """One."""
    return _shown(call, wanted(call, SecurableType.TABLE))


def table_exists(call: Call) -> Document:
    """Whether there is one."""
    table = securable(call, SecurableType.TABLE, call.params["full_name"])
    return {"table_exists": securables.load(call.store, table) is not None}


def update_table(call: Call) -> None:
    """Give one to somebody else, or change its comment."""
    change(call, wanted(call, SecurableType.TABLE), "comment")


def delete_table(call: Call) -> None:
    """Remove one."""
    securables.remove(call.store, wanted(call, SecurableType.TABLE))


def _shown(call: Call, table: Securable) -> Document:
    return {key: value for key, value in shown(call, table).items() if key != "monitor"}
