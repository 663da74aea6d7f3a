"""Clusters that compute nothing."""

import secrets

from sandbox.context import Context
from sandbox.databricks.world.identity import membership
from sandbox.databricks.world.refusals import InvalidError
from sandbox.databricks.world.workspaces import here
from sandbox.source import databricks_go_sdk
from sandbox.store import Document

_SOURCE = databricks_go_sdk("apierr/error_overrides.go")

_KIND = "databricks.cluster"


def create(context: Context, settings: Document) -> str:
    """Make a cluster, which runs at once; its id."""
    cluster_id = f"{context.clock.now():%m%d-%H%M%S}-{secrets.token_hex(4)}"
    owned = {"workspace_id": here(context).id, "creator_id": context.caller.id, "state": "RUNNING"}
    context.store.put(_KIND, cluster_id, {**settings, **owned})
    return cluster_id


def require(context: Context, cluster_id: str) -> Document:
    """The cluster of that id in this workspace."""
    document = context.store.get(_KIND, cluster_id)
    if document is None or document["workspace_id"] != here(context).id:
        # The provider takes this sentence for a missing cluster (apierr/error_overrides.go).
        raise InvalidError(f"Cluster {cluster_id} does not exist", source=_SOURCE)
    return document


def visible(context: Context) -> list[tuple[str, Document]]:
    """The caller's own clusters; admins see all of the workspace."""
    everything = membership.level(context.store, here(context).id, context.caller.id) == membership.ADMIN
    return [
        (cluster_id, document)
        for cluster_id, document in context.store.all(_KIND)
        if document["workspace_id"] == here(context).id and (everything or document["creator_id"] == context.caller.id)
    ]


def terminate(context: Context, cluster_id: str) -> None:
    """Stop a cluster; its settings stay."""
    context.store.put(_KIND, cluster_id, {**require(context, cluster_id), "state": "TERMINATED"})


def delete(context: Context, cluster_id: str) -> None:
    """Remove a cluster."""
    require(context, cluster_id)
    context.store.delete(_KIND, cluster_id)
