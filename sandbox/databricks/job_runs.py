"""`/jobs/runs`: runs that are simulated. They take time and check code and rights; nothing is ever executed.

https://docs.databricks.com/api/workspace/jobs. What a run comes to is settled when it starts
(run_outcomes.py) and shows as time passes (run_states.py). Every end says that it was simulated.
"""

from sandbox.databricks import jobs, object_access, principals, run_states
from sandbox.databricks.bodies import body, optional, required
from sandbox.databricks.object_access import CAN_VIEW, AccessObject
from sandbox.databricks.refusals import InvalidError, NotFoundError
from sandbox.databricks.run_outcomes import outcomes
from sandbox.databricks.run_parameters import job_parameters
from sandbox.databricks.run_states import SIMULATED
from sandbox.databricks.workspaces import here
from sandbox.route import Call
from sandbox.store import Document

_KIND = "databricks.job_run"
_FIRST_ID = 310_000_000_000_001
_SHOWN_OF_TASK = (
    "description",
    "depends_on",
    "existing_cluster_id",
    "environment_key",
    "git_source",
    "job_cluster_key",
    "libraries",
    "new_cluster",
    "notebook_task",
    "python_wheel_task",
    "run_if",
    "run_job_task",
    "spark_python_task",
)
_OVERRIDES = ("notebook_params", "python_params", "python_named_params", "jar_params", "sql_params", "dbt_commands")


def run_now(call: Call) -> Document:
    """Start a run of a job; the same idempotency_token starts none again."""
    job_id, job = jobs.wanted(call)
    token = optional(call, "idempotency_token", str)
    earlier = [(run_id, run) for run_id, run in _all(call) if run["job_id"] == int(job_id)]
    for run_id, run in earlier:
        if token and run.get("idempotency_token") == token:
            return {"run_id": run_id, "number_in_job": run_id}
    run_id = _next_id(call)
    document: Document = {
        "job_id": int(job_id),
        "creator_id": call.caller.id,
        "run_as_id": jobs.run_as(call, job, job_id),
        "start_time": call.clock.milliseconds(),
        "settings": job["settings"],
        "job_parameters": job_parameters(job["settings"], body(call).get("job_parameters") or {}),
        "overriding_parameters": {name: body(call)[name] for name in _OVERRIDES if body(call).get(name)},
        **({"idempotency_token": token} if token else {}),
    }
    _put(call, run_id, {**document, "tasks": outcomes(call, document, lambda: _next_id(call))})
    return {"run_id": run_id, "number_in_job": run_id}


def get_run(call: Call) -> Document:
    """One run of a job; the id of a task's run finds the run around it."""
    run_id, document = wanted(call)
    return _shown(call, run_id, document)


def list_runs(call: Call) -> Document:
    """Those that the caller may see, the newest first."""
    job_id = call.query.get("job_id")
    found = [
        _shown(call, run_id, run)
        for run_id, run in reversed(_all(call))
        if job_id in (None, "", str(run["job_id"])) and object_access.may(call, CAN_VIEW, _access_of(call, run))
    ]
    if call.query.get("active_only") == "true":
        found = [run for run in found if "end_time" not in run]
    elif call.query.get("completed_only") == "true":
        found = [run for run in found if "end_time" in run]
    if call.query.get("expand_tasks") != "true":
        found = [{name: value for name, value in run.items() if name != "tasks"} for run in found]
    return jobs.page(call, "runs", found)


def get_run_output(call: Call) -> Document:
    """What a task's run ended with."""
    run_id, document = wanted(call)
    shown = _shown(call, run_id, document)
    asked = int(call.query["run_id"])
    tasks = [task for task in document["tasks"] if asked in (run_id, task["run_id"])]
    if len(tasks) != 1:
        raise InvalidError(
            "Retrieving the output of runs with multiple tasks is not supported. "
            "Please retrieve the output of each individual task run instead."
        )
    (task,) = tasks
    metadata = next(one for one in shown["tasks"] if one["run_id"] == task["run_id"])
    if "end_time" not in metadata:
        return {"metadata": metadata}
    if task.get("error"):
        return {"metadata": metadata, "error": task["error"], "error_trace": f"{task['error']}\n\n{SIMULATED}"}
    text = run_states.account(task)
    if "notebook_task" in metadata:
        return {"metadata": metadata, "notebook_output": {"result": text, "truncated": False}}
    return {"metadata": metadata, "logs": text, "logs_truncated": False}


