"""`/pipelines`: pipelines that never run (https://docs.databricks.com/api/workspace/pipelines)."""

import uuid

from sandbox.databricks import object_access, principals
from sandbox.databricks.bodies import body
from sandbox.databricks.object_access import CAN_VIEW, IS_OWNER, PIPELINE, AccessObject
from sandbox.databricks.refusals import InvalidError, NotFoundError
from sandbox.databricks.workspaces import here
from sandbox.route import Call
from sandbox.store import Document

_KIND = "databricks.pipeline"
# What a request carries beside the pipeline's own specification.
_NOT_SPECIFICATION = (
    "allow_duplicate_names",
    "dry_run",
    "expected_last_modified",
    "parameters",
    "pipeline_id",
    "run_as",
)


def create_pipeline(call: Call) -> Document:
    """Make one; its maker owns it. With `dry_run` nothing is made."""
    _check_name(call, None)
    if body(call).get("dry_run"):
        return {"effective_settings": _specification(call, str(uuid.uuid4()))}
    pipeline_id = str(uuid.uuid4())
    call.store.put(_KIND, _key(call, pipeline_id), _document(call, pipeline_id, creator_id=call.caller.id))
    object_access.set_entries(call, _access(pipeline_id), {call.caller.id: IS_OWNER})
    return {"pipeline_id": pipeline_id}


def get_pipeline(call: Call) -> Document:
    """One."""
    pipeline_id, document = wanted(call)
    return _shown(call, pipeline_id, document)


def list_pipelines(call: Call) -> Document:
    """Those that the caller may see."""
    found = {key.partition("/")[2]: document for key, document in call.store.all(_KIND, prefix=_key(call, ""))}
    names = ("pipeline_id", "name", "state", "creator_user_name", "run_as_user_name", "health")
    shown = [_shown(call, one, found[one]) for one in found if object_access.may(call, CAN_VIEW, _access(one))]
    return {"statuses": [{name: one[name] for name in names if name in one} for one in shown]}


def replace_pipeline(call: Call) -> None:
    """Replace the specification."""
    pipeline_id, document = wanted(call)
    _check_name(call, pipeline_id)
    call.store.put(_KIND, _key(call, pipeline_id), _document(call, pipeline_id, creator_id=document["creator_id"]))


def delete_pipeline(call: Call) -> None:
    """Remove one."""
    pipeline_id, _ = wanted(call)
    object_access.set_entries(call, _access(pipeline_id), {})
    call.store.delete(_KIND, _key(call, pipeline_id))


def wanted(call: Call, pipeline_id: str | None = None) -> tuple[str, Document]:
    """The pipeline that the call names, with its id."""
    pipeline_id = pipeline_id or call.params["pipeline_id"]
    document = call.store.get(_KIND, _key(call, pipeline_id))
    if document is None:
        raise NotFoundError(f"The specified pipeline {pipeline_id} was not found.")
    return pipeline_id, document


def access(call: Call) -> AccessObject:
    """The pipeline that the call names, as access lists know it."""
    return _access(wanted(call)[0])


def access_by_id(call: Call, pipeline_id: str) -> AccessObject:
    """The pipeline with that id, as access lists know it."""
    return _access(wanted(call, pipeline_id)[0])


def _document(call: Call, pipeline_id: str, *, creator_id: str) -> Document:
    beside = {name: body(call)[name] for name in ("parameters", "run_as") if body(call).get(name)}
    specification = _specification(call, pipeline_id)
    return {**beside, "spec": specification, "creator_id": creator_id, "last_modified": call.clock.milliseconds()}


def _specification(call: Call, pipeline_id: str) -> Document:
    sent = {name: value for name, value in body(call).items() if name not in _NOT_SPECIFICATION and value is not None}
    # Without a catalog a pipeline stores in DBFS (setSpecDefaults in libs/testserver/pipelines.go of the CLI).
    computed = {} if sent.get("catalog") or sent.get("storage") else {"storage": f"dbfs:/pipelines/{pipeline_id}"}
    return {**sent, **computed, "id": pipeline_id}


def _check_name(call: Call, own_id: str | None) -> None:
    name = body(call).get("name")
    if not name or body(call).get("allow_duplicate_names"):
        return
    for key, document in call.store.all(_KIND, prefix=_key(call, "")):
        if document["spec"].get("name") == name and key.partition("/")[2] != own_id:
            raise InvalidError(
                f"The pipeline name '{name}' is already used by another pipeline. "
                "This check can be skipped by setting `allow_duplicate_names = true` in the request.",
                code="RESOURCE_CONFLICT",
            )


def _shown(call: Call, pipeline_id: str, document: Document) -> Document:
    specification = document["spec"]
    run_as = document.get("run_as") or {}
    owner = principals.name_of(call.store, object_access.owner(call, _access(pipeline_id)) or document["creator_id"])
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


def _access(pipeline_id: str) -> AccessObject:
    return AccessObject(PIPELINE, pipeline_id)


def _key(call: Call, pipeline_id: str) -> str:
    return f"{here(call).id}/{pipeline_id}"
