"""Attributes of jobs (https://docs.databricks.com/api/workspace/jobs/update)."""

from sandbox.databricks.world.day_one import ADMIN_USER
from sandbox.tampering.attributes.forms import Attribute, Document, Form, More, Never, Rows, changed_names
from sandbox.tampering.console import Console
from sandbox.tampering.managed import Managed

_JOBS = "/api/2.2/jobs"


def _read(console: Console, job: Managed) -> Document:
    shown: Document = console.databricks("GET", job.host, f"{_JOBS}/get", query={"job_id": str(job["id"])})
    # Who it runs as is written as `run_as`, and shown beside the settings.
    return {"run_as": {}, **shown["settings"]}


def _write(console: Console, job: Managed, before: Document, after: Document) -> None:
    changes, gone = changed_names(before, after)
    # An update keeps the members of a list that it does not name.
    gone += [
        f"{name}/{member[key]}"
        for name, key in (("tasks", "task_key"), ("job_clusters", "job_cluster_key"))
        for member in before.get(name, ())
        if member[key] not in [kept[key] for kept in after.get(name, ())] and name not in gone
    ]
    body = {"job_id": int(job["id"]), "new_settings": changes, "fields_to_remove": gone}
    console.databricks("POST", job.host, f"{_JOBS}/update", body)


_ALWAYS = Never("every stack sets it for every job")
_RECIPIENT = {"on_failure": ["somebody@example.com"]}
_TASK = {
    "task_key": "by_hand",
    "notebook_task": {"notebook_path": "/Shared/by-hand", "source": "WORKSPACE"},
}
_CLUSTER = {
    "job_cluster_key": "by-hand",
    "new_cluster": {"spark_version": "15.4.x-scala2.12", "node_type_id": "i3.xlarge", "num_workers": 1},
}
_RULE = {"metric": "RUN_DURATION_SECONDS", "op": "GREATER_THAN", "value": 60}

JOBS = Rows(
    Form(type="databricks_job", read=_read, write=_write),
    (
        Attribute(name="description", added="made by hand"),
        Attribute(name="continuous", added={"pause_status": "UNPAUSED"}, only_added=True),
        Attribute(name="edit_mode", removed=Never("the service says EDITABLE then: that is a change"), added=_ALWAYS),
        Attribute(
            name="email_notifications",
            changed=lambda held: {**held, "on_failure": [*held.get("on_failure", ()), "somebody@example.com"]},
            added=_RECIPIENT,
        ),
        Attribute(
            name="environment",
            path="environments",
            changed=lambda held: [{**held[0], "spec": {**held[0]["spec"], "dependencies": ["by-hand"]}}, *held[1:]],
            added=More({"environment_key": "by-hand", "spec": {"client": "1"}}),
            removed=Never("the service refuses a job whose tasks name it"),
        ),
        Attribute(
            name="git_source",
            removed=Never("the service refuses a job whose tasks take their code from it"),
            added={"git_url": "https://github.com/by/hand", "git_provider": "gitHub", "git_branch": "main"},
        ),
        Attribute(
            name="health",
            changed=lambda held: {"rules": [{**held["rules"][0], "value": held["rules"][0]["value"] + 1}]},
            added={"rules": [_RULE]},
        ),
        Attribute(
            name="job_cluster",
            path="job_clusters",
            removed=Never("the service refuses a job whose tasks name it"),
            added=More(_CLUSTER),
        ),
        Attribute(
            name="max_concurrent_runs",
            removed=Never("the service says 1 then: that is a change, or none"),
            added=_ALWAYS,
        ),
        Attribute(name="name", removed=Never("the service names it Untitled then: that is a change"), added=_ALWAYS),
        Attribute(
            name="notification_settings",
            changed=lambda held: {name: not value for name, value in held.items()},
            added={"no_alert_for_skipped_runs": True},
        ),
        Attribute(
            name="parameter",
            path="parameters",
            added=More({"name": "by_hand", "default": "1"}),
        ),
        Attribute(name="queue", added=_ALWAYS),
        Attribute(name="run_as", added={"user_name": ADMIN_USER}, only_added=True),
        Attribute(name="schedule", added={"quartz_cron_expression": "0 0 3 * * ?", "timezone_id": "UTC"}),
        Attribute(name="tags", added={"by": "hand"}),
        Attribute(name="task", path="tasks", added=More(_TASK)),
        Attribute(name="timeout_seconds", added=60),
        Attribute(
            name="trigger",
            changed=lambda held: {**held, "pause_status": "PAUSED"},
            added={"file_arrival": {"url": "s3://by-hand/"}, "pause_status": "UNPAUSED"},
        ),
        Attribute(
            name="webhook_notifications",
            changed=lambda held: {**held, "on_start": [{"id": "by-hand"}]},
            added={"on_failure": [{"id": "by-hand"}]},
        ),
    ),
)
