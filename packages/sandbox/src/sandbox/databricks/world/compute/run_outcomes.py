"""What becomes of a run's tasks, settled when it starts."""

from collections.abc import Callable
from typing import Any

from sandbox.context import Context
from sandbox.databricks.world.compute.run_parameters import parameters_of, strings
from sandbox.databricks.world.compute.run_rights import Runner, TaskError, check_task
from sandbox.databricks.world.compute.run_states import PENDING, TASK
from sandbox.databricks.world.identity import principals
from sandbox.store import Document


def outcomes(context: Context, run: Document, next_id: Callable[[], int]) -> list[Document]:
    """When each task starts and ends, and with what; it waits for those that it depends on, and fails with them."""
    tasks: list[Document] = run["settings"].get("tasks") or []
    by_key: dict[str, Document] = {}
    waiting = list(tasks)
    while waiting:
        ready = [task for task in waiting if all(key in by_key for key in _dependencies(task))]
        # A circle is started all at once.
        for task in ready or waiting:
            before = [by_key[key] for key in _dependencies(task) if key in by_key]
            started = max([PENDING, *(one["ended"] for one in before)])
            outcome: Document = {"task_key": task["task_key"], "run_id": next_id(), "started": started}
            if any(one["result"] != "SUCCESS" for one in before) and task.get("run_if", "ALL_SUCCESS") == "ALL_SUCCESS":
                outcome |= {"ended": started, "result": "UPSTREAM_FAILED"}
            else:
                outcome |= {"ended": started + TASK, **_outcome(context, run, task)}
            by_key[task["task_key"]] = outcome
        waiting = [task for task in waiting if task["task_key"] not in by_key]
    return [by_key[task["task_key"]] for task in tasks]


def _outcome(context: Context, run: Document, task: Document) -> Document:
    principal = principals.get(context.store, run["run_as_id"])
    if principal is None or not principal.active:
        error = f"The principal {run['run_as_id']} that the job runs as is no longer there."
        return {"result": "FAILED", "error": error}
    overrides = strings(run["overriding_parameters"].get("notebook_params"))
    parameters = parameters_of(task, run["job_parameters"], overrides)
    try:
        return {"result": "SUCCESS", "did": check_task(Runner(context, principal), run["settings"], task, parameters)}
    except TaskError as error:
        return {"result": "FAILED", "error": str(error)}


def _dependencies(task: Document) -> list[Any]:
    return [dependency["task_key"] for dependency in task.get("depends_on") or ()]
