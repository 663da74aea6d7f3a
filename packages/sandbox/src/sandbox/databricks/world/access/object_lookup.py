"""Where the objects of each kind that has access lists are found."""

from collections.abc import Callable, Mapping

from sandbox.context import Context
from sandbox.databricks.world.access.object_access import (
    DIRECTORY,
    EXPERIMENT,
    FILE,
    JOB,
    NOTEBOOK,
    PIPELINE,
    WORKSPACE_MODEL,
    AccessObject,
    ObjectKind,
)
from sandbox.databricks.world.compute import jobs, pipelines
from sandbox.databricks.world.mlflow import workspace_models
from sandbox.databricks.world.refusals import InvalidError, NotFoundError
from sandbox.databricks.world.workspace import workspace_tree
from sandbox.source import databricks_api

_SOURCE = databricks_api("workspace/permissions")


def _in_tree(kind: ObjectKind) -> Callable[[Context, str], AccessObject]:
    def find(context: Context, object_id: str) -> AccessObject:
        node = workspace_tree.by_id(context, object_id)
        if node is None or workspace_tree.KIND_OF[node.type] is not kind:
            raise NotFoundError(f"{kind.object_type} {object_id} does not exist.", source=_SOURCE)
        return workspace_tree.access(context, node)

    return find


_FIND: Mapping[str, Callable[[Context, str], AccessObject]] = {
    JOB.collection: jobs.existing_access,
    PIPELINE.collection: pipelines.existing_access,
    WORKSPACE_MODEL.collection: workspace_models.existing_access,
    **{kind.collection: _in_tree(kind) for kind in (DIRECTORY, NOTEBOOK, FILE, EXPERIMENT)},
}


def find(context: Context, collection: str, object_id: str) -> AccessObject:
    """The object of that id in a collection, which is what paths call its kind."""
    if collection not in _FIND:
        raise InvalidError(f"request_object_type is not recognized: {collection}", source=_SOURCE)
    return _FIND[collection](context, object_id)
