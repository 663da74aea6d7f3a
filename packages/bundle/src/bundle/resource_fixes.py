"""Stages 13 and 15: what is rewritten in single kinds of resources before presets and defaults apply."""

# Paths are text here, joined and cleaned as Go's filepath does.
# ruff: noqa: PTH118

import os

from bundle.diagnostics import Severity, StopError
from bundle.draft import Draft
from bundle.includes import glob
from bundle.libraries import is_local_path
from bundle.limits import UPLOADED_BYTES
from bundle.normalize import is_pure_reference
from bundle.value import Value, matches, pattern_of, wrap

_CLUSTERS = (
    "resources.clusters.*",
    "resources.jobs.*.job_clusters[*].new_cluster",
    "resources.jobs.*.tasks[*].new_cluster",
    "resources.jobs.*.tasks[*].for_each_task.task.new_cluster",
    "resources.pipelines.*.clusters[*]",
)
_SINGLE_NODE = """num_workers should be 0 only for single-node clusters. To create a
valid single node cluster please ensure that the following properties
are correctly set in the cluster specification:

  spark_conf:
    spark.databricks.cluster.profile: singleNode
    spark.master: local[*]

  custom_tags:
    ResourceClass: SingleNode
  """


def check_single_node_clusters(draft: Draft) -> None:
    """A cluster without workers needs three more settings."""
    for pattern in _CLUSTERS:
        for path, cluster in matches(draft.root, pattern_of(pattern)):
            if _lacks_single_node_settings(cluster):
                draft.report.add(
                    Severity.WARNING,
                    "Single node cluster is not correctly configured",
                    detail=_SINGLE_NODE,
                    paths=[path],
                    places=cluster.places,
                )


def _lacks_single_node_settings(cluster: Value) -> bool:
    workers = cluster.get("num_workers")
    if workers is None or type(workers.data) is not int or workers.data > 0 or cluster.text("policy_id"):
        return False
    return not (
        cluster.text("spark_conf", "spark.databricks.cluster.profile") == "singleNode"
        and cluster.text("spark_conf", "spark.master").startswith("local")
        and cluster.text("custom_tags", "ResourceClass") == "SingleNode"
    )


def expand_pipeline_globs(draft: Draft) -> None:
    """A library path with wildcards becomes one library per file."""
    for _, libraries in matches(draft.root, pattern_of("resources.pipelines.*.libraries")):
        if type(libraries.data) is not list:
            if is_pure_reference(libraries.data):
                raise StopError("expected sequence, got string", origin=next(iter(libraries.places), None))
            continue
        libraries.data = [expanded for library in libraries.data for expanded in _expanded(draft, library)]


def _expanded(draft: Draft, library: Value) -> list[Value]:
    for kind in ("notebook", "file"):
        path = library.get(kind, "path")
        if path is None:
            continue
        text = path.data
        if type(text) is not str or not text or not is_local_path(text):
            return [library]
        if not any(char in text for char in "*?[\\"):
            if os.path.lexists(os.path.join(draft.directory, text)):
                path.data = os.path.normpath(text)
            return [library]
        found = glob(os.path.normpath(os.path.join(draft.directory, text)), draft.confinement)
        if found is None:
            raise StopError("syntax error in pattern", origin=next(iter(path.places), None))
        if not found:
            return [library]
        draft.values.add(len(found) * 3, f"{text} matches {len(found):,} files")
        copies = []
        for file in found:
            copy = library.copy()
            copy.put((kind, "path"), draft.relative(file).replace(os.sep, "/"))
            copies.append(copy)
        return copies
    return [library]


def capture_schemas(draft: Draft) -> None:
    """A schema of this bundle that is named in a pipeline or volume becomes a reference, so that it is made first."""
    schemas = {
        (schema.text("catalog_name"), schema.text("name")): key for key, schema in draft.resources("schemas").items()
    }

    def link(resource: Value, catalog: str, field: str) -> None:
        key = schemas.get((resource.text(catalog), resource.text(field)))
        if key is not None and resource.text(catalog) and resource.text(field):
            resource.put((field,), f"${{resources.schemas.{key}.name}}")

    for pipeline in draft.resources("pipelines").values():
        link(pipeline, "catalog", "target")
        link(pipeline, "catalog", "schema")
    for volume in draft.resources("volumes").values():
        link(volume, "catalog_name", "schema_name")


