"""`/pipelines`: pipelines that never run (https://docs.databricks.com/api/workspace/pipelines)."""

import re
import uuid

from sandbox.computed import computed
from sandbox.databricks.rest.bodies import body
from sandbox.databricks.rest.limits import limit
from sandbox.databricks.world.access import object_access
from sandbox.databricks.world.access.object_access import CAN_VIEW, AccessObject
from sandbox.databricks.world.compute import pipelines
from sandbox.databricks.world.identity import principals
from sandbox.limits import OneOf, Spelling, limited
from sandbox.route import Call
from sandbox.source import databricks_api, databricks_cli, databricks_sdk
from sandbox.store import Document

# What a request carries beside the pipeline's own specification.
_NOT_SPECIFICATION = (
    "allow_duplicate_names",
    "dry_run",
    "expected_last_modified",
    "parameters",
    "pipeline_id",
    "run_as",
)

_SDK = databricks_sdk("databricks/sdk/service/pipelines.py")
_TARGET_SAYS = (
    'CreatePipeline target_schema_name "{value}" is not a valid name. Valid names must contain only alphanumeric '
    "characters and underscores, and cannot contain spaces, periods, forward slashes, or control characters."
)
_LIMITS = (
    limit(
        "target",
        Spelling(re.compile(r"[^.]*"), "one part of a name", "schema", "catalog.schema"),
        databricks_cli("libs/testserver/pipelines.go"),
        says=_TARGET_SAYS,
    ),
    limit("edition", OneOf(("ADVANCED", "CORE", "PRO", "advanced", "core", "pro")), _SDK),
    limit("channel", OneOf(("CURRENT", "PREVIEW", "current", "preview")), _SDK),
)


COMPUTED = computed(
    "pipeline",
    databricks_api("workspace/pipelines/get"),
    pipeline_id="an id of its own",
    spec="what was sent, with what the service adds",
    state="IDLE, or RUNNING of one that is continuous",
    creator_user_name="who made it",
    run_as_user_name="who it runs as",
    last_modified="when it was changed, in milliseconds",
)


@limited(*_LIMITS)
def create_pipeline(call: Call) -> Document:
    """Make one; its maker owns it. With `dry_run` nothing is made."""
    _check_name(call, None)
    if body(call).get("dry_run"):
        return {"effective_settings": pipelines.completed(_specification(call), str(uuid.uuid4()))}
    return {"pipeline_id": pipelines.create(call, _specification(call), _beside(call))}


def get_pipeline(call: Call) -> Document:
    """One."""
    pipeline_id = call.params["pipeline_id"]
    return _shown(call, pipeline_id, pipelines.require(call, pipeline_id))


def list_pipelines(call: Call) -> Document:
    """Those that the caller may see."""
    names = ("pipeline_id", "name", "state", "creator_user_name", "run_as_user_name", "health")
    shown = [
        _shown(call, pipeline_id, document)
        for pipeline_id, document in pipelines.all_pipelines(call)
        if object_access.may(call, CAN_VIEW, pipelines.access(pipeline_id))
    ]
    return {"statuses": [{name: one[name] for name in names if name in one} for one in shown]}


@limited(*_LIMITS)
def replace_pipeline(call: Call) -> None:
    """Replace the specification."""
    pipeline_id = call.params["pipeline_id"]
    _check_name(call, pipeline_id)
    pipelines.replace(call, pipeline_id, _specification(call), _beside(call))


def delete_pipeline(call: Call) -> None:
    """Remove one."""
    pipelines.delete(call, call.params["pipeline_id"])


def access(call: Call) -> AccessObject:
    """The pipeline that the call names, as access lists know it."""
    return pipelines.existing_access(call, call.params["pipeline_id"])


def _specification(call: Call) -> Document:
    return {name: value for name, value in body(call).items() if name not in _NOT_SPECIFICATION and value is not None}


def _beside(call: Call) -> Document:
    return {name: body(call)[name] for name in ("parameters", "run_as") if body(call).get(name)}


def _check_name(call: Call, own_id: str | None) -> None:
    name = body(call).get("name")
    if name and not body(call).get("allow_duplicate_names"):
        pipelines.check_name(call, name, own_id)


def _shown(call: Call, pipeline_id: str, document: Document) -> Document:
    specification = document["spec"]
    run_as = document.get("run_as") or {}
    owner = principals.name_of(
        call.store, object_access.owner(call, pipelines.access(pipeline_id)) or document["creator_id"]
    )
    shown: Document = {
        "pipeline_id": pipeline_id,
        "spec": specification,
        # The provider waits until a continuous pipeline runs (pipelines/resource_pipeline.go).
        "state": "RUNNING" if specification.get("continuous") else "IDLE",
        "creator_user_name": principals.name_of(call.store, document["creator_id"]),
        "run_as_user_name": run_as.get("service_principal_name") or run_as.get("user_name") or owner,
        "last_modified": document["last_modified"],
    }
    shown |= {name: document[name] for name in ("parameters", "run_as") if name in document}
    return {**shown, "name": specification["name"]} if "name" in specification else shown
