"""`/mlflow/registered-models`: the models of the workspace's own registry, without versions.

https://docs.databricks.com/api/workspace/modelregistry; those of Unity Catalog are in registered_models.py.
"""

import secrets

from sandbox.databricks import object_access
from sandbox.databricks.bodies import body, optional, required
from sandbox.databricks.object_access import CAN_MANAGE, CAN_READ, WORKSPACE_MODEL, AccessObject
from sandbox.databricks.refusals import ConflictError, InvalidError, NotFoundError
from sandbox.databricks.workspaces import here
from sandbox.route import Call
from sandbox.store import Document

_KIND = "databricks.workspace_model"


def create_model(call: Call) -> Document:
    """Make one; its maker manages it."""
    name = required(call, "name", str)
    if call.store.get(_KIND, _key(call, name)) is not None:
        raise ConflictError(f"Registered Model (name={name}) already exists.")
    now = call.clock.milliseconds()
    fields = {field: value for field in ("description", "tags") if (value := body(call).get(field))}
    stamps = {"creation_timestamp": now, "last_updated_timestamp": now, "user_id": call.caller.name}
    document = {**fields, **stamps, "name": name, "id": secrets.token_hex(16)}
    call.store.put(_KIND, _key(call, name), document)
    object_access.set_entries(call, _access(document), {call.caller.id: CAN_MANAGE})
    return {"registered_model": _shown(document)}


def get_model(call: Call) -> Document:
    """One, with the id that its permissions go by."""
    document = wanted(call)
    return {"registered_model_databricks": {**_shown(document), "id": document["id"]}}


def list_models(call: Call) -> Document:
    """Those that the caller may see."""
    found = [document for _, document in call.store.all(_KIND, prefix=_key(call, ""))]
    return {"registered_models": [_shown(one) for one in found if object_access.may(call, CAN_READ, _access(one))]}


def update_model(call: Call) -> Document:
    """Change the description."""
    document = wanted(call)
    changes = {"description": optional(call, "description", str) or "", "last_updated_timestamp": _now(call)}
    changed = {name: value for name, value in {**document, **changes}.items() if value != ""}
    call.store.put(_KIND, _key(call, document["name"]), changed)
    return {"registered_model": _shown(changed)}


def set_model_tag(call: Call) -> None:
    """Add a tag, or change its value."""
    document, key = wanted(call), required(call, "key", str)
    tags = [tag for tag in document.get("tags", ()) if tag["key"] != key]
    tags.append({"key": key, "value": optional(call, "value", str) or ""})
    call.store.put(_KIND, _key(call, document["name"]), {**document, "tags": tags})


def delete_model(call: Call) -> None:
    """Remove one."""
    document = wanted(call)
    object_access.set_entries(call, _access(document), {})
    call.store.delete(_KIND, _key(call, document["name"]))


def wanted(call: Call) -> Document:
    """The model that the call names."""
    name = call.query["name"] if "name" in call.query else required(call, "name", str)
    if not name:
        raise InvalidError("Missing required field: name")
    document = call.store.get(_KIND, _key(call, name))
    if document is None:
        raise NotFoundError(f"RegisteredModel '{name}' does not exist. It might have been deleted.")
    return document


def access(call: Call) -> AccessObject:
    """The model that the call names, as access lists know it."""
    return _access(wanted(call))


def access_by_id(call: Call, model_id: str) -> AccessObject:
    """The model with that id, as access lists know it."""
    for _, document in call.store.all(_KIND, prefix=_key(call, "")):
        if document["id"] == model_id:
            return _access(document)
    raise NotFoundError(f"RegisteredModel with id {model_id} does not exist.")


def _access(document: Document) -> AccessObject:
    return AccessObject(WORKSPACE_MODEL, str(document["id"]))


def _shown(document: Document) -> Document:
    return {name: value for name, value in document.items() if name != "id"}


def _now(call: Call) -> int:
    return call.clock.milliseconds()


def _key(call: Call, name: str) -> str:
    return f"{here(call).id}/{name}"
