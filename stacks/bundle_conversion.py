"""A resolved bundle as the Databricks CLI 0.280.0 writes it for Terraform: the `resource` block of its tf.json.

Rules: databricks/cli v0.280.0, bundle/deploy/terraform/tfdyn. What a stack asks for differently: bundle_adaptation.py.
"""

from collections.abc import Mapping
from typing import Any

from bundle import ResolvedBundle
from bundle.resource_references import ResourceReference, split_references
from terraform_text import Reference, Template

# Kind of resource in the bundle: Terraform type, prefix of its permissions and grants, attribute that names the object.
KINDS = {
    "experiments": ("databricks_mlflow_experiment", "mlflow_experiment", "experiment_id", "id"),
    "jobs": ("databricks_job", "job", "job_id", "id"),
    "models": ("databricks_mlflow_model", "mlflow_model", "registered_model_id", "registered_model_id"),
    "pipelines": ("databricks_pipeline", "pipeline", "pipeline_id", "id"),
    "quality_monitors": ("databricks_quality_monitor", "", "", ""),
    "registered_models": ("databricks_registered_model", "registered_model", "function", "id"),
    "schemas": ("databricks_schema", "schema", "schema", "id"),
    "volumes": ("databricks_volume", "volume", "volume", "id"),
}
_BUNDLE_ONLY = ("permissions", "grants", "id", "modified_status", "url")
_JOB_BLOCKS = {"tasks": "task", "job_clusters": "job_cluster", "parameters": "parameter", "environments": "environment"}
_GIT_SOURCE = {f"git_{name}": name for name in ("branch", "commit", "provider", "tag", "url")}
_SOURCED = ("dbt_task", "gen_ai_compute_task", "notebook_task", "spark_python_task")
_PIPELINE_BLOCKS = {"libraries": "library", "clusters": "cluster", "notifications": "notification"}

Block = dict[str, Any]


def convert(resolved: ResolvedBundle) -> Block:
    """All resources by Terraform type and name; texts with references to resources are Templates.

    KeyError for a kind that is not in `KINDS`.
    """
    out: Block = {}
    for resource in resolved.resources:
        kind, prefix, attribute, field = KINDS[resource.kind]
        settings = _thawed(resource.settings)
        if settings.get("permissions"):
            entries = [_access(entry) for entry in settings["permissions"]]
            _put(
                out,
                "databricks_permissions",
                f"{prefix}_{resource.key}",
                {attribute: _object(kind, resource.key, field), "access_control": entries},
            )
        if settings.get("grants"):
            _put(
                out,
                "databricks_grants",
                f"{prefix}_{resource.key}",
                {attribute: _object(kind, resource.key, field), "grant": settings["grants"]},
            )
        body = {name: value for name, value in settings.items() if name not in _BUNDLE_ONLY}
        shape = _SHAPES.get(resource.kind)
        _put(out, kind, resource.key, shape(body) if shape else body)
    return {"resource": _readdressed(out)}


def _put(out: Block, kind: str, name: str, block: Block) -> None:
    out.setdefault(kind, {})[name] = block


def _object(kind: str, key: str, field: str) -> Template:
    return Template((Reference(f"{kind}.{key}.{field}"),))


def _access(entry: Block) -> Block:
    return {"permission_level" if name == "level" else name: value for name, value in entry.items()}


def _job(job: Block) -> Block:
    source = "GIT" if "git_source" in job else "WORKSPACE"
    job["tasks"] = [_task(task, source) for task in job.get("tasks", ())]
    if not job["tasks"]:
        del job["tasks"]
    if "git_source" in job:
        job["git_source"] = {_GIT_SOURCE.get(name, name): value for name, value in job["git_source"].items()}
    return {_JOB_BLOCKS.get(name, name): value for name, value in job.items()}


def _task(task: Block, source: str) -> Block:
    inner = task.get("for_each_task", {}).get("task")
    if inner is not None:
        task["for_each_task"]["task"] = _task(inner, source)
    for block in (*(task[kind] for kind in _SOURCED if kind in task), task.get("sql_task", {}).get("file")):
        if block is not None:
            block.setdefault("source", source)
    if "depends_on" in task:
        # As the provider sorts them when it reads: another order would be a difference for ever (resource_job.go).
        task["depends_on"] = sorted(task["depends_on"], key=lambda dependency: str(dependency.get("task_key")))
    return {"library" if name == "libraries" else name: value for name, value in task.items()}


def _schema(schema: Block) -> Block:
    return {**schema, "force_destroy": True}


def _pipeline(pipeline: Block) -> Block:
    return {_PIPELINE_BLOCKS.get(name, name): value for name, value in pipeline.items() if name != "dry_run"}


_SHAPES = {"jobs": _job, "schemas": _schema, "pipelines": _pipeline}


def _readdressed(value: Any) -> Any:
    """References to resources of the bundle, as Terraform addresses."""
    if isinstance(value, dict):
        return {name: _readdressed(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_readdressed(inner) for inner in value]
    return _template(value) if isinstance(value, str) else value


def _template(text: str) -> str | Template:
    parts = tuple(
        Reference(f"{KINDS[part.kind][0]}.{part.key}{part.attribute}") if isinstance(part, ResourceReference) else part
        for part in split_references(text)
    )
    return Template(parts) if len(parts) > 1 else text


def _thawed(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _thawed(inner) for name, inner in value.items()}
    if isinstance(value, tuple):
        return [_thawed(inner) for inner in value]
    return value
