"""`/jobs/runs`: runs that are simulated. They take time and check code and rights; nothing is ever executed.

https://docs.databricks.com/api/workspace/jobs. What a run comes to is settled when it starts (run_rights.py); it shows
as time passes. Every end says that it was simulated.
"""

from typing import Any

from sandbox.databricks import jobs, object_access, principals
from sandbox.databricks.bodies import body, optional, required
from sandbox.databricks.object_access import CAN_VIEW, AccessObject
from sandbox.databricks.refusals import InvalidError, NotFoundError
from sandbox.databricks.run_parameters import job_parameters, parameters_of, strings
from sandbox.databricks.run_rights import Runner, TaskError, check_task
from sandbox.databricks.workspaces import here
from sandbox.route import Call
from sandbox.store import Document

SIMULATED = "Simulated by the sandbox: no code was run."

_KIND = "databricks.job_run"
_FIRST_ID = 310_000_000_000_001
_PENDING, _TASK = 400, 600  # milliseconds: for the cluster, and for each task
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
    _put(call, run_id, {**document, "tasks": _outcomes(call, document)})
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
    active = [run for run in found if run["state"]["life_cycle_state"] in ("PENDING", "RUNNING")]
    if call.query.get("active_only") == "true":
        found = active
    elif call.query.get("completed_only") == "true":
        found = [run for run in found if run not in active]
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
    if metadata["state"]["life_cycle_state"] in ("PENDING", "RUNNING"):
        return {"metadata": metadata}
    if task.get("error"):
        return {"metadata": metadata, "error": task["error"], "error_trace": f"{task['error']}\n\n{SIMULATED}"}
    text = _account(task)
    if "notebook_task" in metadata:
        return {"metadata": metadata, "notebook_output": {"result": text, "truncated": False}}
    return {"metadata": metadata, "logs": text, "logs_truncated": False}


def cancel_run(call: Call) -> None:
    """Stop a run; one that has ended stays as it is."""
    run_id, document = wanted(call)
    if _life_cycle(call, document) in ("PENDING", "RUNNING"):
        _put(call, run_id, {**document, "cancelled_at": call.clock.milliseconds()})


def cancel_all_runs(call: Call) -> None:
    """Stop every run of a job."""
    job_id, _ = jobs.wanted(call)
    for run_id, document in _all(call):
        if document["job_id"] == int(job_id) and _life_cycle(call, document) in ("PENDING", "RUNNING"):
            _put(call, run_id, {**document, "cancelled_at": call.clock.milliseconds()})


def delete_run(call: Call) -> None:
    """Remove a run that has ended."""
    run_id, document = wanted(call)
    if _life_cycle(call, document) in ("PENDING", "RUNNING"):
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


def _outcomes(call: Call, run: Document) -> list[Document]:
    """What becomes of each task, and when; a task waits for those that it depends on, and fails with them."""
    settings: Document = run["settings"]
    by_key: dict[str, Document] = {}
    waiting = [dict(task) for task in settings.get("tasks") or ()]
    while waiting:
        ready = [task for task in waiting if all(key in by_key for key in _dependencies(task))]
        # A circle is started all at once.
        for task in ready or waiting:
            before = [by_key[key] for key in _dependencies(task) if key in by_key]
            started = max([_PENDING, *(one["ended"] for one in before)])
            outcome: Document = {"task_key": task["task_key"], "run_id": _next_id(call), "started": started}
            if any("error" in one for one in before) and task.get("run_if", "ALL_SUCCESS") == "ALL_SUCCESS":
                outcome |= {"ended": started, "error": "", "result": "UPSTREAM_FAILED"}
            else:
                outcome |= {"ended": started + _TASK, **_outcome(call, run, task)}
            by_key[task["task_key"]] = outcome
        waiting = [task for task in waiting if task["task_key"] not in by_key]
    return [by_key[task["task_key"]] for task in settings.get("tasks") or ()]


def _outcome(call: Call, run: Document, task: Document) -> Document:
    principal = principals.get(call.store, run["run_as_id"])
    if principal is None or not principal.active:
        return {
            "result": "FAILED",
            "error": f"The principal {run['run_as_id']} that the job runs as is no longer there.",
        }
    overrides = strings(run["overriding_parameters"].get("notebook_params"))
    parameters = parameters_of(task, run["job_parameters"], overrides)
    try:
        return {"result": "SUCCESS", "did": check_task(Runner(call, principal), run["settings"], task, parameters)}
    except TaskError as error:
        return {"result": "FAILED", "error": str(error)}


