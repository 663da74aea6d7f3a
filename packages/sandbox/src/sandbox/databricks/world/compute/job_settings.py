"""What a job's settings say, and whether they hold together."""

from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any

from sandbox.databricks.world.refusals import InvalidError
from sandbox.source import databricks_api, databricks_cli, databricks_docs, databricks_sdk
from sandbox.store import Document

_PROVIDER = databricks_cli("acceptance/bundle/resources/jobs/no-git-provider/out.deploy.direct.txt")
_SOURCE = databricks_sdk("databricks/sdk/service/jobs.py")
_GRAPH = databricks_docs("jobs/run-if")
_PATHS = databricks_api("workspace/jobs/create")

# What `update` merges by a key; everything else it replaces.
KEYED = {"tasks": "task_key", "job_clusters": "job_cluster_key"}
_GIT_PROVIDERS = (
    "github",
    "gitlab",
    "bitbucketcloud",
    "gitlabenterpriseedition",
    "bitbucketserver",
    "azuredevopsservices",
    "githubenterprise",
    "awscodecommit",
)


def changed(settings: Mapping[str, Any], changes: Mapping[str, Any], *, without: Iterable[str]) -> Document:
    """The settings after an update: tasks and clusters are changed one by one, everything else as a whole."""
    merged = dict(settings)
    for name, value in changes.items():
        key = KEYED.get(name)
        merged[name] = value if key is None else _merged(merged.get(name, []), value, key)
    for path in without:
        _drop(merged, str(path).split("/"))
    return merged


def check_settings(settings: Mapping[str, Any]) -> None:
    """Refuse settings that contradict themselves, in the service's words."""
    git = settings.get("git_source")
    if isinstance(git, dict) and str(git.get("git_provider", "")).lower() not in _GIT_PROVIDERS:
        raise InvalidError(f"git_source.git_provider must be one of: {','.join(_GIT_PROVIDERS)}", source=_PROVIDER)
    _check_tasks(settings)


def makes_clusters(settings: Mapping[str, Any]) -> bool:
    """Whether the settings ask for a cluster that no policy allows for."""
    return any("policy_id" not in cluster for cluster in _clusters(settings))


def tasks_of(settings: Mapping[str, Any]) -> list[Document]:
    """The tasks, those inside loops included."""
    tasks = [task for task in settings.get("tasks") or () if isinstance(task, dict)]
    loops = [task["for_each_task"].get("task") for task in tasks if isinstance(task.get("for_each_task"), dict)]
    return [*tasks, *(inner for inner in loops if isinstance(inner, dict))]


def _check_tasks(settings: Mapping[str, Any]) -> None:
    tasks: list[Any] = settings.get("tasks") or []
    if not isinstance(tasks, list) or not all(isinstance(task, dict) and task.get("task_key") for task in tasks):
        raise InvalidError("Every task needs a task_key.", source=_SOURCE)
    keys = [task["task_key"] for task in tasks]
    if twice := sorted({key for key in keys if keys.count(key) > 1}):
        raise InvalidError(f"Duplicate task_key: {', '.join(twice)}", source=_SOURCE)
    if ring := _cycle({task["task_key"]: _needed_by(task) for task in tasks}):
        raise InvalidError(f"Tasks depend on one another in a circle: {' -> '.join(ring)}", source=_GRAPH)
    shared = [cluster.get("job_cluster_key") for cluster in settings.get("job_clusters") or ()]
    for task in tasks_of(settings):
        for dependency in task.get("depends_on") or ():
            if dependency.get("task_key") not in keys:
                raise InvalidError(
                    f"Task {task['task_key']} depends on the task {dependency.get('task_key')}, which does not exist.",
                    source=_GRAPH,
                )
        cluster = task.get("job_cluster_key")
        if cluster and cluster not in shared:
            raise InvalidError(f"Job cluster '{cluster}' is not defined in field 'job_clusters'.", source=_SOURCE)
        notebook = task.get("notebook_task") or {}
        source = notebook.get("source") or ("GIT" if settings.get("git_source") else "WORKSPACE")
        if notebook and source == "WORKSPACE" and not str(notebook.get("notebook_path", "")).startswith("/"):
            raise InvalidError("Only absolute paths are currently supported. Paths must begin with '/'.", source=_PATHS)


def _needed_by(task: Document) -> list[str]:
    needed = task.get("depends_on") or ()
    return [str(one.get("task_key")) for one in needed if isinstance(one, dict)]


def _cycle(needs: Mapping[str, Iterable[str]]) -> list[str]:
    """Tasks that wait for one another, the first one again at the end; none when there is an order."""
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        return [str(key) for key in error.args[1]]
    return []


def _clusters(settings: Mapping[str, Any]) -> Iterable[Document]:
    for holder in (*tasks_of(settings), *(settings.get("job_clusters") or ())):
        if isinstance(holder, dict) and isinstance(cluster := holder.get("new_cluster"), dict):
            yield cluster


def _merged(old: list[Document], new: list[Document], key: str) -> list[Document]:
    changed = {item.get(key): item for item in new}
    kept = [changed.pop(item.get(key), item) for item in old]
    return [*kept, *changed.values()]


def _drop(settings: Document, path: list[str]) -> None:
    """Remove `schedule`, `tasks/Train` or `schedule/pause_status`."""
    name, *rest = path
    if not rest:
        settings.pop(name, None)
    elif name in KEYED:
        settings[name] = [item for item in settings.get(name, []) if item.get(KEYED[name]) != rest[0]]
    elif isinstance(settings.get(name), dict):
        settings[name] = dict(settings[name])
        _drop(settings[name], rest)
