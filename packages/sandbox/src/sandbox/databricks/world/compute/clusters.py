"""Clusters that compute nothing."""

import secrets
from collections.abc import Callable

from sandbox.context import Context
from sandbox.databricks.world.access import object_access
from sandbox.databricks.world.access.object_access import CAN_ATTACH_TO, CAN_MANAGE, CLUSTER, AccessObject
from sandbox.databricks.world.refusals import InvalidError, NotFoundError
from sandbox.databricks.world.workspace_documents import WorkspaceDocuments
from sandbox.source import databricks_go_sdk
from sandbox.store import Document

_SOURCE = databricks_go_sdk("apierr/error_overrides.go")
_CLUSTERS = WorkspaceDocuments("databricks.cluster")


def create(context: Context, settings: Document) -> str:
    """Make a cluster, which runs at once and is managed by its maker; its id."""
    cluster_id = f"{context.clock.now():%m%d-%H%M%S}-{secrets.token_hex(4)}"
    owned = {"creator_id": context.caller.id, "state": "RUNNING", "start_time": context.clock.milliseconds()}
    _CLUSTERS.put(context, cluster_id, {**settings, **owned})
    object_access.set_entries(context, access(cluster_id), {context.caller.id: CAN_MANAGE})
    return cluster_id


def require(context: Context, cluster_id: str) -> Document:
    """The cluster of that id in this workspace."""
    document = _CLUSTERS.get(context, cluster_id)
    if document is None:
        # The provider takes this sentence for a missing cluster (apierr/error_overrides.go).
        raise InvalidError(f"Cluster {cluster_id} does not exist", source=_SOURCE)
    return document


def visible(context: Context) -> list[tuple[str, Document]]:
    """Those that the caller may attach to, by id."""
    return [
        (cluster_id, document)
        for cluster_id, document in _CLUSTERS.all(context)
        if object_access.may(context, CAN_ATTACH_TO, access(cluster_id))
    ]


def change(context: Context, cluster_id: str, changed: Callable[[Document], Document]) -> None:
    """Write a cluster anew."""
    _CLUSTERS.put(context, cluster_id, changed(require(context, cluster_id)))


def delete(context: Context, cluster_id: str) -> None:
    """Remove a cluster with its access list."""
    if require(context, cluster_id).get("pinned_by_user_name"):
        raise InvalidError(
            f"Cluster {cluster_id} is pinned: unpin the cluster first", code="INVALID_STATE", source=_SOURCE
        )
    object_access.set_entries(context, access(cluster_id), {})
    _CLUSTERS.delete(context, cluster_id)


def access(cluster_id: str) -> AccessObject:
    """A cluster as access lists know it."""
    return AccessObject(CLUSTER, cluster_id)


def existing_access(context: Context, cluster_id: str) -> AccessObject:
    """A cluster as access lists know it; refused when there is none of that id."""
    if _CLUSTERS.get(context, cluster_id) is None:
        # Only where clusters are asked for themselves does the provider take an invalid parameter for a missing one.
        raise NotFoundError(f"Cluster {cluster_id} does not exist", source=_SOURCE)
    return access(cluster_id)
