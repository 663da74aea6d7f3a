"""Securables as they begin: with what the service computes and adds."""

import re
import uuid
from collections.abc import Iterable
from typing import Any

from sandbox.clock import Clock
from sandbox.context import Caller
from sandbox.databricks.world.identity.principals import Principal
from sandbox.databricks.world.unity_catalog import securables
from sandbox.databricks.world.unity_catalog.privileges import SecurableType
from sandbox.databricks.world.unity_catalog.securables import Securable, within
from sandbox.store import Document, Store

# The cloud is told by how a region is named: us-west-2, us-central1, westeurope.
_AWS_REGION = re.compile(r"[a-z]{2}(-gov)?-[a-z]+-\d")
_GCP_REGION = re.compile(r"[a-z]+-[a-z]+\d+")


def make_metastore(
    store: Store,
    clock: Clock,
    metastore: Securable,
    *,
    name: str,
    region: str,
    creator: Caller | Principal,
    fields: Document | None = None,
) -> None:
    """Make a metastore; it belongs to its creator, who manages all that will be in it."""
    about = {**(fields or {}), "name": name, "cloud": cloud_of(region), "region": region}
    securables.insert(store, clock, metastore, creator=creator, fields=about)


def cloud_of(region: str) -> str:
    """The cloud that has a region of that name: "aws", "gcp" or "azure"."""
    if _AWS_REGION.fullmatch(region):
        return "aws"
    return "gcp" if _GCP_REGION.fullmatch(region) else "azure"


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
    computed = {
        "catalog_name": catalog.name,
        "schema_name": schema.name,
        "table_id": str(uuid.uuid4()),
        "table_type": "MANAGED",
        "data_source_format": "DELTA",
        "columns": list(columns),
        "properties": {},
    }
    securables.insert(store, clock, table, creator=creator, fields={**computed, **(fields or {})})
