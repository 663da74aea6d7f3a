"""`/permissions/authorization/tokens`: who may use tokens (https://docs.databricks.com/api/workspace/permissions).

CAN_MANAGE belongs to admins and to nobody else (docs/resources/permissions.md of the provider). The access lists of
jobs, folders and the like are in object_permissions.py.
"""

from collections.abc import Mapping
from typing import Any

from sandbox.databricks.rest.bodies import body
from sandbox.databricks.rest.workspace import access_entries
from sandbox.databricks.world.access import token_access
from sandbox.databricks.world.access.access_control import CAN_MANAGE, CAN_USE, TOKENS
from sandbox.databricks.world.identity import membership
from sandbox.databricks.world.refusals import InvalidError
from sandbox.databricks.world.workspaces import here
from sandbox.route import Call
from sandbox.source import databricks_provider
from sandbox.store import Document

_SOURCE = databricks_provider("docs/resources/permissions.md")

_OBJECT_TYPE = "tokens"  # what answers call it; paths say TOKENS
_LEVELS = (CAN_USE, CAN_MANAGE)


def get_permissions(call: Call) -> Document:
    """The list; admins manage everything and are always in it."""
    return _shown(call, token_access.entries(call))


def put_permissions(call: Call) -> Document:
    """Replace the list."""
    return _write(call, _wanted(call))


def patch_permissions(call: Call) -> Document:
    """Add to the list, or change levels in it."""
    return _write(call, {**token_access.entries(call), **_wanted(call)})


def get_levels(call: Call) -> Document:  # noqa: ARG001 - every handler takes the call
    """The levels that can be given."""
    return {"permission_levels": [{"permission_level": level, "description": level} for level in _LEVELS]}


def _wanted(call: Call) -> dict[str, str]:
    given: dict[str, str] = {}
    for item in body(call).get("access_control_list") or []:
        principal_id, level = _entry(call, item)
        if principal_id in given:
            raise access_entries.named_twice(call, principal_id)
        given[principal_id] = level
    return given


def _entry(call: Call, item: Any) -> tuple[str, str]:
    principal, level = access_entries.principal_of(call, item), item.get("permission_level")
    if level not in _LEVELS:
        raise InvalidError(
            f"{level} is not a permission level of {_OBJECT_TYPE}: {', '.join(_LEVELS)}.", source=_SOURCE
        )
    if level == CAN_MANAGE and principal.system != membership.ADMINS:
        raise InvalidError(f"{CAN_MANAGE} on {_OBJECT_TYPE} can be granted to the group admins only.", source=_SOURCE)
    return principal.id, level


def _write(call: Call, wanted: Mapping[str, str]) -> Document:
    admins = membership.built_in_group(call.store, here(call).id, membership.ADMINS)
    kept = {principal_id: level for principal_id, level in wanted.items() if principal_id != admins}
    token_access.set_entries(call, kept)
    return _shown(call, kept)


def _shown(call: Call, entries: Mapping[str, str]) -> Document:
    shown = [access_entries.shown(call, one, access_entries.direct(level)) for one, level in entries.items()]
    admins = {"group_name": membership.ADMINS, "all_permissions": [access_entries.direct(CAN_MANAGE)]}
    return {
        "object_id": f"/{TOKENS}",
        "object_type": _OBJECT_TYPE,
        "access_control_list": [*shown, admins],
    }
