"""What somebody does to jobs and pipelines in the workspace's own pages."""

from collections.abc import Callable
from typing import Any

from sandbox.tampering.acts import Act, Doing, another, by_hand, generated
from sandbox.tampering.console import Console, ImpossibleError
from sandbox.tampering.managed import Managed

_JOBS = "/api/2.2/jobs"
_HOURS = ("0 0 3 * * ?", "0 0 4 * * ?", "0 0 5 * * ?")
_RUNTIMES = ("16.4.x-scala2.12", "15.4.x-scala2.12", "14.3.x-scala2.12")


def _settings(console: Console, job: Managed) -> dict[str, Any]:
    found: dict[str, Any] = console.databricks("GET", job.host, f"{_JOBS}/get", query={"job_id": str(job["id"])})[
        "settings"
    ]
    return found


def _change(console: Console, job: Managed, settings: dict[str, Any]) -> None:
    body = {"job_id": int(job["id"]), "new_settings": settings}
    console.databricks("POST", job.host, f"{_JOBS}/update", body)


def _setting(attribute: str, says: str, changed: Callable[[Any], Any], field: str = "") -> Act:
    """The act that changes one of a job's settings; `field` is the API's name where that is another."""
    name = field or attribute

    def do(console: Console, job: Managed) -> None:
        _change(console, job, {name: changed(_settings(console, job)[name])})

    return generated("databricks_job", attribute, says, do)


