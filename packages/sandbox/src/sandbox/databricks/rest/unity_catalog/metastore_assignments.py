"""Metastore assignments: which workspace has which metastore, from the account and from the workspace itself.

https://docs.databricks.com/api/account/metastoreassignments
"""

from sandbox.databricks.rest.bodies import body
from sandbox.databricks.rest.paths import wanted_workspace
from sandbox.databricks.rest.unity_catalog.requested import wanted_metastore
from sandbox.databricks.world.refusals import InvalidError, NotFoundError
from sandbox.databricks.world.unity_catalog import assigned_metastores, securables
from sandbox.databricks.world.workspaces import here
from sandbox.route import Call
from sandbox.source import databricks_api
from sandbox.store import Document

_SOURCE = databricks_api("account/metastoreassignments")


def get_current_assignment(call: Call) -> Document:
    """The metastore of this workspace; the provider compares its id with the state's (catalog/utils.go:16-29)."""
    return {"metastore_id": securables.metastore_here(call).full_name, "workspace_id": here(call).id}


def get_assignment(call: Call) -> Document:
    """The metastore of a workspace."""
    return {"metastore_assignment": _assignment(call)}


def list_assignments(call: Call) -> Document:
    """The workspaces of a metastore."""
    metastore_id = wanted_metastore(call).full_name
    return {"workspace_ids": assigned_metastores.workspaces_of(call.store, metastore_id)}


def create_assignment(call: Call) -> Document:
    """Give a workspace its metastore."""
    workspace_id, metastore_id = wanted_workspace(call).id, wanted_metastore(call).full_name
    held = assigned_metastores.metastore_of(call.store, workspace_id)
    if held not in (None, metastore_id):
        raise InvalidError(
            f"Workspace '{workspace_id}' is already assigned to metastore '{held}'; unassign it first.",
            code="METASTORE_ALREADY_EXISTS",
            source=_SOURCE,
        )
    assigned_metastores.assign(call.store, workspace_id, metastore_id, _default_catalog(call))
    return {}


def update_assignment(call: Call) -> Document:
    """Give a workspace another metastore, or name the catalog that it begins with."""
    workspace_id, metastore_id = wanted_workspace(call).id, wanted_metastore(call).full_name
    kept = _assignment(call).get("default_catalog_name")
    assigned_metastores.assign(call.store, workspace_id, metastore_id, _default_catalog(call) or kept)
    return {}


def delete_assignment(call: Call) -> Document:
    """Leave a workspace without a metastore; what is in the metastore stays."""
    if _assignment(call)["metastore_id"] != wanted_metastore(call).full_name:
        raise _unassigned(call)
    assigned_metastores.unassign(call.store, wanted_workspace(call).id)
    return {}


def _assignment(call: Call) -> Document:
    workspace = wanted_workspace(call)
    found = assigned_metastores.assignment(call.store, workspace.id)
    if found is None:
        raise _unassigned(call)
    return {**found, "workspace_id": workspace.id}


def _unassigned(call: Call) -> NotFoundError:
    return NotFoundError(
        f"Workspace '{call.params['workspace_id']}' is not assigned to the metastore.",
        code="METASTORE_DOES_NOT_EXIST",
        source=_SOURCE,
    )


def _default_catalog(call: Call) -> str | None:
    sent = body(call).get("metastore_assignment")
    name = sent.get("default_catalog_name") if isinstance(sent, dict) else None
    return name if isinstance(name, str) else None
