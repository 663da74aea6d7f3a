"""`/secrets/scopes` and `/secrets/acls` (https://docs.databricks.com/api/workspace/secrets).

Their access lists have an API and levels of their own. Secrets themselves are not built: the sandbox keeps none.
"""

import re

from sandbox.databricks.rest.bodies import optional, required
from sandbox.databricks.world.access import object_access
from sandbox.databricks.world.access.object_access import READ, SECRET_SCOPE, AccessObject
from sandbox.databricks.world.identity import directory, membership, principals
from sandbox.databricks.world.identity.principals import Principal
from sandbox.databricks.world.refusals import InvalidError, NotFoundError
from sandbox.databricks.world.workspace import secret_scopes
from sandbox.databricks.world.workspaces import here
from sandbox.route import Call
from sandbox.source import databricks_api
from sandbox.store import Document

_SOURCE = databricks_api("workspace/secrets/createscope")

_NAME = re.compile(r"[A-Za-z0-9_.@/-]{1,128}")


def create_scope(call: Call) -> None:
    """Make one, which its maker manages, or everybody when the request says so."""
    name = required(call, "scope", str)
    if not _NAME.fullmatch(name):
        raise InvalidError(
            f"{name} is no name of a scope: letters, digits, dashes, underscores, periods, @ and /, at most 128.",
            source=_SOURCE,
        )
    if (optional(call, "scope_backend_type", str) or "DATABRICKS") != "DATABRICKS":
        # "Scope with Azure KeyVault must have userAADToken defined!", which no token of these workspaces is.
        raise InvalidError(
            "Scopes of Azure Key Vault exist in workspaces on Azure, for callers with a token of Entra ID.",
            source=_SOURCE,
        )
    manager_id = call.caller.id
    if everybody := optional(call, "initial_manage_principal", str):
        users = membership.built_in_group(call.store, here(call).id, membership.USERS)
        if everybody != membership.USERS or users is None:
            raise InvalidError(f"initial_manage_principal can only be {membership.USERS}.", source=_SOURCE)
        manager_id = users
    secret_scopes.create(call, name, {"backend_type": "DATABRICKS"}, manager_id=manager_id)


def list_scopes(call: Call) -> Document:
    """Those that the caller may read."""
    return {
        "scopes": [
            {"name": name, **document}
            for name, document in secret_scopes.all_scopes(call)
            if object_access.may(call, READ, secret_scopes.access(name))
        ]
    }


def delete_scope(call: Call) -> None:
    """Remove one with all that is in it."""
    secret_scopes.delete(call, required(call, "scope", str))


def put_acl(call: Call) -> None:
    """Give a principal a level."""
    level = required(call, "permission", str)
    if level not in SECRET_SCOPE.levels:
        raise InvalidError(f"{level} is not a permission on scopes: {', '.join(SECRET_SCOPE.levels)}.", source=_SOURCE)
    _write(call, {**_entries(call), _principal(call, required(call, "principal", str)).id: level})


def get_acl(call: Call) -> Document:
    """What a principal has by itself."""
    principal = _principal(call, call.query.get("principal", ""))
    if principal.id not in (held := _entries(call)):
        raise _unlisted(call, principal.name)
    return {"principal": principal.name, "permission": held[principal.id]}


def list_acls(call: Call) -> Document:
    """What everybody has who is listed."""
    return {
        "items": [
            {"principal": principals.name_of(call.store, one), "permission": level}
            for one, level in _entries(call).items()
        ]
    }


def delete_acl(call: Call) -> None:
    """Take a principal off the list."""
    principal = _principal(call, required(call, "principal", str))
    held = _entries(call)
    if held.pop(principal.id, None) is None:
        raise _unlisted(call, principal.name)
    _write(call, held)


def access(call: Call) -> AccessObject:
    """The scope that the call names, as access lists know it."""
    secret_scopes.require(call, _scope(call))
    return secret_scopes.access(_scope(call))


def _scope(call: Call) -> str:
    return call.query["scope"] if "scope" in call.query else required(call, "scope", str)


def _entries(call: Call) -> dict[str, str]:
    return dict(object_access.entries(call, access(call)))


def _write(call: Call, wanted: dict[str, str]) -> None:
    object_access.set_entries(call, access(call), wanted)


def _principal(call: Call, name: str) -> Principal:
    for kind in principals.KINDS:
        for one in directory.everybody(call, kind):
            if one.name == name:
                return one
    raise NotFoundError(f"User or Group {name} does not exist.", source=_SOURCE)


def _unlisted(call: Call, name: str) -> NotFoundError:
    return NotFoundError(f"Failed to get secret acl for principal {name} for scope {_scope(call)}.", source=_SOURCE)
