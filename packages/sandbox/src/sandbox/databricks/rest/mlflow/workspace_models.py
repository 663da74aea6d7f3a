"""`/mlflow/registered-models`: the models of the workspace's own registry, without versions.

https://docs.databricks.com/api/workspace/modelregistry; those of Unity Catalog are in registered_models.py.
"""

from sandbox.computed import computed
from sandbox.databricks.rest.bodies import body, optional, required
from sandbox.databricks.rest.limits import limit
from sandbox.databricks.world.access import object_access
from sandbox.databricks.world.access.object_access import CAN_READ, AccessObject
from sandbox.databricks.world.mlflow import workspace_models
from sandbox.databricks.world.refusals import InvalidError
from sandbox.limits import Needed, limited
from sandbox.route import Call
from sandbox.source import databricks_api, databricks_cli
from sandbox.store import Document

_SOURCE = databricks_api("workspace/modelregistry")

_NAMED = limit(
    "name",
    Needed("model"),
    databricks_cli("libs/testserver/models.go"),
    says="Got an invalid name ''. Registered Model names cannot be empty strings.",
)


COMPUTED = computed(
    "workspace model",
    databricks_api("workspace/modelregistry/getmodel"),
    creation_timestamp="when it was made, in milliseconds",
    last_updated_timestamp="when it was changed, in milliseconds",
    user_id="who made it",
    id="an id of its own",
    permission_level="what the caller may do",
)


@limited(_NAMED)
def create_model(call: Call) -> Document:
    """Make one; its maker manages it."""
    name = required(call, "name", str)
    fields = {field: value for field in ("description", "tags") if (value := body(call).get(field))}
    return {"registered_model": _shown(workspace_models.create(call, name, fields))}


def get_model(call: Call) -> Document:
    """One, with the id that its permissions go by."""
    document = wanted(call)
    return {"registered_model_databricks": {**_shown(document), "id": document["id"]}}


def list_models(call: Call) -> Document:
    """Those that the caller may see."""
    return {
        "registered_models": [
            _shown(one)
            for one in workspace_models.all_models(call)
            if object_access.may(call, CAN_READ, workspace_models.access(one))
        ]
    }


def update_model(call: Call) -> Document:
    """Change the description."""
    description, now = optional(call, "description", str) or "", call.clock.milliseconds()
    changed = {**wanted(call), "description": description, "last_updated_timestamp": now}
    kept = {name: value for name, value in changed.items() if value != ""}
    return {"registered_model": _shown(workspace_models.save(call, kept))}


def set_model_tag(call: Call) -> None:
    """Add a tag, or change its value."""
    document, key = wanted(call), required(call, "key", str)
    tags = [tag for tag in document.get("tags", ()) if tag["key"] != key]
    tags.append({"key": key, "value": optional(call, "value", str) or ""})
    workspace_models.save(call, {**document, "tags": tags})


def delete_model_tag(call: Call) -> None:
    """Remove a tag, if it is there (https://docs.databricks.com/api/workspace/modelregistry/deletemodeltag)."""
    document = wanted(call)
    tags = [tag for tag in document.get("tags", ()) if tag["key"] != call.query.get("key")]
    others = {name: value for name, value in document.items() if name != "tags"}
    workspace_models.save(call, {**others, "tags": tags} if tags else others)


def delete_model(call: Call) -> None:
    """Remove one."""
    workspace_models.delete(call, wanted(call))


def wanted(call: Call) -> Document:
    """The model that the call names."""
    name = call.query["name"] if "name" in call.query else required(call, "name", str)
    if not name:
        raise InvalidError("Missing required field: name", source=_SOURCE)
    return workspace_models.require(call, name)


def access(call: Call) -> AccessObject:
    """The model that the call names, as access lists know it."""
    return workspace_models.access(wanted(call))


def _shown(document: Document) -> Document:
    return {name: value for name, value in document.items() if name != "id"}
