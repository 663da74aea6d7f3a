"""Where the objects of each kind that has access lists are found."""

from collections.abc import Callable, Mapping

from sandbox.context import Context
from sandbox.databricks.world.access.object_access import (
    ALERT,
    APP,
    CLUSTER,
    DASHBOARD,
    DATABASE_INSTANCE,
    DIRECTORY,
    EXPERIMENT,
    FILE,
    JOB,
    NOTEBOOK,
    PIPELINE,
    SERVING_ENDPOINT,
    WAREHOUSE,
    WORKSPACE_MODEL,
    AccessObject,
    ObjectKind,
)
from sandbox.databricks.world.compute import apps, clusters, jobs, pipelines
from sandbox.databricks.world.database import instances
from sandbox.databricks.world.mlflow import workspace_models
from sandbox.databricks.world.refusals import InvalidError, NotFoundError
from sandbox.databricks.world.serving import serving_endpoints
from sandbox.databricks.world.sql import warehouses
from sandbox.databricks.world.workspace import workspace_tree
from sandbox.databricks.world.workspace.workspace_tree import IS_ALERT, IS_DASHBOARD
from sandbox.source import databricks_api

_SOURCE = databricks_api("workspace/permissions")


def _in_tree(kind: ObjectKind) -> Callable[[Context, str], AccessObject]:
    def find(context: Context, object_id: str) -> AccessObject:
        node = workspace_tree.by_id(context, object_id)
        if node is None or workspace_tree.KIND_OF[node.type] is not kind:
            raise NotFoundError(f"{kind.object_type} {object_id} does not exist.", source=_SOURCE)
        return workspace_tree.access(context, node)

    return find


def _by_resource_id(object_type: str) -> Callable[[Context, str], AccessObject]:
    def find(context: Context, resource_id: str) -> AccessObject:
        node = workspace_tree.by_resource_id(context, object_type, resource_id)
        if node is None:
            raise NotFoundError(
                f"{workspace_tree.KIND_OF[object_type].object_type} {resource_id} does not exist.", source=_SOURCE
            )
        return workspace_tree.access(context, node)

    return find


_FIND: Mapping[str, Callable[[Context, str], AccessObject]] = {
    CLUSTER.collection: clusters.existing_access,
    JOB.collection: jobs.existing_access,
    PIPELINE.collection: pipelines.existing_access,
    SERVING_ENDPOINT.collection: serving_endpoints.existing_access,
    WAREHOUSE.collection: warehouses.existing_access,
    "warehouses": warehouses.existing_access,  # as the SDKs call them
    WORKSPACE_MODEL.collection: workspace_models.existing_access,
    APP.collection: apps.existing_access,
    DATABASE_INSTANCE.collection: instances.existing_access,
    **{kind.collection: _in_tree(kind) for kind in (DIRECTORY, NOTEBOOK, FILE, EXPERIMENT)},
    DASHBOARD.collection: _by_resource_id(IS_DASHBOARD),
    ALERT.collection: _by_resource_id(IS_ALERT),
}


def find(context: Context, collection: str, object_id: str) -> AccessObject:
    """The object of that id in a collection, which is what paths call its kind."""
    if collection not in _FIND:
        raise InvalidError(f"request_object_type is not recognized: {collection}", source=_SOURCE)
    return _FIND[collection](context, object_id)
