"""Attributes of database instances, their catalogs and their synced tables, each changed by a mask.

https://docs.databricks.com/api/workspace/database
"""

from sandbox.tampering.attributes.forms import Another, Attribute, Document, Form, Never, Rows
from sandbox.tampering.console import Console, escaped
from sandbox.tampering.managed import Managed

_API = "/api/2.0/database"
_ALWAYS = Never("every stack sets it")


def _form(kind: str, collection: str) -> Form:
    def path(one: Managed) -> str:
        return f"{_API}/{collection}/{escaped(one['name'])}"

    def read(console: Console, one: Managed) -> Document:
        return dict(console.databricks("GET", one.host, path(one)))

    def write(console: Console, one: Managed, before: Document, after: Document) -> None:
        mask = ",".join(sorted(name for name in {*before, *after} if before.get(name) != after.get(name)))
        console.databricks("PATCH", one.host, path(one), after, query={"update_mask": mask})

    return Form(type=kind, read=read, write=write)


INSTANCES = Rows(
    _form("databricks_database_instance", "instances"),
    (
        Attribute(
            name="capacity",
            changed=Another(("CU_2", "CU_4")),
            removed=Never("an instance has one always"),
            added=_ALWAYS,
        ),
        Attribute(name="retention_window_in_days", changed=lambda held: held + 1, added=14),
        Attribute(name="stopped", added=True, only_added=True),
    ),
)
CATALOGS = Rows(
    _form("databricks_database_database_catalog", "catalogs"),
    (
        Attribute(
            name="database_name",
            changed=Another(("by_hand", "by_hand_too")),
            removed=Never("a catalog shows one always"),
            added=_ALWAYS,
        ),
    ),
)
SYNCED_TABLES = Rows(
    _form("databricks_database_synced_database_table", "synced_tables"),
    (
        Attribute(
            name="spec",
            changed=lambda held: {**held, "scheduling_policy": "TRIGGERED"},
            removed=Never("a table follows another always"),
            added=_ALWAYS,
        ),
    ),
)