def read_dashboards(draft: Draft) -> None:
    """The content of a dashboard's file."""
    for dashboard in draft.resources("dashboards").values():
        path = dashboard.get("file_path")
        if path is None or type(path.data) is not str:
            continue
        try:
            content = draft.confinement.read(os.path.join(draft.sync_root, path.data), UPLOADED_BYTES)
            dashboard.put(("serialized_dashboard",), content.decode("utf-8"))
        except UnicodeDecodeError:
            raise StopError(
                f"failed to read serialized dashboard from file_path {path.data}: it is not UTF-8",
                origin=next(iter(path.places), None),
            ) from None
        except OSError as error:
            raise StopError(
                f"failed to read serialized dashboard from file_path {path.data}: open {path.data}: "
                f"{(error.strerror or '').lower()}",
                origin=next(iter(path.places), None),
            ) from None


def fix_clusters(draft: Draft) -> None:
    """A cluster from a pool takes its machines from there; a job cluster says how many workers it has."""
    for job in draft.resources("jobs").values():
        for task in job.items("tasks"):
            if (cluster := task.get("new_cluster")) is not None:
                _fit_to_pool(cluster)
        for shared in job.items("job_clusters"):
            cluster = shared.get("new_cluster")
            if cluster is None or type(cluster.data) is not dict:
                if cluster is not None and is_pure_reference(cluster.data):
                    continue
                cluster = shared.put(("new_cluster",), {})
            _fit_to_pool(cluster)
            workers = cluster.get("num_workers")
            autoscale = cluster.get("autoscale")
            if (autoscale is None or autoscale.data is None) and (workers is None or workers.data is None):
                cluster.put(("num_workers",), 0)
    for cluster in draft.resources("clusters").values():
        _fit_to_pool(cluster)


def _fit_to_pool(cluster: Value) -> None:
    if type(cluster.data) is not dict:
        return
    if not cluster.text("instance_pool_id"):
        _clear(cluster, "driver_instance_pool_id")
        return
    for attributes, kept in (
        ("aws_attributes", "instance_profile_arn"),
        ("azure_attributes", ""),
        ("gcp_attributes", "google_service_account"),
    ):
        held = cluster.get(attributes)
        if held is not None and type(held.data) is dict:
            held.data = {kept: held.data[kept]} if held.text(kept) else {}
    for field in ("enable_elastic_disk", "node_type_id", "driver_node_type_id"):
        _clear(cluster, field)


def _clear(cluster: Value, field: str) -> None:
    held = cluster.get(field)
    if held is not None and not held.is_zero():
        del cluster.data[field]


def fix_serving_endpoints(draft: Draft) -> None:
    """`served_models` is the old name of `served_entities`."""
    for key, endpoint in draft.resources("model_serving_endpoints").items():
        config = endpoint.get("config")
        models, entities = endpoint.items("config", "served_models"), endpoint.items("config", "served_entities")
        if config is None or not models:
            continue
        where = f"resources.model_serving_endpoints.{key}"
        if entities:
            draft.report.add(
                Severity.ERROR,
                "Cannot use both served_models and served_entities",
                detail="Model serving endpoint cannot specify both served_models and served_entities at the same time.",
                places=draft.places(where)[:1],
            )
            continue
        draft.report.add(
            Severity.WARNING,
            "Using served_models is deprecated",
            detail="The served_models field is deprecated. Please use served_entities instead.",
            places=draft.places(f"{where}.config.served_models")[:1],
        )
        renamed = {"model_name": "entity_name", "model_version": "entity_version"}
        config.data["served_entities"] = wrap(
            [{renamed.get(name, name): value for name, value in model.entries().items()} for model in models]
        )
        del config.data["served_models"]


def fix_dashboards(draft: Draft) -> None:
    """Dashboards live under /Workspace."""
    for dashboard in draft.resources("dashboards").values():
        parent = dashboard.text("parent_path")
        if parent != "/Workspace" and not parent.startswith("/Workspace/"):
            dashboard.put(("parent_path",), os.path.normpath(f"/Workspace/{parent}"))


def queue_jobs(draft: Draft) -> None:
    """Jobs queue unless they say otherwise."""
    for job in draft.resources("jobs").values():
        queue = job.get("queue")
        if queue is None or queue.data is None:
            job.put(("queue",), {"enabled": True})
