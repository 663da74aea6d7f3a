"""What `bundle validate` checks when everything is resolved: compute of tasks, files, patterns, volumes."""

from collections.abc import Iterator

from bundle.diagnostics import Severity
from bundle.draft import Draft
from bundle.file_set import all_files, list_files, matching
from bundle.limits import RefusedError
from bundle.sizes import check_matches
from bundle.value import Path, Value

_COMPUTE = ("job_cluster_key", "environment_key", "existing_cluster_id", "new_cluster")
_NEED_COMPUTE = ("python_wheel_task", "dbt_task", "spark_jar_task", "spark_submit_task", "spark_python_task")


def check_tasks(draft: Draft) -> None:
    """Job clusters that tasks name exist, and tasks that need compute name some."""
    for key, job in draft.resources("jobs").items():
        known = {cluster.text("job_cluster_key") for cluster in job.items("job_clusters")} - {""}
        for index, task in enumerate(job.items("tasks")):
            named = task.get("job_cluster_key")
            if named is not None and named.data and named.data not in known:
                path: Path = ("resources", "jobs", key, "tasks", index, "job_cluster_key")
                draft.report.add(
                    Severity.WARNING, f"job_cluster_key {named.data} is not defined", paths=[path], places=named.places
                )
    for key, job in draft.resources("jobs").items():
        for index, task in enumerate(job.items("tasks")):
            for path, inner in _nested(task, ("resources", "jobs", key, "tasks", index)):
                _check_compute(draft, path, inner)


def _nested(task: Value, path: Path) -> Iterator[tuple[Path, Value]]:
    inner = task.get("for_each_task", "task")
    if inner is not None:
        yield from _nested(inner, (*path, "for_each_task", "task"))
    yield path, task


def _check_compute(draft: Draft, path: Path, task: Value) -> None:
    absent = [name for name in _COMPUTE if (value := task.get(name)) is None or value.data in (None, "")]
    if len(absent) < len(_COMPUTE) or task.get("notebook_task") is not None:
        return
    if all((value := task.get(kind)) is None or value.data is None for kind in _NEED_COMPUTE):
        return
    draft.report.add(
        Severity.ERROR,
        "Missing required cluster or environment settings",
        detail=f'Task "{task.text("task_key")}" requires a cluster or an environment to run.\n'
        f"Specify one of the following fields: {', '.join(absent)}.",
        paths=[path],
        places=task.places,
    )


def check_artifact_volume(draft: Draft) -> None:
    """The form of a volume's path; whether the volume exists only the workspace knows."""
    path = draft.root.text("workspace", "artifact_path")
    if not path.startswith("/Volumes/"):
        return
    parts = path.split("/")
    if len(parts) < 5 or not all(parts[2:5]):
        draft.error(
            f"expected UC volume path to be in the format /Volumes/<catalog>/<schema>/<volume>/..., got {path}",
            at="workspace.artifact_path",
            paths=(("workspace", "artifact_path"),),
        )


def list_sync_files(draft: Draft) -> tuple[str, ...]:
    """The files to upload, with warnings for none at all and for patterns without effect."""
    try:
        files = list_files(draft.sync_root, draft.worktree, draft.root, draft.confinement)
    except RefusedError as error:
        draft.report.add(Severity.ERROR, str(error), detail=error.remedy, origin=next(iter(draft.places("sync")), None))
        return ()
    except OSError as error:
        place = next(iter(draft.places("sync.paths")), None)
        draft.report.add(Severity.ERROR, f"stat {error.filename}: {(error.strerror or '').lower()}", origin=place)
        _check_patterns(draft)
        return ()
    if not files and draft.root.items("sync", "paths"):
        if draft.root.items("sync", "exclude"):
            draft.warn(
                "There are no files to sync, please check your .gitignore and sync.exclude configuration",
                at="sync.exclude",
                paths=(("sync", "exclude"),),
            )
        else:
            draft.warn("There are no files to sync, please check your .gitignore")
    _check_patterns(draft)
    return files


def _check_patterns(draft: Draft) -> None:
    try:
        _mention_patterns(draft)
    except RefusedError as error:
        draft.report.add(Severity.ERROR, str(error), detail=error.remedy, origin=next(iter(draft.places("sync")), None))


def _mention_patterns(draft: Draft) -> None:
    everything: list[str] | None = None
    for part in ("exclude", "include"):
        for index, value in enumerate(draft.root.items("sync", part)):
            if everything is None:
                everything = all_files(draft.directory)
                check_matches(
                    len(draft.root.items("sync", "include") + draft.root.items("sync", "exclude")), len(everything)
                )
            if not matching([str(value.data).removeprefix("!")], everything):
                draft.report.add(
                    Severity.WARNING,
                    f"Pattern {value.data} does not match any files",
                    paths=[("sync", part, index)],
                    places=value.places,
                )
