"""`/permissions/{collection}/{id}`: access lists (https://docs.databricks.com/api/workspace/permissions).

What is inherited is marked as such: the provider leaves it out. Admins manage everything; for them nothing is written.
"""

from collections.abc import Mapping

from sandbox.databricks.rest.answers import denied
from sandbox.databricks.rest.bodies import body
from sandbox.databricks.rest.workspace import access_entries
from sandbox.databricks.world.access import object_access, object_lookup
from sandbox.databricks.world.access.object_access import CAN_MANAGE, IS_OWNER, AccessObject
from sandbox.databricks.world.identity import membership
from sandbox.databricks.world.refusals import InvalidError, NotBuiltError
from sandbox.databricks.world.workspaces import here
from sandbox.route import Call
from sandbox.source import databricks_cli, databricks_docs
from sandbox.store import Document

_SOURCE = databricks_cli("libs/testserver/permissions.go")
_ADMINS = databricks_docs("security/auth/access-control/")

# The others that Databricks has (permissions/permission_definitions.go of the provider).
_NOT_BUILT = (
    "cluster-policies",
    "dbsql-dashboards",
    "instance-pools",
    "repos",
    "vector-search-endpoints",
)


def access(call: Call) -> AccessObject:
    """What the path names."""
    of_sql = call.params.get("collection_of_sql")
    collection = f"sql/{of_sql}" if of_sql else call.params["collection"]
    if collection in _NOT_BUILT:
        raise NotBuiltError(
            f"The sandbox keeps no access lists of {collection}: "
            "sandbox/databricks/rest/workspace/object_permissions.py."
        )
    return object_lookup.find(call, collection, call.params["id"])


def get_permissions(call: Call) -> Document:
    """The list, with what is inherited."""
    return _shown(call, access(call))


def put_permissions(call: Call) -> Document:
    """Replace the list."""
    return _write(call, _wanted(call))


def patch_permissions(call: Call) -> Document:
    """Add to the list, or change levels in it; a new owner takes the place of the old one."""
    held, wanted = object_access.entries(call, access(call)), _wanted(call)
    if IS_OWNER in wanted.values():
        held = {principal_id: level for principal_id, level in held.items() if level != IS_OWNER}
    return _write(call, {**held, **wanted})


def get_levels(call: Call) -> Document:
    """The levels that can be given."""
    levels = access(call).kind.levels
    return {"permission_levels": [{"permission_level": level, "description": level} for level in levels]}


def _wanted(call: Call) -> dict[str, str]:
    kind = access(call).kind
    return access_entries.levels_of(call, kind, body(call).get("access_control_list"))


def _write(call: Call, wanted: Mapping[str, str]) -> Document:
    on = access(call)
    if on.kind.owned:
        _check_owner(call, on, wanted)
    admins = membership.built_in_group(call.store, here(call).id, membership.ADMINS)
    object_access.set_entries(call, on, {one: level for one, level in wanted.items() if one != admins})
    return _shown(call, on)


def _check_owner(call: Call, on: AccessObject, wanted: Mapping[str, str]) -> None:
    """There must be one; only admins make somebody else the owner.

    https://docs.databricks.com/aws/en/security/auth/access-control/#jobs
    """
    noun = on.kind.object_type.removesuffix("s")
    owners = [principal_id for principal_id, level in wanted.items() if level == IS_OWNER]
    if len(owners) != 1:
        raise InvalidError(f"The {noun} must have exactly one owner.", source=_SOURCE)
    is_admin = membership.level(call.store, here(call).id, call.caller.id) == membership.ADMIN
    if owners[0] != object_access.owner(call, on) and not is_admin:
        raise denied(call, f"Only workspace admins can change the owner of the {noun}.", source=_ADMINS)


def _shown(call: Call, on: AccessObject) -> Document:
    levels: dict[str, list[Document]] = {}
    for principal_id, level in object_access.entries(call, on).items():
        levels.setdefault(principal_id, []).append(access_entries.direct(level))
    for principal_id, level in object_access.inherited(call, on).items():
        levels.setdefault(principal_id, []).append(access_entries.inherited(level, *(f"/{one}" for one in on.around)))
    if admins := membership.built_in_group(call.store, here(call).id, membership.ADMINS):
        levels[admins] = [access_entries.inherited(CAN_MANAGE, f"/{on.kind.collection}/")]
    return {
        "object_id": f"/{on.name}",
        "object_type": on.kind.object_type,
        "access_control_list": [access_entries.shown(call, one, *held) for one, held in levels.items()],
    }
