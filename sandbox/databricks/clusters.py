"""`/clusters`: clusters that compute nothing; they show who may create any.

https://docs.databricks.com/api/workspace/clusters
"""

import secrets

from sandbox.databricks import membership, principals
from sandbox.databricks.bodies import body, required
from sandbox.databricks.refusals import InvalidError
from sandbox.databricks.workspaces import here
from sandbox.route import Call
from sandbox.store import Document

_KIND = "databricks.cluster"


def create_cluster(call: Call) -> Document:
    """Make one, which runs at once."""
    required(call, "spark_version", str)
    cluster_id = f"{call.clock.now():%m%d-%H%M%S}-{secrets.token_hex(4)}"
    sent = {key: value for key, value in body(call).items() if value is not None}
    document = {**sent, "workspace_id": here(call).id, "creator_id": call.caller.id, "state": "RUNNING"}
    call.store.put(_KIND, cluster_id, document)
    return {"cluster_id": cluster_id}


def list_clusters(call: Call) -> Document:
    """The caller's own; admins see all."""
    everything = membership.level(call.store, here(call).id, call.caller.id) == membership.ADMIN
    found = [
        _shown(call, cluster_id, document)
        for cluster_id, document in call.store.all(_KIND)
        if document["workspace_id"] == here(call).id and (everything or document["creator_id"] == call.caller.id)
    ]
    return {"clusters": found}


def get_cluster(call: Call) -> Document:
    """One."""
    return _shown(call, cluster_id_of(call), wanted(call))


def terminate_cluster(call: Call) -> None:
    """Stop one; its settings stay."""
    call.store.put(_KIND, cluster_id_of(call), {**wanted(call), "state": "TERMINATED"})


def delete_cluster(call: Call) -> None:
    """Remove one."""
    wanted(call)
    call.store.delete(_KIND, cluster_id_of(call))


def cluster_id_of(call: Call) -> str:
    """Which cluster a call is about; the query names it in reads."""
    return call.query["cluster_id"] if "cluster_id" in call.query else required(call, "cluster_id", str)


def wanted(call: Call) -> Document:
    """The cluster that the call is about."""
    document = call.store.get(_KIND, cluster_id_of(call))
    if document is None or document["workspace_id"] != here(call).id:
        # The provider takes this sentence for a missing cluster (apierr/error_overrides.go).
        raise InvalidError(f"Cluster {cluster_id_of(call)} does not exist")
    return document


def _shown(call: Call, cluster_id: str, document: Document) -> Document:
    kept = {key: value for key, value in document.items() if key not in ("workspace_id", "creator_id")}
    creator = principals.name_of(call.store, document["creator_id"])
    return {**kept, "cluster_id": cluster_id, "creator_user_name": creator}
