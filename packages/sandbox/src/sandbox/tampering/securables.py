"""What somebody does to catalogs, schemas, volumes, models and monitors of Unity Catalog."""

from typing import Any

from sandbox.databricks.world.day_one import ADMIN_USER
from sandbox.databricks.world.identity.membership import ACCOUNT_USERS
from sandbox.databricks.world.unity_catalog.privileges import Privilege
from sandbox.tampering.acts import Act, Doing, another, by_hand, generated
from sandbox.tampering.console import Console, ImpossibleError, escaped
from sandbox.tampering.managed import Managed

_API = "/api/2.1/unity-catalog"
_COLLECTION = {
    "databricks_catalog": "catalogs",
    "databricks_registered_model": "models",
    "databricks_schema": "schemas",
    "databricks_volume": "volumes",
}
# Not empty is how they are found.
_FORCED = ("databricks_catalog", "databricks_schema")


def _path(one: Managed) -> str:
    return f"{_API}/{_COLLECTION[one.type]}/{escaped(one['id'])}"


def _give_away(console: Console, one: Managed) -> None:
    owner = another((ADMIN_USER, ACCOUNT_USERS), one["owner"])
    if console.databricks("GET", one.host, _path(one))["owner"] == owner:
        raise ImpossibleError("it is already so")
    console.databricks("PATCH", one.host, _path(one), {"owner": owner})


def _comment(console: Console, one: Managed) -> None:
    comment = console.databricks("GET", one.host, _path(one)).get("comment")
    console.databricks("PATCH", one.host, _path(one), {"comment": by_hand(comment)})


def _delete(console: Console, one: Managed) -> None:
    console.databricks("DELETE", one.host, _path(one), query={"force": "true"} if one.type in _FORCED else None)


def _isolate(console: Console, one: Managed) -> None:
    if console.databricks("GET", one.host, _path(one))["isolation_mode"] == "ISOLATED":
        raise ImpossibleError("it is already so")
    console.databricks("PATCH", one.host, _path(one), {"isolation_mode": "ISOLATED"})


# --- Quality monitors. What is sent replaces everything that can be told to one.

_TOLD = ("assets_dir", "output_schema_name", "schedule", "slicing_exprs", "snapshot", "time_series", "inference_log")


def _monitor(one: Managed) -> str:
    return f"{_API}/tables/{escaped(one['table_name'])}/monitor"


def _monitored(console: Console, one: Managed) -> dict[str, Any]:
    """What the monitor was told. To see that, the administrator lets itself read the table."""
    let_in = {"principal": console.name, "add": [Privilege.SELECT]}
    path = f"{_API}/permissions/table/{escaped(one['table_name'])}"
    console.databricks("PATCH", one.host, path, {"changes": [let_in]})
    found = console.databricks("GET", one.host, _monitor(one))
    return {name: found[name] for name in _TOLD if name in found}


def _move_metrics(console: Console, one: Managed) -> None:
    held = _monitored(console, one)
    catalog = str(one["output_schema_name"]).partition(".")[0]
    schemas = console.databricks("GET", one.host, f"{_API}/schemas", query={"catalog_name": catalog})["schemas"]
    names = [f"{catalog}.{schema['name']}" for schema in schemas]
    schema = another(names, one["output_schema_name"], held["output_schema_name"])
    console.databricks("PUT", one.host, _monitor(one), {**held, "output_schema_name": schema})


def _measure_by_time(console: Console, one: Managed) -> None:
    held = _monitored(console, one)
    if "snapshot" not in held:
        raise ImpossibleError("it is already so")
    kept = {name: value for name, value in held.items() if name != "snapshot"}
    by_time = {"timestamp_col": "at", "granularities": ["1 day"]}
    console.databricks("PUT", one.host, _monitor(one), {**kept, "time_series": by_time})


def _delete_monitor(console: Console, one: Managed) -> None:
    _monitored(console, one)
    console.databricks("DELETE", one.host, _monitor(one))


def _deleted(name: str, kind: str, says: str, do: Doing = _delete) -> Act:
    return Act(name, says, (kind,), do)


ACTS = (
    *(generated(kind, "owner", "is given away", _give_away) for kind in ("databricks_catalog", "databricks_schema")),
    *(
        generated(kind, "comment", "has another comment", _comment)
        for kind in ("databricks_registered_model", "databricks_schema", "databricks_volume")
    ),
    Act("owner-changed", "is given away", ("databricks_catalog", "databricks_schema"), _give_away),
    Act("catalog-isolated", "is isolated from every workspace", ("databricks_catalog",), _isolate),
    _deleted("catalog-deleted", "databricks_catalog", "is deleted with all that is in it"),
    _deleted("schema-deleted", "databricks_schema", "is deleted with all that is in it"),
    _deleted("volume-deleted", "databricks_volume", "is deleted"),
    _deleted("model-deleted", "databricks_registered_model", "is deleted"),
    generated("databricks_quality_monitor", "output_schema_name", "writes into another schema", _move_metrics),
    generated("databricks_quality_monitor", "snapshot", "looks at the table by time", _measure_by_time),
    _deleted("monitor-deleted", "databricks_quality_monitor", "is deleted", _delete_monitor),
)
