"""`/unity-catalog/permissions`: who was granted what (https://docs.databricks.com/api/workspace/grants)."""

from typing import Any

from sandbox.databricks.rest.bodies import body
from sandbox.databricks.rest.unity_catalog.requested import securable_of
from sandbox.databricks.world.identity import principals
from sandbox.databricks.world.refusals import InvalidError
from sandbox.databricks.world.unity_catalog import authorization, grant_store, securables
from sandbox.databricks.world.unity_catalog.privileges import grantable, normalise
from sandbox.databricks.world.unity_catalog.securables import Securable
from sandbox.route import Call
from sandbox.source import databricks_api, databricks_cli, databricks_docs
from sandbox.store import Document

_SOURCE = databricks_api("workspace/grants/update")
_DUPLICATE = databricks_cli("libs/testserver/grants.go")
_PRIVILEGES = databricks_docs("data-governance/unity-catalog/manage-privileges/privileges")


def get_permissions(call: Call) -> Document:
    """The direct grants; nothing inherited, nothing expanded, nobody without privileges."""
    target = securable_of(call)
    securables.require(call, target)
    return _direct(call, target)


def update_permissions(call: Call) -> Document:
    """Add and remove privileges, principal by principal: all changes or none."""
    target = securable_of(call)
    securables.require(call, target)
    for change in body(call).get("changes") or []:
        _apply(call, target, change)
    return _direct(call, target)


def get_effective_permissions(call: Call) -> Document:
    """The direct grants and those of the containers, which say where they come from."""
    target = securable_of(call)
    securables.require(call, target)
    found: dict[str, list[Document]] = {}
    for level in (*target.containers, target):
        origin = {"inherited_from_type": level.type.upper(), "inherited_from_name": level.full_name}
        for name, privileges in _visible(call, level).items():
            for privilege in privileges:
                found.setdefault(name, []).append({"privilege": privilege, **({} if level == target else origin)})
    return {"privilege_assignments": [{"principal": name, "privileges": held} for name, held in found.items()]}


def _direct(call: Call, target: Securable) -> Document:
    return {
        "privilege_assignments": [
            {"principal": name, "privileges": privileges} for name, privileges in _visible(call, target).items()
        ]
    }


def _visible(call: Call, target: Securable) -> dict[str, list[str]]:
    """The grants that the caller may know of: who does not manage the securable learns of its own only."""
    grants = grant_store.grants_on(call.store, target.key)
    if not authorization.may_manage(call.store, call.caller, target):
        own = authorization.identities_of(call.store, call.caller)
        grants = {principal_id: held for principal_id, held in grants.items() if principal_id in own}
    named = {principals.name_of(call.store, principal_id): held for principal_id, held in grants.items()}
    wanted = call.query.get("principal")
    return named if wanted is None else {name: held for name, held in named.items() if name == wanted}


def _apply(call: Call, target: Securable, change: Any) -> None:
    name = change.get("principal") if isinstance(change, dict) else None
    if not isinstance(name, str) or not name:
        raise InvalidError("Missing required field: principal", source=_SOURCE)
    principal = principals.named(call.store, name)
    if principal is None or not principals.visible(call, principal):
        raise securables.unknown_principal(name)
    add, remove = (_privileges(target, change.get(verb)) for verb in ("add", "remove"))
    if add & remove:
        raise InvalidError(f"Duplicate privileges to add and delete for principal {name}.", source=_DUPLICATE)
    grant_store.change(call.store, target.key, principal.id, add=add, remove=remove)


def _privileges(target: Securable, written: Any) -> set[str]:
    wanted = {normalise(str(privilege)) for privilege in written or ()}
    for privilege in sorted(wanted):
        if privilege not in grantable(target.type):
            entity = target.type.upper()
            raise InvalidError(
                f"Privilege {privilege.replace('_', ' ')} is not applicable to this entity "
                f"[{entity}/{entity}_STANDARD]. If this seems unexpected, please check the privilege version of the "
                "metastore in use [1.0].",
                source=_PRIVILEGES,
            )
    return wanted
