"""What the service refuses of a job's settings, one field at a time; `job_settings.py` looks at them together."""

import re

from sandbox.databricks.rest.compute.cluster_limits import CLUSTER
from sandbox.databricks.rest.limits import limit
from sandbox.limits import (
    Count,
    Distinct,
    Length,
    OneOf,
    OnlyOneOf,
    Quartz,
    Range,
    Serialized,
    Spelling,
    TimeZone,
    within,
)
from sandbox.source import databricks_api, databricks_docs, databricks_provider, databricks_sdk

_REFERENCE = databricks_api("workspace/jobs/create")
_SDK = databricks_sdk("databricks/sdk/service/jobs.py")
_RUN = databricks_sdk("databricks/sdk/service/jobs.py")
_LARGE = databricks_docs("jobs/large-jobs")
_SCHEDULES = databricks_provider("jobs/resource_job.go")

_KEY = Spelling(re.compile(r"[\w-]{1,100}", re.ASCII), "1 to 100 letters, digits, - and _", "k" * 100, "k" * 101)
_KEY_CHARACTERS = Spelling(re.compile(r"[\w-]*", re.ASCII), "letters, digits, - and _", "A-a_0", "not a key")
_PARAMETER = Spelling(re.compile(r"[\w.-]+", re.ASCII), "letters, digits, _, - and .", "a.b-c_d", "a b")
_ADDRESS = Spelling(re.compile(r"[^@\s]+@[^@\s]+"), "an email address", "somebody@example.com", "nobody")
_PAUSE = OneOf(("PAUSED", "UNPAUSED"))
_RUN_IF = ("ALL_SUCCESS", "ALL_DONE", "NONE_FAILED", "AT_LEAST_ONE_SUCCESS", "ALL_FAILED", "AT_LEAST_ONE_FAILED")
_SCHEDULE = {"quartz_cron_expression": "0 0 11 * * ?", "timezone_id": "UTC", "pause_status": "PAUSED"}
_EVENTS = ("on_start", "on_success", "on_failure", "on_duration_warning_threshold_exceeded")
_HOOKS_A_KIND = 3


def _task(number: int) -> dict[str, object]:
    return {"task_key": f"task_{number}", "notebook_task": {"notebook_path": "/Shared/nothing", "source": "WORKSPACE"}}


SETTINGS = (
    limit("name", Length(4096, in_bytes=True), _SDK),
    limit("description", Length(27_700), _SDK),
    limit("tags", Count(25, lambda n: (f"tag{n}", ""), of_map=True), _SDK),
    limit("max_concurrent_runs", Range(0, 1000), _SDK),
    limit("timeout_seconds", Range(0, 2**31 - 1), _REFERENCE),
    limit("tasks", Count(1000, _task), _SDK),
    limit("tasks[].task_key", _KEY, _REFERENCE),
    limit("tasks[].task_key", _KEY_CHARACTERS, _REFERENCE),
    limit("tasks[].description", Length(1000), _REFERENCE),
    limit("tasks[].run_if", OneOf(_RUN_IF), _SDK),
    limit("tasks[].notebook_task.source", OneOf(("WORKSPACE", "GIT")), _SDK),
    limit("tasks[].max_retries", Range(-1, 2**31 - 1), _SDK),
    limit("job_clusters", Count(100, lambda n: {"job_cluster_key": f"c{n}"}), _REFERENCE),
    limit("job_clusters[].job_cluster_key", _KEY, _REFERENCE),
    limit("job_clusters", Distinct("job_cluster_key", lambda n: {"job_cluster_key": f"c{n}"}), _SDK),
    *within("job_clusters[].new_cluster", CLUSTER),
    *within("tasks[].new_cluster", CLUSTER),
    limit("environments", Distinct("environment_key", lambda n: {"environment_key": f"e{n}"}), _SDK),
    limit("environments[].environment_key", _KEY, _REFERENCE),
    limit("parameters[].name", _PARAMETER, _SDK),
    limit("parameters", Distinct("name", lambda n: {"name": f"p{n}", "default": ""}), _REFERENCE),
    limit("schedule.quartz_cron_expression", Quartz(), _SDK, says="Invalid cron expression '{value}'."),
    limit("schedule.timezone_id", TimeZone(), _SDK, says="Invalid time zone '{value}'."),
    limit("schedule.pause_status", _PAUSE, _SDK),
    limit("continuous.pause_status", _PAUSE, _SDK),
    limit("trigger.pause_status", _PAUSE, _SDK),
    limit(
        "",
        OnlyOneOf(("schedule", "continuous", "trigger"), (_SCHEDULE, {"pause_status": "PAUSED"}, {})),
        _SCHEDULES,
        says="A job has {bound}.",
    ),
    limit(
        "git_source",
        OnlyOneOf(("git_branch", "git_tag", "git_commit"), ("main", "v1", "0" * 40)),
        _SDK,
        says="git_source has {bound}.",
    ),
    limit("format", OneOf(("MULTI_TASK", "SINGLE_TASK")), _SDK),
    limit("edit_mode", OneOf(("EDITABLE", "UI_LOCKED")), _SDK),
    limit("performance_target", OneOf(("PERFORMANCE_OPTIMIZED", "STANDARD")), _SDK),
    *(limit(f"email_notifications.{event}[]", _ADDRESS, _SDK) for event in _EVENTS),
    *(
        limit(f"webhook_notifications.{event}", Count(_HOOKS_A_KIND, lambda n: {"id": f"w{n}"}), _SDK)
        for event in _EVENTS
    ),
)

# Above it the older versions of the API do not go.
OLD_API = (
    limit(
        "tasks",
        Count(100, _task),
        _LARGE,
        says="Resources with more than 100 tasks can only be handled by API 2.2 and above. "
        "Your resource has {length} tasks",
    ),
)

NEW_SETTINGS = within("new_settings", SETTINGS)

LISTED = (limit("?limit", Range(1, 100), _SDK),)
RUNS_LISTED = (limit("?limit", Range(0, 24), _RUN),)

_MOST_BYTES = 10_000
RUN_NOW = (
    limit("idempotency_token", Length(64), _RUN),
    limit("jar_params", Serialized(_MOST_BYTES, lambda n: ["x" * n]), _RUN),
    limit("python_params", Serialized(_MOST_BYTES, lambda n: ["x" * n]), _RUN),
    limit("spark_submit_params", Serialized(_MOST_BYTES, lambda n: ["x" * n]), _RUN),
    limit("notebook_params", Serialized(_MOST_BYTES, lambda n: {"k": "x" * n}), _RUN),
)
