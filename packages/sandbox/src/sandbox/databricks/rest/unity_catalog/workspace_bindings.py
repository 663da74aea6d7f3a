"""`/unity-catalog/bindings`: which workspaces an isolated catalog is open to.

https://docs.databricks.com/api/workspace/workspacebindings; the older form knows workspaces but no kinds of binding.
"""

from collections.abc import Mapping
from typing import Any

from sandbox.databricks.rest.bodies import body
from sandbox.databricks.world.refusals import InvalidError
from sandbox.databricks.world.unity_catalog import assigned_metastores, bindings
from sandbox.databricks.world.unity_catalog.privileges import SecurableType
from sandbox.databricks.world.unity_catalog.securables import Securable, securable
from sandbox.route import Call
from sandbox.source import databricks_api
from sandbox.store import Document

_SOURCE = databricks_api("workspace/workspacebindings")

_KINDS = (bindings.READ_WRITE, bindings.READ_ONLY)


def get_bindings(call: Call) -> Document:
    """The bindings of a catalog."""
    return _bindings(bindings.workspaces(call.store, _catalog(call).address))


def update_bindings(call: Call) -> Document:
    """Add and remove bindings."""
    held = bindings.workspaces(call.store, _catalog(call).address)
    for item in body(call).get("add") or []:
        held[_workspace_id(call, item.get("workspace_id"))] = _kind(item.get("binding_type"))
    for item in body(call).get("remove") or []:
        held.pop(_workspace_id(call, item.get("workspace_id")), None)
    bindings.bind(call.store, _catalog(call).address, held)
    return _bindings(held)


def get_workspaces(call: Call) -> Document:
    """The bound workspaces of a catalog, in the older form."""
    return {"workspaces": list(bindings.workspaces(call.store, _catalog(call).address))}


def update_workspaces(call: Call) -> Document:
    """Add and remove workspaces, in the older form."""
    held = bindings.workspaces(call.store, _catalog(call).address)
    for wanted in body(call).get("assign_workspaces") or []:
        held[_workspace_id(call, wanted)] = bindings.READ_WRITE
    for unwanted in body(call).get("unassign_workspaces") or []:
        held.pop(_workspace_id(call, unwanted), None)
    bindings.bind(call.store, _catalog(call).address, held)
    return {"workspaces": list(held)}


def _bindings(held: Mapping[int, str]) -> Document:
    return {"bindings": [{"workspace_id": one, "binding_type": kind} for one, kind in held.items()]}


def _catalog(call: Call) -> Securable:
    return securable(call, SecurableType.CATALOG, call.params["name"])


def _workspace_id(call: Call, wanted: Any) -> int:
    if wanted not in assigned_metastores.workspaces_of(call.store, _catalog(call).metastore_id):
        raise InvalidError(f"Workspace {wanted} is not assigned to the metastore.", source=_SOURCE)
    return int(wanted)


def _kind(wanted: Any) -> str:
    kind = wanted or bindings.READ_WRITE
    if kind not in _KINDS:
        raise InvalidError(f"{wanted} is not a binding type: {', '.join(_KINDS)}.", source=_SOURCE)
    return str(kind)
