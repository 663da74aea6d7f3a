"""What resources get where they are silent (the same as the Terraform provider's defaults)."""

from typing import Any, Final

from bundle.draft import Draft
from bundle.resource_fixes import fix_dashboards, queue_jobs
from bundle.value import exact_matches, pattern_of

_DEFAULTS: Final[tuple[tuple[str, str, Any], ...]] = (
    ("resources.dashboards.*", "embed_credentials", False),
    ("resources.volumes.*", "volume_type", "MANAGED"),
    ("resources.jobs.*", "name", "Untitled"),
    ("resources.jobs.*", "max_concurrent_runs", 1),
    ("resources.jobs.*.schedule", "pause_status", "UNPAUSED"),
    ("resources.jobs.*.trigger", "pause_status", "UNPAUSED"),
    ("resources.jobs.*.continuous", "pause_status", "UNPAUSED"),
    ("resources.jobs.*.job_clusters[*].new_cluster.workload_type.clients", "notebooks", True),
    ("resources.jobs.*.job_clusters[*].new_cluster.workload_type.clients", "jobs", True),
    ("resources.pipelines.*", "edition", "ADVANCED"),
    ("resources.pipelines.*", "channel", "CURRENT"),
    ("resources.sql_warehouses.*", "auto_stop_mins", 120),
    ("resources.sql_warehouses.*", "enable_photon", True),
    ("resources.sql_warehouses.*", "max_num_clusters", 1),
    ("resources.sql_warehouses.*", "spot_instance_policy", "COST_OPTIMIZED"),
    ("resources.apps.*", "description", ""),
    ("resources.clusters.*", "autotermination_minutes", 60),
    ("resources.clusters.*.workload_type.clients", "notebooks", True),
    ("resources.clusters.*.workload_type.clients", "jobs", True),
)


def set_defaults(draft: Draft) -> None:
    """Fills in what is absent; what is given stays, even empty."""
    folder = draft.root.text("workspace", "resource_path")
    parents = tuple((f"resources.{plural}.*", "parent_path", folder) for plural in ("dashboards", "alerts"))
    for pattern, field, default in (*parents, *_DEFAULTS):
        for _, holder in exact_matches(draft.root, pattern_of(pattern)):
            if type(holder.data) is dict and field not in holder.data:
                holder.put((field,), default)
    queue_jobs(draft)
    fix_dashboards(draft)
    draft.settle()
