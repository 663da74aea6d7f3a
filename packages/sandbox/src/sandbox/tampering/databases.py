"""What somebody does to database instances, their catalogs and their synced tables."""

from sandbox.tampering.acts import Act
from sandbox.tampering.console import Console, escaped
from sandbox.tampering.managed import Managed

_API = "/api/2.0/database"


def _delete_instance(console: Console, one: Managed) -> None:
    console.databricks("DELETE", one.host, f"{_API}/instances/{escaped(one['name'])}", query={"purge": "true"})


def _delete_catalog(console: Console, one: Managed) -> None:
    console.databricks("DELETE", one.host, f"{_API}/catalogs/{escaped(one['name'])}")


def _delete_synced_table(console: Console, one: Managed) -> None:
    console.databricks("DELETE", one.host, f"{_API}/synced_tables/{escaped(one['name'])}")


ACTS = (
    Act(
        "database-instance-deleted",
        "is deleted with its databases",
        ("databricks_database_instance",),
        _delete_instance,
    ),
    Act("database-catalog-deleted", "is deleted", ("databricks_database_database_catalog",), _delete_catalog),
    Act("synced-table-deleted", "is deleted", ("databricks_database_synced_database_table",), _delete_synced_table),
)