def _with_one_more(tasks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    notebook = {"notebook_path": "/Shared/by-hand", "source": "WORKSPACE"}
    return [*tasks, {"task_key": f"by_hand_{len(tasks)}", "notebook_task": notebook}]


def _with_other_value(tags: dict[str, str]) -> dict[str, str]:
    return {name: by_hand(value) for name, value in tags.items()}


def _with_other_default(parameters: list[dict[str, str]]) -> list[dict[str, str]]:
    first, *others = parameters
    return [{**first, "default": by_hand(first["default"])}, *others]


def _edit_mode(console: Console, job: Managed) -> None:
    _change(console, job, {"edit_mode": another(("EDITABLE", "UI_LOCKED"), job["edit_mode"])})


def _queue(console: Console, job: Managed) -> None:
    _change(console, job, {"queue": {"enabled": not job["queue"][0]["enabled"]}})


def _pause(console: Console, job: Managed) -> None:
    schedule = _settings(console, job).get("schedule") or {}
    if schedule.get("pause_status") != "UNPAUSED":
        raise ImpossibleError("its schedule does not run")
    _change(console, job, {"schedule": {**schedule, "pause_status": "PAUSED"}})


def _reschedule(console: Console, job: Managed) -> None:
    schedule = _settings(console, job).get("schedule") or {}
    wanted, held = job["schedule"][0]["quartz_cron_expression"], schedule.get("quartz_cron_expression")
    _change(console, job, {"schedule": {**schedule, "quartz_cron_expression": another(_HOURS, wanted, held)}})


def _change_runtime(console: Console, job: Managed) -> None:
    cluster = _settings(console, job)["job_clusters"][0]
    wanted = job["job_cluster"][0]["new_cluster"][0]["spark_version"]
    runtime = another(_RUNTIMES, wanted, cluster["new_cluster"].get("spark_version"))
    changed = {**cluster, "new_cluster": {**cluster["new_cluster"], "spark_version": runtime}}
    _change(console, job, {"job_clusters": [changed]})


def _delete_job(console: Console, job: Managed) -> None:
    console.databricks("POST", job.host, f"{_JOBS}/delete", {"job_id": int(job["id"])})


def _copy_job(console: Console, job: Managed) -> None:
    console.databricks("POST", job.host, f"{_JOBS}/create", _settings(console, job))


# --- Pipelines. What is sent replaces the whole specification.


def _specification(console: Console, pipeline: Managed) -> dict[str, Any]:
    found: dict[str, Any] = console.databricks("GET", pipeline.host, f"/api/2.0/pipelines/{pipeline['id']}")["spec"]
    return found


def _specify(attribute: str, says: str, changed: Callable[[Managed, Any], Any], field: str = "") -> Act:
    name = field or attribute

    def do(console: Console, pipeline: Managed) -> None:
        specification = _specification(console, pipeline)
        value = changed(pipeline, specification[name])
        _replace(console, pipeline, {**specification, name: value})

    return generated("databricks_pipeline", attribute, says, do)


def _replace(console: Console, pipeline: Managed, specification: dict[str, Any]) -> None:
    if specification == _specification(console, pipeline):
        raise ImpossibleError("it is already so")
    console.databricks("PUT", pipeline.host, f"/api/2.0/pipelines/{pipeline['id']}", specification)


def _one_of(attribute: str, *values: str) -> Callable[[Managed, Any], str]:
    return lambda pipeline, held: another(values, pipeline[attribute], held)


def _move_pipeline(console: Console, pipeline: Managed) -> None:
    catalogs = console.databricks("GET", pipeline.host, "/api/2.1/unity-catalog/catalogs")["catalogs"]
    catalog = another([one["name"] for one in catalogs], pipeline["catalog"])
    _replace(console, pipeline, {**_specification(console, pipeline), "catalog": catalog})


def _develop(console: Console, pipeline: Managed) -> None:
    _replace(console, pipeline, {**_specification(console, pipeline), "development": not pipeline["development"]})


def _delete_pipeline(console: Console, pipeline: Managed) -> None:
    console.databricks("DELETE", pipeline.host, f"/api/2.0/pipelines/{pipeline['id']}")


def _job(attribute: str, says: str, do: Doing) -> Act:
    return generated("databricks_job", attribute, says, do)


_JOB, _PIPELINE = ("databricks_job",), ("databricks_pipeline",)

ACTS = (
    _setting("description", "has another description", by_hand),
    _job("edit_mode", "can be edited in the workspace's pages, or not any more", _edit_mode),
    _setting("git_source", "takes its code from branch by-hand", lambda git: {**git, "git_branch": "by-hand"}),
    _job("job_cluster", "runs on another runtime", _change_runtime),
    _setting("max_concurrent_runs", "may run once more at the same time", lambda held: held + 1),
    _setting("name", "is renamed", by_hand),
    _setting("parameter", "has another default for a parameter", _with_other_default, "parameters"),
    _job("queue", "has its queue switched", _queue),
    _job("schedule", "runs at another hour", _reschedule),
    _setting("tags", "has other values in its tags", _with_other_value),
    _setting("task", "has a task more", _with_one_more, "tasks"),
    _setting("timeout_seconds", "has a minute more", lambda held: held + 60),
    Act("schedule-paused", "has its schedule paused", _JOB, _pause, fits=lambda job: bool(job["schedule"])),
    Act("job-deleted", "is deleted, and its runs with it", _JOB, _delete_job),
    Act("job-copied", "gets a copy of the same name", _JOB, _copy_job),
    generated("databricks_pipeline", "catalog", "writes into another catalog", _move_pipeline),
    _specify("channel", "runs on the other channel", _one_of("channel", "PREVIEW", "CURRENT")),
    generated("databricks_pipeline", "development", "leaves or enters development mode", _develop),
    _specify("edition", "has another edition", _one_of("edition", "CORE", "PRO", "ADVANCED")),
    _specify(
        "library",
        "has a notebook more",
        lambda _, held: [*held, {"notebook": {"path": f"/Shared/by-hand-{len(held)}"}}],
        "libraries",
    ),
    _specify("name", "is renamed", lambda _, held: by_hand(held)),
    _specify("tags", "has other values in its tags", lambda _, held: _with_other_value(held)),
    Act("pipeline-deleted", "is deleted", _PIPELINE, _delete_pipeline),
)
