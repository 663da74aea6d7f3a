"""Permission assignments: the place of a principal in a workspace, from the account and from the workspace itself.

https://docs.databricks.com/api/account/workspaceassignment
"""

from typing import Any

from sandbox.databricks.rest.bodies import body
from sandbox.databricks.rest.limits import limit
from sandbox.databricks.rest.paths import wanted_workspace
from sandbox.databricks.world.identity import deletion, membership, principals
from sandbox.databricks.world.identity.principals import GROUP, SERVICE_PRINCIPAL, USER, Principal
from sandbox.databricks.world.refusals import InvalidError, NotFoundError
from sandbox.databricks.world.unity_catalog import assigned_metastores
from sandbox.limits import OneOf, limited
from sandbox.route import Call
from sandbox.source import databricks_api, databricks_sdk, quoted
from sandbox.store import Document

_SOURCE = databricks_api("account/workspaceassignment")
_NO_METASTORE = quoted("databricks/terraform-provider-databricks/issues/5282")

_NAMES = {USER: "user_name", SERVICE_PRINCIPAL: "service_principal_name", GROUP: "group_name"}

_LEVEL = limit("permissions[]", OneOf(("USER", "ADMIN", "UNKNOWN")), databricks_sdk("databricks/sdk/service/iam.py"))


def list_assignments(call: Call) -> Document:
    """Everybody who was assigned to the workspace; the members of an assigned group are not listed."""
    assigned = membership.assignments(call.store, _workspace_id(call))
    return {"permission_assignments": [_shown(call, principal_id, level) for principal_id, level in assigned.items()]}


@limited(_LEVEL)
def put_assignment(call: Call) -> Document:
    """Set what a principal is in the workspace; no permissions at all take its place away."""
    principal = principals.get(call.store, call.params["principal_id"])
    if principal is None or principal.workspace_id is not None or not principals.visible(call, principal):
        raise NotFoundError(f"Principal {call.params['principal_id']} does not exist.", source=_SOURCE)
    return _assign(call, principal, body(call).get("permissions"))


def delete_assignment(call: Call) -> None:
    """Take a principal's place in the workspace away."""
    workspace_id, principal_id = _workspace_id(call), call.params["principal_id"]
    if principal_id not in membership.assignments(call.store, workspace_id):
        raise NotFoundError(f"Principal {principal_id} is not assigned to workspace {workspace_id}.", source=_SOURCE)
    deletion.leave_workspace(call.store, workspace_id, principal_id)


def create_assignments(call: Call) -> Document:
    """Assign principals that are given by name; one that cannot be assigned is answered with an error of its own."""
    wanted = body(call).get("permission_assignments")
    if not isinstance(wanted, list):
        raise InvalidError("Missing required field: permission_assignments", source=_SOURCE)
    return {"permission_assignments": [_assign_by_name(call, item) for item in wanted]}


def _assign_by_name(call: Call, item: Any) -> Document:
    kind, name = _named(item)
    principal = principals.named(call.store, name, kind)
    if principal is None or not principals.visible(call, principal):
        return {**item, "error": f"Principal: {name} does not exist."}
    return _assign(call, principal, item.get("permissions"))


def _named(item: Any) -> tuple[str, str]:
    for kind, field in _NAMES.items():
        if isinstance(item, dict) and isinstance(item.get(field), str):
            return kind, item[field]
    raise InvalidError(f"An assignment needs one of {', '.join(_NAMES.values())}.", source=_SOURCE)


def _assign(call: Call, principal: Principal, permissions: Any) -> Document:
    wanted = permissions if isinstance(permissions, list) else []
    workspace_id = _workspace_id(call)
    if not {membership.ADMIN, membership.MEMBER}.intersection(wanted):
        deletion.leave_workspace(call.store, workspace_id, principal.id)
        return {}
    membership.assign(call.store, workspace_id, principal.id, wanted)
    return _shown(call, principal.id, membership.assignments(call.store, workspace_id)[principal.id])


def _workspace_id(call: Call) -> int:
    """The workspace; one without a metastore does not take principals from the account.

    https://github.com/databricks/terraform-provider-databricks/issues/5282
    """
    workspace_id = wanted_workspace(call).id
    if assigned_metastores.metastore_of(call.store, workspace_id) is None:
        raise InvalidError(
            "Permission assignment APIs are not available for this workspace.", code="BAD_REQUEST", source=_NO_METASTORE
        )
    return workspace_id


def _shown(call: Call, principal_id: str, level: str) -> Document:
    principal = principals.get(call.store, principal_id)
    shown: Document = {"principal_id": int(principal_id)}
    if principal is not None:
        shown |= {"display_name": principal.display_name, _NAMES[principal.kind]: principal.name}
    return {"principal": shown, "permissions": [level]}
