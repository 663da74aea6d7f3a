"""`/jobs/runs`: runs that are simulated. They take time and check code and rights; nothing is ever executed.

https://docs.databricks.com/api/workspace/jobs. What a run comes to is settled when it starts
(run_outcomes.py) and shows as time passes (run_states.py). Every end says that it was simulated.
"""

from sandbox.databricks.rest.bodies import body, optional, required
from sandbox.databricks.rest.compute.job_limits import RUN_NOW, RUNS_LISTED
from sandbox.databricks.rest.compute.job_requests import job_id_of, page
from sandbox.databricks.world.access import object_access
from sandbox.databricks.world.access.object_access import CAN_VIEW, AccessObject
from sandbox.databricks.world.compute import run_states, runs
from sandbox.databricks.world.compute.run_states import SIMULATED
from sandbox.databricks.world.identity import principals
from sandbox.databricks.world.refusals import InvalidError
from sandbox.databricks.world.workspaces import here
from sandbox.limits import limited
from sandbox.route import Call
from sandbox.source import databricks_api
from sandbox.store import Document

_SOURCE = databricks_api("workspace/jobs/getrunoutput")

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


@limited(*RUN_NOW)
def run_now(call: Call) -> Document:
    """Start a run of a job; the same idempotency_token starts none again."""
    job_id, token = job_id_of(call), optional(call, "idempotency_token", str)
    run_id = runs.start(
        call,
        job_id,
        parameters=body(call).get("job_parameters") or {},
        overrides={name: body(call)[name] for name in _OVERRIDES if body(call).get(name)},
        token=token,
    )
    return {"run_id": run_id, "number_in_job": run_id}


def get_run(call: Call) -> Document:
    """One run of a job; the id of a task's run finds the run around it."""
    run_id, document = wanted(call)
    return _shown(call, run_id, document)


@limited(*RUNS_LISTED)
def list_runs(call: Call) -> Document:
    """Those that the caller may see, the newest first."""
    job_id = call.query.get("job_id")
    found = [
        _shown(call, run_id, run)
        for run_id, run in reversed(runs.all_runs(call))
        if job_id in (None, "", str(run["job_id"])) and object_access.may(call, CAN_VIEW, runs.access(call, run))
    ]
    if call.query.get("active_only") == "true":
        found = [run for run in found if "end_time" not in run]
    elif call.query.get("completed_only") == "true":
        found = [run for run in found if "end_time" in run]
    if call.query.get("expand_tasks") != "true":
        found = [{name: value for name, value in run.items() if name != "tasks"} for run in found]
    return page(call, "runs", found)


def get_run_output(call: Call) -> Document:
    """What a task's run ended with."""
    run_id, document = wanted(call)
    shown = _shown(call, run_id, document)
    asked = int(call.query["run_id"])
    tasks = [task for task in document["tasks"] if asked in (run_id, task["run_id"])]
    if len(tasks) != 1:
        raise InvalidError(
            "Retrieving the output of runs with multiple tasks is not supported. "
            "Please retrieve the output of each individual task run instead.",
            source=_SOURCE,
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
    runs.cancel(call, *wanted(call))


def cancel_all_runs(call: Call) -> None:
    """Stop every run of a job."""
    runs.cancel_all(call, job_id_of(call))


def delete_run(call: Call) -> None:
    """Remove a run that has ended."""
    runs.delete(call, *wanted(call))


def wanted(call: Call) -> tuple[int, Document]:
    """The run that the call names, by its own id or that of one of its tasks."""
    return runs.require(call, call.query["run_id"] if "run_id" in call.query else str(required(call, "run_id", int)))


def access(call: Call) -> AccessObject:
    """The job of the run that the call names, as access lists know it."""
    return runs.access(call, wanted(call)[1])


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
