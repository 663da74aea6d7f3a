"""Entries of access lists as requests and answers have them: a principal by its name, and its levels."""

from typing import Any

from sandbox.databricks.world.access.object_access import CAN_MANAGE, IS_OWNER, WAREHOUSE, ObjectKind
from sandbox.databricks.world.identity import directory, principals
from sandbox.databricks.world.identity.principals import GROUP, SERVICE_PRINCIPAL, USER, Principal
from sandbox.databricks.world.refusals import InvalidError, NotFoundError
from sandbox.route import Call
from sandbox.source import databricks_api, databricks_docs, databricks_provider, ours
from sandbox.store import Document

_SOURCE = databricks_api("workspace/permissions/set")
_TWICE = ours("which level counts when a list names one principal twice is in no document; a refusal hides nothing")
_LEVELS = databricks_provider("permissions/permission_definitions.go")
_OWNER = databricks_docs("security/auth/access-control/")

_FIELDS = {USER: "user_name", GROUP: "group_name", SERVICE_PRINCIPAL: "service_principal_name"}
_WORDS = {USER: "UserName", GROUP: "GroupName", SERVICE_PRINCIPAL: "ServicePrincipalName"}


def principal_of(call: Call, item: Any) -> Principal:
    """Whom an entry names; only who has a place in the workspace can be named."""
    for kind, field in _FIELDS.items():
        if isinstance(item, dict) and isinstance(name := item.get(field), str) and name:
            # The provider sends itself as a user even when it is a service principal (update/customizers.go:64-86).
            kinds = (USER, SERVICE_PRINCIPAL) if kind == USER else (kind,)
            for candidate in (one for wanted in kinds for one in directory.everybody(call, wanted)):
                if candidate.name == name and (candidate.system or principals.visible(call, candidate)):
                    return candidate
            raise NotFoundError(f"Principal: {_WORDS[kind]}({name}) does not exist", source=_SOURCE)
    raise InvalidError(f"An access control needs one of {', '.join(_FIELDS.values())}.", source=_SOURCE)


def levels_of(call: Call, kind: ObjectKind, wanted: Any) -> dict[str, str]:
    """The levels by principal id that a request's list gives."""
    if wanted is not None and not isinstance(wanted, list):
        raise InvalidError("access_control_list must be a list.", source=_SOURCE)
    given: dict[str, str] = {}
    for item in wanted or ():
        principal, level = principal_of(call, item), item.get("permission_level")
        if level not in kind.levels:
            raise InvalidError(
                f"{level} is not a permission level of {kind.object_type}: {', '.join(kind.levels)}.", source=_LEVELS
            )
        if level == IS_OWNER and principal.kind == GROUP:
            raise InvalidError(f"A group cannot be the owner of a {kind.object_type}.", source=_OWNER)
        if principal.id in given and not _owns_what_it_manages(kind, given[principal.id], level):
            raise named_twice(call, principal.id)
        given[principal.id] = IS_OWNER if principal.id in given else str(level)
    return given


def _owns_what_it_manages(kind: ObjectKind, *levels: Any) -> bool:
    """Whether an entry repeats what another one says of the owner of a warehouse.

    When its permissions are destroyed, the provider makes whoever asks its manager and its creator its owner, in one
    list: mostly the same principal twice (permissions/permission_definitions.go, addOwnerPermissionIfNeeded).
    """
    return kind is WAREHOUSE and {*levels} == {CAN_MANAGE, IS_OWNER}


def named_twice(call: Call, principal_id: str) -> InvalidError:
    """The refusal of a list that names one principal twice: which of two levels counts is in no document."""
    return InvalidError(
        f"Duplicate principal in access_control_list: {principals.name_of(call.store, principal_id)}", source=_TWICE
    )


def shown(call: Call, principal_id: str, *levels: Document) -> Document:
    """An entry as answers have it."""
    principal = principals.get(call.store, principal_id)
    if principal is None:
        raise NotFoundError(f"Principal {principal_id} does not exist.", source=_SOURCE)
    entry: Document = {_FIELDS[principal.kind]: principal.name, "all_permissions": list(levels)}
    return entry if principal.kind == GROUP else {**entry, "display_name": principal.display_name}


def direct(level: str) -> Document:
    """A level that the object's own list gives."""
    return {"permission_level": level, "inherited": False}


def inherited(level: str, *sources: str) -> Document:
    """A level that comes from elsewhere."""
    entry: Document = {"permission_level": level, "inherited": True}
    return {**entry, "inherited_from_object": list(sources)} if sources else entry
