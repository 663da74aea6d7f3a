"""Catalogs of Unity Catalog that show the databases of an instance."""

import uuid
from typing import Any

from sandbox.context import Context
from sandbox.databricks.world.database import instances
from sandbox.databricks.world.refusals import NotFoundError
from sandbox.databricks.world.unity_catalog import securables
from sandbox.databricks.world.unity_catalog.new_securables import make_catalog
from sandbox.databricks.world.unity_catalog.privileges import SecurableType
from sandbox.databricks.world.unity_catalog.securables import Securable
from sandbox.databricks.world.workspace_documents import WorkspaceDocuments
from sandbox.source import databricks_api
from sandbox.store import Document

_SOURCE = databricks_api("workspace/database/getdatabasecatalog")

_CATALOGS = WorkspaceDocuments("databricks.database_catalog")


def create(context: Context, name: str, *, instance: str, database: str) -> None:
    """Register a database of an instance, which has to be there, as a catalog of the caller's."""
    instances.require(context, instance)
    catalog = securable_of(context, name)
    kind = {"catalog_type": "MANAGED_ONLINE_CATALOG"}
    make_catalog(context.store, context.clock, catalog, creator=context.caller, fields=kind)
    about = {"database_instance_name": instance, "database_name": database, "uid": str(uuid.uuid4())}
    _CATALOGS.put(context, catalog.full_name, about)


def find(context: Context, name: str) -> Document | None:
    """What a catalog shows, if it shows a database; one that Unity Catalog has no longer is gone."""
    catalog = securable_of(context, name)
    document = _CATALOGS.get(context, catalog.full_name)
    return document if document is None or securables.load(context.store, catalog) else None


def require(context: Context, name: str) -> Document:
    """What a catalog shows; refused where it is no such catalog."""
    document = find(context, name)
    if document is None:
        raise NotFoundError(f"Database catalog '{name}' does not exist.", source=_SOURCE)
    return document


def change(context: Context, name: str, changes: dict[str, Any]) -> None:
    """Let a catalog show another database."""
    document = {**require(context, name), **changes}
    instances.require(context, document["database_instance_name"])
    _CATALOGS.put(context, securable_of(context, name).full_name, document)


def delete(context: Context, name: str) -> None:
    """Take the catalog away with what Unity Catalog knows of its contents."""
    require(context, name)
    catalog = securable_of(context, name)
    securables.remove(context.store, catalog)
    _CATALOGS.delete(context, catalog.full_name)


def securable_of(context: Context, name: str) -> Securable:
    """The catalog to Unity Catalog."""
    return securables.securable(context, SecurableType.CATALOG, name)
