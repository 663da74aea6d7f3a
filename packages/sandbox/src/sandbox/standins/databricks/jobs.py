"""databricks_job."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from sandbox.standins import schema
from sandbox.standins.behaviour import MissingError, RefusedError, Resource
from sandbox.standins.databricks import job_clusters
from sandbox.standins.databricks.payloads import from_json, to_json
from sandbox.standins.databricks.session import Session, workspace
from sandbox.standins.plan import Rules, Values
from sandbox.standins.wire import Unknown

CREATE = workspace("POST", "/api/2.2/jobs/create")
READ = workspace("GET", "/api/2.2/jobs/get")
RESET = workspace("POST", "/api/2.2/jobs/reset")
DELETE = workspace("POST", "/api/2.2/jobs/delete")
# For jobs without a task block, and for the first read of an imported job.
OLD_CREATE = workspace("POST", "/api/2.0/jobs/create")
OLD_READ = workspace("GET", "/api/2.0/jobs/get")
OLD_RESET = workspace("POST", "/api/2.0/jobs/reset")

_ALIASES = {
    "task": "tasks",
    "parameter": "parameters",
    "job_cluster": "job_clusters",
    "environment": "environments",
    "library": "libraries",
    "task.library": "libraries",
    "git_source.url": "git_url",
    "git_source.provider": "git_provider",
    "git_source.branch": "git_branch",
    "git_source.tag": "git_tag",
    "git_source.commit": "git_commit",
}
_LOCAL = frozenset(
    {"id", "url", "timeouts", "always_running", "control_run_state", "provider_config", "library.provider_config"}
)
# Of the job itself only the first version of the API has these.
_OLD = frozenset(
    {
        "existing_cluster_id",
        "new_cluster",
        "notebook_task",
        "spark_jar_task",
        "spark_python_task",
        "spark_submit_task",
        "pipeline_task",
        "python_wheel_task",
        "dbt_task",
        "run_job_task",
        "library",
        "max_retries",
        "min_retry_interval_millis",
        "retry_on_timeout",
    }
)
_PAGED = ("tasks", "job_clusters", "environments", "parameters")
_WEBHOOKS = (
    "on_start",
    "on_failure",
    "on_success",
    "on_duration_warning_threshold_exceeded",
    "on_streaming_backlog_exceeded",
)
_GIT_PROVIDERS = {
    "github.com": "gitHub",
    "dev.azure.com": "azureDevOpsServices",
    "gitlab.com": "gitLab",
    "bitbucket.org": "bitbucketCloud",
}
_CODE_COMMIT = re.compile(r"git-codecommit\.[^.]+\.amazonaws\.com")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_TRIGGERS = ("schedule", "continuous", "trigger")
# Where nothing is configured, whatever the server says is no change.
_SERVERS_OWN = (
    "queue",
    "email_notifications",
    "email_notifications.*",
    "webhook_notifications",
    "task.email_notifications",
    "task.webhook_notifications",
    "notebook_task.source",
    "spark_python_task.source",
    "dbt_task.source",
    "file.source",
    "new_cluster.data_security_mode",
    "new_cluster.aws_attributes",
    "aws_attributes.*",
    "new_cluster.azure_attributes",
    "azure_attributes.*",
    "new_cluster.gcp_attributes",
    "gcp_attributes.*",
)


def _create(session: Session, planned: Values) -> Values:
    body = _settings(planned)
    _sort(body)
    git = body.get("git_source")
    if git is not None and not git.get("git_provider"):
        git["git_provider"] = _git_provider(git)
    request = CREATE if _has_tasks(planned) else OLD_CREATE
    return {"id": str(session.send(request, body=body)["job_id"])}


def _update(session: Session, prior: Values, planned: Values) -> Values:
    body = {"job_id": int(prior["id"]), "new_settings": _settings(planned)}
    with _gone_is_missing(prior["id"]):
        session.send(RESET if _has_tasks(planned) else OLD_RESET, body=body)
    return {"id": prior["id"]}


def _read(session: Session, state: Values) -> Values | None:
    with _gone_is_missing(state["id"]):
        found = _whole(session, state) if _has_tasks(state) else session.send(OLD_READ, query={"job_id": state["id"]})
    settings = found["settings"]
    _sort(settings)
    read = from_json(_block(), settings, aliases=_ALIASES)
    for name in ("timeouts", "always_running", "control_run_state", "provider_config"):
        read.pop(name)  # known here only
    if user := found.get("run_as_user_name"):
        # Written in the settings, read beside them.
        kind = "service_principal_name" if _UUID.fullmatch(user) else "user_name"
        read["run_as"] = [{"service_principal_name": None, "user_name": None, kind: user}]
    return read | {"id": state["id"], "url": f"{session.host}/#job/{state['id']}"}


def _delete(session: Session, state: Values) -> None:
    session.send(DELETE, body={"job_id": int(state["id"])})


def _whole(session: Session, state: Values) -> Any:
    """The job with the lists of all its pages."""
    query = {"job_id": state["id"]}
    found = session.send(READ, query=query)
    page = found
    while page.get("next_page_token"):
        page = session.send(READ, query=query | {"page_token": page["next_page_token"]})
        for name in _PAGED:
            more = page["settings"].get(name)
            if more:
                found["settings"][name] = [*found["settings"].get(name, []), *more]
    return found


@contextmanager
def _gone_is_missing(id_: str) -> Iterator[None]:
    """A job that is not there is refused as an invalid parameter (tpd/jobs/resource_job.go, wrapMissingJobError)."""
    try:
        yield
    except RefusedError as error:
        if f"Job {id_} does not exist" in str(error):
            raise MissingError(str(error)) from error
        raise


def _has_tasks(values: Values) -> bool:
    return bool(values["task"]) or values["format"] == "MULTI_TASK"


def _settings(planned: Values) -> dict[str, Any]:
    """The settings as they are sent: without a queue unless one is wanted, and with the clusters prepared."""
    tasks = _has_tasks(planned)
    local = _LOCAL | job_clusters.LOCAL | (_OLD if tasks else frozenset())
    body = to_json(_block(), planned, aliases=_ALIASES, local=local)
    if tasks:
        body.setdefault("queue", {"enabled": False})
    for settings, values in _with_clusters(body, planned):
        job_clusters.prepare(settings["new_cluster"], values["new_cluster"][0])
    return body


def _with_clusters(body: dict[str, Any], planned: Values) -> Iterator[tuple[dict[str, Any], Values]]:
    """(what is sent, what is planned) wherever a new cluster may be prepared: not inside a for-each task."""
    pairs = [(body, planned)]
    pairs += zip(body.get("tasks", []), planned["task"], strict=True)
    pairs += zip(body.get("job_clusters", []), planned["job_cluster"], strict=True)
    return ((sent, values) for sent, values in pairs if "new_cluster" in sent)


def _sort(settings: dict[str, Any]) -> None:
    """As the provider sorts what it creates and what it reads, and not what it updates with."""
    if "tasks" in settings:
        settings["tasks"] = sorted(settings["tasks"], key=lambda task: task["task_key"])
    for level in (settings, *settings.get("tasks", [])):
        if level.get("depends_on"):
            level["depends_on"] = sorted(level["depends_on"], key=lambda other: other["task_key"])
        hooks = level.get("webhook_notifications") or {}
        for name in _WEBHOOKS:
            if hooks.get(name):
                hooks[name] = sorted(hooks[name], key=lambda hook: hook["id"])


def _git_provider(git: dict[str, Any]) -> str:
    host = urlsplit(git["git_url"]).netloc.lower()
    provider = _GIT_PROVIDERS.get(host, "awsCodeCommit" if _CODE_COMMIT.fullmatch(host) else "")
    if not provider:
        raise RefusedError(
            "git source is not empty but Git Provider is not specified and cannot be guessed by url " + git["git_url"]
        )
    if not any(git.get(f"git_{name}") for name in ("branch", "tag", "commit")):
        raise RefusedError("git source is not empty but none of branch, commit and tag is specified")
    return provider


def _validate(config: Values) -> str | None:
    if config["always_running"] is True or config["control_run_state"] is True:
        return "the stand-in provider does not start or stop runs: always_running, control_run_state"
    given = [name for name in _TRIGGERS if _blocks(config[name])]
    if len(given) > 1:
        return f'"{given[0]}": conflicts with {given[1]}'
    for name in given:
        status = _blocks(config[name])[0]["pause_status"]
        if isinstance(status, str) and status not in ("PAUSED", "UNPAUSED"):
            return f'expected {name}.0.pause_status to be one of ["PAUSED" "UNPAUSED"], got {status}'
    for git in _blocks(config["git_source"]):
        if isinstance(git["url"], str) and not git["url"].startswith("https://"):
            return f'expected "git_source.0.url" to have a url with schema of: "https", got {git["url"]}'
        references = [name for name in ("branch", "commit", "tag") if git[name] is not None]
        if len(references) > 1:
            return f'"git_source.0.{references[0]}": conflicts with git_source.0.{references[1]}'
    for who in _blocks(config["run_as"]):
        if (who["user_name"] is None) == (who["service_principal_name"] is None):
            return "run_as: exactly one of user_name, service_principal_name must be specified"
    return None


def _blocks(value: Any) -> list[Values]:
    return [] if isinstance(value, Unknown) else [item for item in value if not isinstance(item, Unknown)]


def _block() -> schema.Block:
    return schema.load("databricks").resources["databricks_job"]


RESOURCE: Resource[Session] = Resource(
    requests=(CREATE, READ, RESET, DELETE, OLD_CREATE, OLD_READ, OLD_RESET),
    create=_create,
    read=_read,
    update=_update,
    delete=_delete,
    validate=_validate,
    drops_unasked=True,
    rules=Rules(
        defaults={
            "name": "Untitled",
            "max_concurrent_runs": 1,
            "always_running": False,
            "control_run_state": False,
            "schedule.pause_status": "UNPAUSED",
            "trigger.pause_status": "UNPAUSED",
            "continuous.pause_status": "UNPAUSED",
            "dbt_task.schema": "default",
            "new_cluster.num_workers": 0,
        },
        same={"new_cluster.data_security_mode": job_clusters.is_alias},
        unset={
            **dict.fromkeys(_SERVERS_OWN, bool),
            "task.run_if": lambda before: before == "ALL_SUCCESS",
        },
        computed=frozenset({"run_as"}),
    ),
    version=2,
)
