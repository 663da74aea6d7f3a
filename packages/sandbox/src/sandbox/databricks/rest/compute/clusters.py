"""`/clusters`: clusters that compute nothing; they show who may create any.

https://docs.databricks.com/api/workspace/clusters
"""

from sandbox.databricks.rest.bodies import body, required
from sandbox.databricks.rest.compute.cluster_limits import CLUSTER
from sandbox.databricks.world.compute import clusters
from sandbox.databricks.world.identity import principals
from sandbox.limits import limited
from sandbox.route import Call
from sandbox.store import Document

_NODE_TYPES = (
    ("m5d.large", 8192, 2.0, "General Purpose"),
    ("i3.xlarge", 31232, 4.0, "Storage Optimized"),
    ("i3.2xlarge", 62464, 8.0, "Storage Optimized"),
    ("r5d.xlarge", 32768, 4.0, "Memory Optimized"),
    ("g4dn.xlarge", 16384, 4.0, "GPU Accelerated"),
)
_SPARK_VERSIONS = (
    ("16.4.x-scala2.12", "16.4 LTS (includes Apache Spark 3.5.2, Scala 2.12)"),
    ("16.4.x-cpu-ml-scala2.12", "16.4 LTS ML (includes Apache Spark 3.5.2, Scala 2.12)"),
    ("15.4.x-scala2.12", "15.4 LTS (includes Apache Spark 3.5.0, Scala 2.12)"),
    ("15.4.x-cpu-ml-scala2.12", "15.4 LTS ML (includes Apache Spark 3.5.0, Scala 2.12)"),
    ("14.3.x-scala2.12", "14.3 LTS (includes Apache Spark 3.5.0, Scala 2.12)"),
    ("13.3.x-scala2.12", "13.3 LTS (includes Apache Spark 3.4.1, Scala 2.12)"),
    ("13.3.x-cpu-ml-scala2.12", "13.3 LTS ML (includes Apache Spark 3.4.1, Scala 2.12)"),
)


@limited(*CLUSTER)
def create_cluster(call: Call) -> Document:
    """Make one, which runs at once."""
    required(call, "spark_version", str)
    sent = {key: value for key, value in body(call).items() if value is not None}
    return {"cluster_id": clusters.create(call, sent)}


def list_clusters(call: Call) -> Document:
    """The caller's own; admins see all."""
    return {"clusters": [_shown(call, cluster_id, document) for cluster_id, document in clusters.visible(call)]}


def get_cluster(call: Call) -> Document:
    """One."""
    return _shown(call, cluster_id_of(call), wanted(call))


def terminate_cluster(call: Call) -> None:
    """Stop one; its settings stay."""
    clusters.terminate(call, cluster_id_of(call))


def delete_cluster(call: Call) -> None:
    """Remove one."""
    clusters.delete(call, cluster_id_of(call))


def list_node_types(call: Call) -> Document:  # noqa: ARG001 - every handler takes the call
    """The machines that there are: a handful of AWS' own, enough to choose the smallest of."""
    return {"node_types": [_node_type(*row) for row in _NODE_TYPES]}


def list_spark_versions(call: Call) -> Document:  # noqa: ARG001 - every handler takes the call
    """The runtimes that there are."""
    return {"versions": [{"key": key, "name": name} for key, name in _SPARK_VERSIONS]}


def cluster_id_of(call: Call) -> str:
    """Which cluster a call is about; the query names it in reads."""
    return call.query["cluster_id"] if "cluster_id" in call.query else required(call, "cluster_id", str)


def wanted(call: Call) -> Document:
    """The cluster that the call is about."""
    return clusters.require(call, cluster_id_of(call))


def _shown(call: Call, cluster_id: str, document: Document) -> Document:
    kept = {key: value for key, value in document.items() if key not in ("workspace_id", "creator_id")}
    creator = principals.name_of(call.store, document["creator_id"])
    return {**kept, "cluster_id": cluster_id, "creator_user_name": creator}


def _node_type(name: str, memory_mb: int, cores: float, category: str) -> Document:
    gpus = 1 if category.startswith("GPU") else 0
    return {
        "node_type_id": name,
        "instance_type_id": name,
        "memory_mb": memory_mb,
        "num_cores": cores,
        "num_gpus": gpus,
        "category": category,
        "description": name,
        "is_deprecated": False,
        "is_hidden": False,
        "is_io_cache_enabled": False,
        "photon_driver_capable": gpus == 0,
        "photon_worker_capable": gpus == 0,
        "support_cluster_tags": True,
        "support_ebs_volumes": True,
        "support_port_forwarding": True,
        "node_info": {"status": []},
        "node_instance_type": {"instance_type_id": name, "local_disks": 1, "local_disk_size_gb": 75},
    }
