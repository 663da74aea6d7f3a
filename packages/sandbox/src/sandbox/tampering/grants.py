"""Privileges that somebody grants or revokes, and access lists that somebody changes."""

from collections.abc import Iterable
from typing import Any

from sandbox.databricks.world.day_one import ADMIN_USER
from sandbox.databricks.world.unity_catalog.privileges import Privilege, SecurableType, grantable
from sandbox.tampering.acts import Act, another, generated
from sandbox.tampering.console import Console, ImpossibleError, escaped
from sandbox.tampering.managed import Managed

_SECURABLES = ("catalog", "schema", "table", "volume", "function")
_KINDS = {"function": SecurableType.MODEL}  # what the permissions API calls a function is a model here
# Acts of their own give these; any other act gives something small.
_BROAD = (Privilege.ALL_PRIVILEGES, Privilege.MANAGE)


def _securable(one: Managed) -> tuple[str, str]:
    """The kind and the full name of what a grant is on."""
    return next((kind, str(one[kind])) for kind in _SECURABLES if one.attributes.get(kind))


def _path(one: Managed) -> str:
    kind, name = _securable(one)
    return f"/api/2.1/unity-catalog/permissions/{kind}/{escaped(name)}"


def _held(console: Console, one: Managed) -> dict[str, list[str]]:
    """Who holds what on the securable now."""
    found = console.databricks("GET", one.host, _path(one)).get("privilege_assignments", ())
    return {entry["principal"]: entry["privileges"] for entry in found}


def _change(console: Console, one: Managed, who: str, *, add: Iterable[str] = (), remove: Iterable[str] = ()) -> None:
    change = {"principal": who, "add": list(add), "remove": list(remove)}
    console.databricks("PATCH", one.host, _path(one), {"changes": [change]})


def _one_more(one: Managed, held: Iterable[str]) -> str:
    """A privilege that can be granted and that nobody asked for."""
    kind = _KINDS.get(_securable(one)[0]) or SecurableType(_securable(one)[0])
    return another(sorted(grantable(kind) - set(_BROAD)), *held, *_wanted(one))


def _wanted(one: Managed) -> list[str]:
    return [*(one.attributes.get("privileges") or ()), *(p for block in _blocks(one) for p in block["privileges"])]


def _blocks(one: Managed) -> list[dict[str, Any]]:
    return list(one.attributes.get("grant") or ())


def _exchange(console: Console, one: Managed) -> None:
    who = str(one["principal"])
    held = _held(console, one).get(who, [])
    _change(console, one, who, add=[_one_more(one, held)], remove=held[:1])


def _add(console: Console, one: Managed) -> None:
    who = str(one["principal"])
    _change(console, one, who, add=[_one_more(one, _held(console, one).get(who, []))])


def _revoke(console: Console, one: Managed) -> None:
    who = str(one["principal"])
    _change(console, one, who, remove=_held(console, one).get(who, []))


def _widen(console: Console, one: Managed) -> None:
    _change(console, one, str(one["principal"]), add=[Privilege.ALL_PRIVILEGES])


def _to_another(console: Console, one: Managed) -> None:
    _change(console, one, ADMIN_USER, add=[_one_more(one, _held(console, one).get(ADMIN_USER, []))])


def _change_a_block(console: Console, one: Managed) -> None:
    who = str(_blocks(one)[0]["principal"])
    held = _held(console, one).get(who, [])
    _change(console, one, who, add=[_one_more(one, held)])


def _levels(console: Console, one: Managed) -> list[str]:
    """The levels of an access list, without that of owners."""
    found = console.databricks("GET", one.host, f"/api/2.0/permissions{one['id']}/permissionLevels")
    levels = [entry["permission_level"] for entry in found["permission_levels"]]
    return [level for level in levels if level != "IS_OWNER"]


def _users_get(console: Console, one: Managed, level: str) -> None:
    entry = {"group_name": "users", "permission_level": level}
    console.databricks("PATCH", one.host, f"/api/2.0/permissions{one['id']}", {"access_control_list": [entry]})


def _level_of_users(one: Managed) -> list[str]:
    return [entry["permission_level"] for entry in one["access_control"] if entry["group_name"] == "users"]


def _change_list(console: Console, one: Managed) -> None:
    _users_get(console, one, another(_levels(console, one), *_level_of_users(one)))


def _open_list(console: Console, one: Managed) -> None:
    if "CAN_MANAGE" in _level_of_users(one):
        raise ImpossibleError("everybody may already manage it, as configured")
    _users_get(console, one, "CAN_MANAGE")


_GRANT, _LIST = ("databricks_grant",), ("databricks_permissions",)

ACTS = (
    generated("databricks_grant", "privileges", "has another privilege instead of one of its own", _exchange),
    generated("databricks_grants", "grant", "have one privilege more", _change_a_block),
    generated("databricks_permissions", "access_control", "gives the group users another level", _change_list),
    Act("grant-added", "has one privilege more", _GRANT, _add),
    Act("grant-removed", "is revoked", _GRANT, _revoke),
    Act("grant-widened", "has ALL_PRIVILEGES", _GRANT, _widen),
    Act("grants-of-others-added", f"has a neighbour: {ADMIN_USER} is granted something there", _GRANT, _to_another),
    Act("access-list-opened", "lets everybody in the workspace manage it", _LIST, _open_list),
)
