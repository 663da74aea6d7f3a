"""The metastore, as a workspace sees it (https://docs.databricks.com/api/workspace/metastores)."""

from sandbox.databricks import principals, securables
from sandbox.databricks.workspaces import here
from sandbox.route import Call
from sandbox.store import Document


def get_current_assignment(call: Call) -> Document:
    """The metastore of this workspace; the provider compares its id with the state's (catalog/utils.go:16-29)."""
    return {"metastore_id": securables.metastore(call.store).full_name, "workspace_id": here(call).id}


def get_summary(call: Call) -> Document:
    """What everybody may know of the metastore."""
    metastore = securables.metastore(call.store)
    document = securables.require(call, metastore)
    return {
        "metastore_id": metastore.full_name,
        "name": document["name"],
        "cloud": document["cloud"],
        "region": document["region"],
        "global_metastore_id": f"{document['cloud']}:{document['region']}:{metastore.full_name}",
        "owner": principals.name_of(call.store, document["owner_id"]),
        "created_at": document["created_at"],
        "created_by": document["created_by"],
        "updated_at": document["updated_at"],
        "updated_by": document["updated_by"],
        "privilege_model_version": "1.0",
    }
