"""Pipelines that never run."""

import uuid

from sandbox.context import Context
from sandbox.databricks.world.access import object_access
from sandbox.databricks.world.access.object_access import IS_OWNER, PIPELINE, AccessObject
from sandbox.databricks.world.refusals import InvalidError, NotFoundError
from sandbox.databricks.world.workspace_documents import WorkspaceDocuments
from sandbox.source import databricks_api, databricks_provider
from sandbox.store import Document

_SOURCE = databricks_provider("pipelines/resource_pipeline.go")
_REFERENCE = databricks_api("workspace/pipelines/create")

_PIPELINES = WorkspaceDocuments("databricks.pipeline")


def create(context: Context, specification: Document, beside: Document) -> str:
    """Make a pipeline, which its maker owns; its id. `beside` is what is kept next to its specification."""
    pipeline_id = str(uuid.uuid4())
    _put(context, pipeline_id, specification, beside, creator_id=context.caller.id)
    object_access.set_entries(context, access(pipeline_id), {context.caller.id: IS_OWNER})
    return pipeline_id


def require(context: Context, pipeline_id: str) -> Document:
    """The pipeline of that id."""
    document = _PIPELINES.get(context, pipeline_id)
    if document is None:
        raise NotFoundError(f"The specified pipeline {pipeline_id} was not found.", source=_SOURCE)
    return document


def all_pipelines(context: Context) -> list[tuple[str, Document]]:
    """Every pipeline of the workspace, by id."""
    return _PIPELINES.all(context)


def replace(context: Context, pipeline_id: str, specification: Document, beside: Document) -> None:
    """Replace what a pipeline says."""
    creator_id = require(context, pipeline_id)["creator_id"]
    _put(context, pipeline_id, specification, beside, creator_id=creator_id)


def delete(context: Context, pipeline_id: str) -> None:
    """Remove a pipeline with its access list."""
    require(context, pipeline_id)
    object_access.set_entries(context, access(pipeline_id), {})
    _PIPELINES.delete(context, pipeline_id)


def check_name(context: Context, name: str, own_id: str | None = None) -> None:
    """Refuse a name that another pipeline has."""
    for pipeline_id, document in all_pipelines(context):
        if document["spec"].get("name") == name and pipeline_id != own_id:
            raise InvalidError(
                f"The pipeline name '{name}' is already used by another pipeline. "
                "This check can be skipped by setting `allow_duplicate_names = true` in the request.",
                code="RESOURCE_CONFLICT",
                source=_REFERENCE,
            )


def completed(specification: Document, pipeline_id: str) -> Document:
    """A specification with what the service adds to it."""
    # Without a catalog a pipeline stores in DBFS (setSpecDefaults in libs/testserver/pipelines.go of the CLI).
    in_dbfs = not specification.get("catalog") and not specification.get("storage")
    computed = {"storage": f"dbfs:/pipelines/{pipeline_id}"} if in_dbfs else {}
    return {**specification, **computed, "id": pipeline_id}


def access(pipeline_id: str) -> AccessObject:
    """A pipeline as access lists know it."""
    return AccessObject(PIPELINE, pipeline_id)


def existing_access(context: Context, pipeline_id: str) -> AccessObject:
    """A pipeline as access lists know it; refused when there is none of that id."""
    require(context, pipeline_id)
    return access(pipeline_id)


def _put(context: Context, pipeline_id: str, specification: Document, beside: Document, *, creator_id: str) -> None:
    kept = {"spec": completed(specification, pipeline_id), "creator_id": creator_id}
    _PIPELINES.put(context, pipeline_id, {**beside, **kept, "last_modified": context.clock.milliseconds()})
