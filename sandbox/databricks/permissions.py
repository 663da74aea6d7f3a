"""`/permissions/authorization`: who may use tokens (https://docs.databricks.com/api/workspace/permissions).

The access lists of jobs, folders and the like are in object_permissions.py.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.databricks import access_control, access_entries, credentials, membership, principals
from sandbox.databricks.access_control import CAN_MANAGE, CAN_USE, TOKENS
from sandbox.databricks.bodies import body
from sandbox.databricks.refusals import InvalidError
from sandbox.databricks.workspaces import here
from sandbox.route import Call
from sandbox.store import Document


@dataclass(frozen=True, slots=True)
class ObjectPermissions:
    """The access list of one kind of object; `object_type` is what answers call it, not what paths do.

    Both are in permissions/permission_definitions.go of the provider. `changed` is what follows from a change.
    """

    object_name: str
    object_type: str
    levels: tuple[str, ...]
    changed: Callable[[Call], None]

    def get(self, call: Call) -> Document:
        """The list; admins manage everything and are always in it."""
        return self._shown(call, access_control.levels(call.store, here(call).id, self.object_name))

    def put(self, call: Call) -> Document:
        """Replace the list."""
        return self._write(call, self._entries(call))

    def patch(self, call: Call) -> Document:
        """Add to the list, or change levels in it."""
        held = access_control.levels(call.store, here(call).id, self.object_name)
        return self._write(call, {**held, **self._entries(call)})

    def get_levels(self, call: Call) -> Document:  # noqa: ARG002 - every handler takes the call
        """The levels that can be given."""
        return {"permission_levels": [{"permission_level": level, "description": level} for level in self.levels]}

    def _entries(self, call: Call) -> dict[str, str]:
        wanted = body(call).get("access_control_list") or []
        return dict(self._entry(call, item) for item in wanted)

    def _entry(self, call: Call, item: Any) -> tuple[str, str]:
        principal, level = access_entries.principal_of(call, item), item.get("permission_level")
        if level not in self.levels:
            raise InvalidError(f"{level} is not a permission level of {self.object_type}: {', '.join(self.levels)}.")
        if level == CAN_MANAGE and principal.system != membership.ADMINS:
            raise InvalidError(f"{CAN_MANAGE} on {self.object_type} is for the group admins only.")
        return principal.id, level

    def _write(self, call: Call, entries: dict[str, str]) -> Document:
        kept = {principal_id: level for principal_id, level in entries.items() if not _is_admins(call, principal_id)}
        access_control.set_levels(call.store, here(call).id, self.object_name, kept)
        self.changed(call)
        return self._shown(call, kept)

    def _shown(self, call: Call, entries: dict[str, str]) -> Document:
        shown = [access_entries.shown(call, one, access_entries.direct(level)) for one, level in entries.items()]
        admins = {"group_name": membership.ADMINS, "all_permissions": [access_entries.direct(CAN_MANAGE)]}
        return {
            "object_id": f"/{self.object_name}",
            "object_type": self.object_type,
            "access_control_list": [*shown, admins],
        }


def _revoke_tokens(call: Call) -> None:
    """Delete the tokens of those who may have none any more, "immediately" (docs/resources/permissions.md)."""
    workspace_id = here(call).id
    for token_id, document in credentials.tokens(call.store, workspace_id):
        if not access_control.may_use_tokens(call.store, workspace_id, document["owner_id"]):
            credentials.revoke_token(call.store, token_id)


# CAN_MANAGE belongs to admins and to nobody else (docs/resources/permissions.md of the provider).
TOKEN_PERMISSIONS = ObjectPermissions(
    object_name=TOKENS, object_type="tokens", levels=(CAN_USE, CAN_MANAGE), changed=_revoke_tokens
)


def _is_admins(call: Call, principal_id: str) -> bool:
    principal = principals.get(call.store, principal_id)
    return principal is not None and principal.system == membership.ADMINS
