"""A resolved bundle as the Databricks CLI 0.280.0 writes it for Terraform: the `resource` block of its tf.json.

Rules: databricks/cli v0.280.0, bundle/deploy/terraform/tfdyn. What a stack asks for differently: bundle_adaptation.py.
"""

from collections.abc import Callable, Mapping
from typing import Any

from bundle import ResolvedBundle
from bundle.resource_references import ResourceReference, split_references
from deployed_kinds import KINDS, ResourceKind
from terraform_text import Reference, Template

_BUNDLE_ONLY = ("permissions", "grants", "id", "modified_status", "url")
_PRINCIPALS = ("user_name", "group_name", "service_principal_name")
_JOB_BLOCKS = {"tasks": "task", "job_clusters": "job_cluster", "parameters": "parameter", "environments": "environment"}
_GIT_SOURCE = {f"git_{name}": name for name in ("branch", "commit", "provider", "tag", "url")}
_SOURCED = ("dbt_task", "gen_ai_compute_task", "notebook_task", "spark_python_task")
_PIPELINE_BLOCKS = {"libraries": "library", "clusters": "cluster", "notifications": "notification"}

Block = dict[str, Any]


def convert(resolved: ResolvedBundle) -> Block:
    """All resources by Terraform type and name; texts with references to resources are Templates.

    KeyError for a kind that no stack deploys.
    """
    out: Block = {}
    for resource in resolved.resources:
        kind, key = KINDS[resource.kind], resource.key
        settings = _thawed(resource.settings)
        if kind.permissions and settings.get("permissions"):
            entries = [_access(entry) for entry in settings["permissions"]]
            permissions = {kind.permissions: _object(kind, key), "access_control": entries}
            _put(out, "databricks_permissions", kind.name_of(key), permissions)
        if kind.grants and settings.get("grants"):
            grants = {kind.grants: _object(kind, key), "grant": settings["grants"]}
            _put(out, "databricks_grants", kind.name_of(key), grants)
        if kind.acl:
            for index, entry in enumerate(settings.get("permissions") or ()):
                _put(out, kind.acl, kind.name_of_entry(key, index), _acl_entry(kind, key, settings, entry))
        body = {name: value for name, value in settings.items() if name not in _BUNDLE_ONLY}
        _put(out, kind.type, key, SHAPES[kind.kind](body))
    return {"resource": _readdressed(out)}


def _put(out: Block, kind: str, name: str, block: Block) -> None:
    out.setdefault(kind, {})[name] = block


def _object(kind: ResourceKind, key: str) -> Template:
    return Template((Reference(f"{kind.type}.{key}.{kind.id_attribute}"),))


def _access(entry: Block) -> Block:
    return {"permission_level" if name == "level" else name: value for name, value in entry.items()}


def _acl_entry(kind: ResourceKind, key: str, settings: Block, entry: Block) -> Block:
    """One entry of an access list that is named by what it is on, and not by its id."""
    principal = next((entry[name] for name in _PRINCIPALS if entry.get(name)), "")
    scope = settings.get("name", "")
    on = f"{kind.type}.{key}"
    return {"permission": entry.get("level", ""), "principal": principal, "scope": scope, "depends_on": [on]}


def _as_it_is(body: Block) -> Block:
    return body


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


def _cluster(cluster: Block) -> Block:
    """Nobody waits for a cluster to run."""
    return {**cluster, "no_wait": True}


def _schema(schema: Block) -> Block:
    return {**schema, "force_destroy": True}


def _pipeline(pipeline: Block) -> Block:
    return {_PIPELINE_BLOCKS.get(name, name): value for name, value in pipeline.items() if name != "dry_run"}


SHAPES: Mapping[str, Callable[[Block], Block]] = {
    "clusters": _cluster,
    "experiments": _as_it_is,
    "jobs": _job,
    "model_serving_endpoints": _as_it_is,
    "models": _as_it_is,
    "pipelines": _pipeline,
    "quality_monitors": _as_it_is,
    "registered_models": _as_it_is,
    "schemas": _schema,
    "secret_scopes": _as_it_is,
    "sql_warehouses": _as_it_is,
    "volumes": _as_it_is,
}
"""What the CLI makes of the settings of each kind (its convert_<kind>.go)."""


def _readdressed(value: Any) -> Any:
    """References to resources of the bundle, as Terraform addresses."""
    if isinstance(value, dict):
        return {name: _readdressed(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_readdressed(inner) for inner in value]
    return _template(value) if isinstance(value, str) else value


def _template(text: str) -> str | Template:
    parts = tuple(_address(part) if isinstance(part, ResourceReference) else part for part in split_references(text))
    return Template(parts) if len(parts) > 1 else text


def _address(part: ResourceReference) -> Reference:
    return Reference(f"{KINDS[part.kind].type}.{part.key}{part.attribute}")


def _thawed(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _thawed(inner) for name, inner in value.items()}
    if isinstance(value, tuple):
        return [_thawed(inner) for inner in value]
    return value