def _shown(call: Call, run_id: int, run: Document) -> Document:
    settings = run["settings"]
    state = _life_cycle(call, run)
    ended = _ended(run)
    done = state in ("TERMINATED", "INTERNAL_ERROR")
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
        "state": _state(run, state),
        "status": _status(run, state),
        "tasks": [_task_shown(call, run, task, link) for task in run["tasks"]],
    }
    if done:
        shown |= {"end_time": run["start_time"] + ended, "run_duration": ended}
    if run["job_parameters"]:
        shown["job_parameters"] = [
            {"name": name, "value": value} for name, value in sorted(run["job_parameters"].items())
        ]
    if run["overriding_parameters"]:
        shown["overriding_parameters"] = run["overriding_parameters"]
    if "git_source" in settings:
        shown["git_source"] = settings["git_source"]
    if "job_clusters" in settings:
        shown["job_clusters"] = settings["job_clusters"]
    return shown


def _task_shown(call: Call, run: Document, task: Document, link: str) -> Document:
    (settings,) = [one for one in run["settings"]["tasks"] if one["task_key"] == task["task_key"]]
    elapsed = _elapsed(call, run)
    state: Document
    if "cancelled_at" in run and elapsed < task["ended"]:
        state = {"life_cycle_state": "TERMINATED", "result_state": "CANCELED", "state_message": SIMULATED}
    elif elapsed < task["started"]:
        state = {"life_cycle_state": "PENDING", "state_message": ""}
    elif elapsed < task["ended"]:
        state = {"life_cycle_state": "RUNNING", "state_message": ""}
    else:
        message = f"{task['error']} ({SIMULATED})" if task.get("error") else _account(task)
        state = {"life_cycle_state": "TERMINATED", "result_state": task["result"], "state_message": message}
    shown: Document = {
        **{name: settings[name] for name in _SHOWN_OF_TASK if name in settings},
        "task_key": task["task_key"],
        "run_id": task["run_id"],
        "attempt_number": 0,
        "run_page_url": link,
        "start_time": run["start_time"] + task["started"],
        "state": state,
    }
    if state["life_cycle_state"] == "TERMINATED":
        took = task["ended"] - task["started"]
        shown |= {"end_time": run["start_time"] + task["ended"], "execution_duration": took}
    return shown


def _state(run: Document, state: str) -> Document:
    if state in ("PENDING", "RUNNING"):
        return {"life_cycle_state": state, "state_message": ""}
    message = SIMULATED
    if failed := _failed(run):
        message = f"Task {failed['task_key']} failed with message: {failed['error']} ({SIMULATED})"
    return {"life_cycle_state": state, "result_state": _result(run), "state_message": message}


def _status(run: Document, state: str) -> Document:
    """The same in the words of API 2.2."""
    if state in ("PENDING", "RUNNING"):
        return {"state": state}
    codes = {"SUCCESS": "SUCCESS", "CANCELED": "USER_CANCELED", "FAILED": "RUN_EXECUTION_ERROR"}
    result, message = _result(run), _state(run, state)["state_message"]
    kind = "SUCCESS" if result == "SUCCESS" else "CLIENT_ERROR"
    return {"state": "TERMINATED", "termination_details": {"code": codes[result], "type": kind, "message": message}}


def _life_cycle(call: Call, run: Document) -> str:
    """A run that fails ends as INTERNAL_ERROR, as there (terminateRun in libs/testserver/jobs.go of the CLI)."""
    elapsed = _elapsed(call, run)
    if "cancelled_at" in run or elapsed >= _ended(run):
        return "INTERNAL_ERROR" if _result(run) == "FAILED" else "TERMINATED"
    return "PENDING" if elapsed < _PENDING else "RUNNING"


def _result(run: Document) -> str:
    if "cancelled_at" in run:
        return "CANCELED"
    return "FAILED" if _failed(run) else "SUCCESS"


def _failed(run: Document) -> Document | None:
    if "cancelled_at" in run:
        return None
    return next((task for task in run["tasks"] if task["result"] == "FAILED"), None)


def _account(task: Document) -> str:
    did = task.get("did")
    return f"{SIMULATED} It would have: {', '.join(did)}." if did else SIMULATED


def _elapsed(call: Call, run: Document) -> int:
    return int(run.get("cancelled_at", call.clock.milliseconds()) - run["start_time"])


def _ended(run: Document) -> int:
    if "cancelled_at" in run:
        return int(run["cancelled_at"] - run["start_time"])
    return max([_PENDING, *(int(task["ended"]) for task in run["tasks"])])


def _dependencies(task: Document) -> list[Any]:
    return [dependency["task_key"] for dependency in task.get("depends_on") or ()]


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
