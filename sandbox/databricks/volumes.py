"""`/unity-catalog/volumes`, without their files (https://docs.databricks.com/api/workspace/volumes)."""

import uuid

from sandbox.databricks import securables
from sandbox.databricks.bodies import body, optional, required
from sandbox.databricks.refusals import InvalidError
from sandbox.databricks.securables import Securable, securable
from sandbox.databricks.tables import listed_schema
from sandbox.route import Call
from sandbox.store import Document
from unity_catalog import SecurableType

_TYPES = ("EXTERNAL", "MANAGED")


def create_volume(call: Call) -> Document:
    """Make one; the caller owns it."""
    parts = [required(call, name, str) for name in ("catalog_name", "schema_name", "name")]
    volume = securable(call, SecurableType.VOLUME, ".".join(parts))
    volume_type = required(call, "volume_type", str)
    if volume_type not in _TYPES:
        raise InvalidError(f"{volume_type} is not a volume_type: {', '.join(_TYPES)}.")
    catalog, schema = volume.containers
    fields = {name: value for name in ("comment", "storage_location") if (value := body(call).get(name))}
    fields |= {"catalog_name": catalog.name, "schema_name": schema.name}
    fields |= {"volume_id": str(uuid.uuid4()), "volume_type": volume_type}
    securables.insert(call.store, call.clock, volume, creator=call.caller, fields=fields)
    return _answer(call, volume)


def list_volumes(call: Call) -> Document:
    """Those of a schema that the caller may see."""
    found = [one for one in listed_schema(call) if one.type is SecurableType.VOLUME]
    return {"volumes": [_answer(call, one) for one in found]}


def get_volume(call: Call) -> Document:
    """One."""
    return _answer(call, _wanted(call))


def update_volume(call: Call) -> Document:
    """Change the comment, or give it to somebody else."""
    volume = _wanted(call)
    changes = {name: body(call)[name] for name in ("comment",) if name in body(call)}
    securables.update(call, volume, changes | securables.owner_change(call, optional(call, "owner", str)))
    return _answer(call, volume)


def delete_volume(call: Call) -> None:
    """Remove one."""
    securables.remove(call.store, _wanted(call))


def _wanted(call: Call) -> Securable:
    volume = securable(call, SecurableType.VOLUME, call.params["full_name"])
    securables.require(call, volume)
    return volume


def _answer(call: Call, volume: Securable) -> Document:
    return securables.shown(call.store, volume, securables.require(call, volume))
