"""Clusters, inside of jobs or not, as the provider prepares them (tpd/clusters/resource_cluster.go)."""

from typing import Any

from sandbox.standins.plan import Values

# What the block has and the API's cluster has not.
LOCAL = frozenset(
    f"new_cluster.{name}"
    for name in (
        "__apply_policy_default_values_allow_list",
        "cluster_id",
        "cluster_mount_info",
        "idempotency_token",
        "library",
        "provider_config",
    )
)

_ALLOWED = "__apply_policy_default_values_allow_list"
# What an instance pool decides, and of what is left one field each.
_POOLED = ("enable_elastic_disk", "node_type_id", "driver_node_type_id")
_KEPT = {"aws_attributes": "instance_profile_arn", "azure_attributes": "", "gcp_attributes": "google_service_account"}


def prepare(cluster: dict[str, Any], block: Values) -> None:
    """Change the body of a new cluster: what a policy or a pool decides goes, the number of workers always stays."""
    if cluster.get("apply_policy_default_values") and block.get(_ALLOWED):
        allowed = {*block[_ALLOWED], "apply_policy_default_values", "policy_id"}
        for name in cluster.keys() - allowed:
            del cluster[name]
    if not cluster.get("instance_pool_id"):
        cluster.pop("driver_instance_pool_id", None)
    else:
        for name in _POOLED:
            cluster.pop(name, None)
        for name, kept in _KEPT.items():
            if name in cluster:
                cluster[name] = {key: value for key, value in cluster[name].items() if key == kept}
    if "autoscale" not in cluster:
        cluster.setdefault("num_workers", 0)


def is_alias(before: str, configured: str) -> bool:
    """Whether two modes of data security are names of one."""
    return configured in _ALIASES.get(before, ())


_ALIASES = {
    "SINGLE_USER": ("DATA_SECURITY_MODE_DEDICATED", "DATA_SECURITY_MODE_AUTO"),
    "USER_ISOLATION": ("DATA_SECURITY_MODE_STANDARD", "DATA_SECURITY_MODE_AUTO"),
}
