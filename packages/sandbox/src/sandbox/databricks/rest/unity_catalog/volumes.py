"""`/unity-catalog/volumes`, without their files (https://docs.databricks.com/api/workspace/volumes)."""

import uuid

from sandbox.computed import computed
from sandbox.databricks.rest.bodies import body, required
from sandbox.databricks.rest.unity_catalog.name_limits import named
from sandbox.databricks.rest.unity_catalog.requested import (
    change,
    listed_schema,
    shown,
    wanted,
)
from sandbox.databricks.world.refusals import InvalidError
from sandbox.databricks.world.unity_catalog import securables
from sandbox.databricks.world.unity_catalog.privileges import SecurableType
from sandbox.databricks.world.unity_catalog.securables import securable
from sandbox.limits import limited
from sandbox.route import Call
from sandbox.source import databricks_api, databricks_cli, databricks_sdk
from sandbox.store import Document

_SOURCE = databricks_api("workspace/volumes/create")
_LOCATION = databricks_cli("libs/testserver/volumes.go")

_TYPES = ("EXTERNAL", "MANAGED")


COMPUTED = (
    *computed(
        "volume",
        databricks_sdk("databricks/sdk/service/catalog.py"),
        owner="who made it",
        metastore_id="the metastore of the workspace",
        created_at="when it was made, in milliseconds",
        created_by="who made it",
        updated_at="when it was changed, in milliseconds",
        updated_by="who changed it",
    ),
    *computed(
        "volume",
        databricks_cli("libs/testserver/volumes.go"),
        full_name="catalog, schema and name, in lower case",
        volume_id="an id of its own",
    ),
)


@limited(*named("CreateVolume"))
def create_volume(call: Call) -> Document:
    """Make one; the caller owns it."""
    parts = [required(call, name, str) for name in ("catalog_name", "schema_name", "name")]
    volume = securable(call, SecurableType.VOLUME, ".".join(parts))
    volume_type = required(call, "volume_type", str)
    if volume_type not in _TYPES:
        raise InvalidError(f"{volume_type} is not a volume_type: {', '.join(_TYPES)}.", source=_SOURCE)
    if volume_type == "MANAGED" and body(call).get("storage_location"):
        raise InvalidError("CreateVolume storage_location can not be provided.", source=_LOCATION)
    catalog, schema = volume.containers
    fields = {name: value for name in ("comment", "storage_location") if (value := body(call).get(name))}
    fields |= {"catalog_name": catalog.name, "schema_name": schema.name}
    fields |= {"volume_id": str(uuid.uuid4()), "volume_type": volume_type}
    securables.insert(call.store, call.clock, volume, creator=call.caller, fields=fields)
    return shown(call, volume)


def list_volumes(call: Call) -> Document:
    """Those of a schema that the caller may see."""
    return {"volumes": [shown(call, one) for one in listed_schema(call, SecurableType.VOLUME)]}


def get_volume(call: Call) -> Document:
    """One."""
    return shown(call, wanted(call, SecurableType.VOLUME))


def update_volume(call: Call) -> Document:
    """Change the comment, or give it to somebody else."""
    volume = wanted(call, SecurableType.VOLUME)
    change(call, volume, "comment")
    return shown(call, volume)


def delete_volume(call: Call) -> None:
    """Remove one."""
    securables.remove(call.store, wanted(call, SecurableType.VOLUME))