def cancel_run(call: Call) -> None:
    """Stop a run; one that has ended stays as it is."""
    run_id, document = wanted(call)
    if run_states.active(document, call.clock.milliseconds()):
        _put(call, run_id, {**document, "cancelled_at": call.clock.milliseconds()})


def cancel_all_runs(call: Call) -> None:
    """Stop every run of a job."""
    job_id, _ = jobs.wanted(call)
    for run_id, document in _all(call):
        if document["job_id"] == int(job_id) and run_states.active(document, call.clock.milliseconds()):
            _put(call, run_id, {**document, "cancelled_at": call.clock.milliseconds()})


def delete_run(call: Call) -> None:
    """Remove a run that has ended."""
    run_id, document = wanted(call)
    if run_states.active(document, call.clock.milliseconds()):
        raise InvalidError(f"Cannot delete an active run. Run {run_id} must be cancelled first.")
    call.store.delete(_KIND, _key(call, run_id))


def wanted(call: Call) -> tuple[int, Document]:
    """The run that the call names, by its own id or that of one of its tasks."""
    named = call.query["run_id"] if "run_id" in call.query else str(required(call, "run_id", int))
    for run_id, document in _all(call):
        if named in (str(run_id), *(str(task["run_id"]) for task in document["tasks"])):
            return run_id, document
    raise NotFoundError(f"Run {named} does not exist.")


def access(call: Call) -> AccessObject:
    """The job of the run that the call names, as access lists know it."""
    return _access_of(call, wanted(call)[1])


def _shown(call: Call, run_id: int, run: Document) -> Document:
    settings, now = run["settings"], call.clock.milliseconds()
    link = f"https://{here(call).host}/?o={here(call).id}#job/{run['job_id']}/run/{run_id}"
    shown: Document = {
        "job_id": run["job_id"],
        "run_id": run_id,
        "number_in_job": run_id,
        "original_attempt_run_id": run_id,
        "creator_user_name": principals.name_of(call.store, run["creator_id"]),
        "run_as_user_name": principals.name_of(call.store, run["run_as_id"]),
        "run_name": settings.get("name", "Untitled"),
        "run_page_url": link,
        "run_type": "JOB_RUN",
        "trigger": "ONE_TIME",
        "format": "MULTI_TASK",
        "start_time": run["start_time"],
        "state": run_states.state(run, now),
        "status": run_states.status(run, now),
        "tasks": [_task_shown(run, task, now, link) for task in run["tasks"]],
    }
    if not run_states.active(run, now):
        took = run_states.ended(run)
        shown |= {"end_time": run["start_time"] + took, "run_duration": took}
    if run["job_parameters"]:
        shown["job_parameters"] = [
            {"name": name, "value": value} for name, value in sorted(run["job_parameters"].items())
        ]
    if run["overriding_parameters"]:
        shown["overriding_parameters"] = run["overriding_parameters"]
    return shown | {name: settings[name] for name in ("git_source", "job_clusters") if name in settings}


def _task_shown(run: Document, task: Document, now: int, link: str) -> Document:
    (settings,) = [one for one in run["settings"]["tasks"] if one["task_key"] == task["task_key"]]
    shown: Document = {
        **{name: settings[name] for name in _SHOWN_OF_TASK if name in settings},
        "task_key": task["task_key"],
        "run_id": task["run_id"],
        "attempt_number": 0,
        "run_page_url": link,
        "start_time": run["start_time"] + task["started"],
        "state": run_states.task_state(run, task, now),
    }
    if shown["state"]["life_cycle_state"] == "TERMINATED":
        end = max(task["started"], min(task["ended"], run_states.ended(run)))
        shown |= {"end_time": run["start_time"] + end, "execution_duration": end - task["started"]}
    return shown


def _access_of(call: Call, run: Document) -> AccessObject:
    return jobs.access_by_id(call, str(run["job_id"]))


def _all(call: Call) -> list[tuple[int, Document]]:
    found = call.store.all(_KIND, prefix=f"{here(call).id}/")
    return [(int(key.partition("/")[2]), document) for key, document in found]


def _next_id(call: Call) -> int:
    return call.store.next("databricks.job_run", first=_FIRST_ID)


def _put(call: Call, run_id: int, document: Document) -> None:
    call.store.put(_KIND, _key(call, run_id), document)


def _key(call: Call, run_id: int) -> str:
    return f"{here(call).id}/{run_id}"
