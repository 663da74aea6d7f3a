"""`/clusters`: clusters that compute nothing.

https://docs.databricks.com/api/workspace/clusters
"""

from sandbox.databricks.rest.bodies import body, required
from sandbox.databricks.rest.compute.cluster_limits import CLUSTER
from sandbox.databricks.world.access.object_access import AccessObject
from sandbox.databricks.world.compute import clusters
from sandbox.databricks.world.identity import principals
from sandbox.databricks.world.refusals import InvalidError
from sandbox.limits import limited
from sandbox.route import Call
from sandbox.source import databricks_api
from sandbox.store import Document

_SOURCE = databricks_api("workspace/clusters")

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


# What the service keeps of a cluster, beside what a request says of it.
_OWN = ("creator_id", "pinned_by_user_name", "start_time", "state")
_RESIZED = ("autoscale", "num_workers")


@limited(*CLUSTER)
def create_cluster(call: Call) -> Document:
    """Make one, which runs at once."""
    required(call, "spark_version", str)
    return {"cluster_id": clusters.create(call, _settings(call))}


def list_clusters(call: Call) -> Document:
    """Those that the caller may attach to, or of these the pinned ones."""
    # "True" from the Python SDK, which spells booleans inside of objects its own way.
    pinned = call.query.get("filter_by.is_pinned", "").lower() == "true"
    return {
        "clusters": [
            _shown(call, cluster_id, document)
            for cluster_id, document in clusters.visible(call)
            if not pinned or document.get("pinned_by_user_name")
        ]
    }


def get_cluster(call: Call) -> Document:
    """One."""
    return _shown(call, _cluster_id(call), clusters.require(call, _cluster_id(call)))


def edit_cluster(call: Call) -> None:
    """Replace the settings; a cluster that runs is started anew with them."""
    required(call, "spark_version", str)
    clusters.change(call, _cluster_id(call), lambda held: {**_kept(held), **_settings(call)})


def resize_cluster(call: Call) -> None:
    """Change the number of workers of one that runs."""

    def resized(held: Document) -> Document:
        if held["state"] != "RUNNING":
            raise InvalidError(
                f"Cluster {_cluster_id(call)} is in state {held['state']}.", code="INVALID_STATE", source=_SOURCE
            )
        rest = {name: value for name, value in held.items() if name not in _RESIZED}
        return {**rest, **{name: body(call)[name] for name in _RESIZED if body(call).get(name) is not None}}

    clusters.change(call, _cluster_id(call), resized)


def start_cluster(call: Call) -> None:
    """Start one."""
    started = {"state": "RUNNING", "start_time": call.clock.milliseconds()}
    clusters.change(call, _cluster_id(call), lambda held: {**held, **started})


def terminate_cluster(call: Call) -> None:
    """Stop one; its settings stay."""
    clusters.change(call, _cluster_id(call), lambda held: {**held, "state": "TERMINATED"})


def pin_cluster(call: Call) -> None:
    """Keep one in lists, whatever its age."""
    clusters.change(call, _cluster_id(call), lambda held: {**held, "pinned_by_user_name": call.caller.name})


def unpin_cluster(call: Call) -> None:
    """Let one go as others do."""
    clusters.change(call, _cluster_id(call), lambda held: {**held, "pinned_by_user_name": None})


def delete_cluster(call: Call) -> None:
    """Remove one."""
    clusters.delete(call, _cluster_id(call))


def list_node_types(call: Call) -> Document:  # noqa: ARG001 - every handler takes the call
    """The machines that there are: a handful of AWS' own, enough to choose the smallest of."""
    return {"node_types": [_node_type(*row) for row in _NODE_TYPES]}


def list_spark_versions(call: Call) -> Document:  # noqa: ARG001 - every handler takes the call
    """The runtimes that there are."""
    return {"versions": [{"key": key, "name": name} for key, name in _SPARK_VERSIONS]}


def access(call: Call) -> AccessObject:
    """The cluster that the call names, as access lists know it."""
    clusters.require(call, _cluster_id(call))
    return clusters.access(_cluster_id(call))


def is_allowed_by_policy(call: Call) -> bool:
    """Whether a policy says what the cluster of a request may be."""
    return bool(body(call).get("policy_id"))


def _cluster_id(call: Call) -> str:
    """Which cluster a call is about; the query names it in reads."""
    return call.query["cluster_id"] if "cluster_id" in call.query else required(call, "cluster_id", str)


def _settings(call: Call) -> Document:
    return {name: value for name, value in body(call).items() if name != "cluster_id" and value is not None}


def _kept(held: Document) -> Document:
    return {name: held[name] for name in _OWN if name in held}


def _shown(call: Call, cluster_id: str, document: Document) -> Document:
    settings = {name: value for name, value in document.items() if name not in _OWN}
    creator = principals.name_of(call.store, document["creator_id"])
    pinned = document.get("pinned_by_user_name")
    return {
        **_completed(settings),
        "cluster_id": cluster_id,
        "cluster_source": "API",
        "creator_user_name": creator,
        "default_tags": {
            "Vendor": "Databricks",
            "Creator": creator,
            "ClusterName": settings.get("cluster_name", ""),
            "ClusterId": cluster_id,
        },
        "start_time": document["start_time"],
        "state": document["state"],
        "state_message": "",
        **({"pinned_by_user_name": pinned} if pinned else {}),
    }


def _completed(settings: Document) -> Document:
    """What is said of a cluster, with what the service answers where nothing is said."""
    nodes = {} if "instance_pool_id" in settings else {"node_type_id": settings.get("node_type_id", _NODE_TYPES[0][0])}
    driver = {"driver_node_type_id": nodes["node_type_id"]} if nodes else {}
    return {
        "cluster_name": "",
        "autotermination_minutes": 0,
        "enable_elastic_disk": not settings.get("instance_pool_id"),
        "enable_local_disk_encryption": False,
        **nodes,
        **driver,
        **settings,
    }


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
