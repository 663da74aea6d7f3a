"""Runs of jobs, which are simulated: what a run comes to is settled when it starts (run_outcomes.py)."""

from collections.abc import Mapping
from typing import Any

from sandbox.context import Context
from sandbox.databricks.world.access.object_access import AccessObject
from sandbox.databricks.world.compute import jobs, run_states
from sandbox.databricks.world.compute.jobs import RUNS
from sandbox.databricks.world.compute.run_outcomes import outcomes
from sandbox.databricks.world.compute.run_parameters import job_parameters
from sandbox.databricks.world.refusals import InvalidError, NotFoundError
from sandbox.source import databricks_api
from sandbox.store import Document

_SOURCE = databricks_api("workspace/jobs/getrun")

_FIRST_ID = 310_000_000_000_001


def start(
    context: Context, job_id: str, *, parameters: Mapping[str, Any], overrides: Document, token: str | None
) -> int:
    """Start a run of a job and return its id; the same idempotency token starts none again."""
    job = jobs.require(context, job_id)
    for earlier_id, earlier in all_runs(context):
        if token and earlier["job_id"] == int(job_id) and earlier.get("idempotency_token") == token:
            return earlier_id
    run_id = _next_id(context)
    run: Document = {
        "job_id": int(job_id),
        "creator_id": context.caller.id,
        "run_as_id": jobs.run_as(context, job_id, job),
        "start_time": context.clock.milliseconds(),
        "settings": job["settings"],
        "job_parameters": job_parameters(job["settings"], parameters),
        "overriding_parameters": overrides,
        **({"idempotency_token": token} if token else {}),
    }
    RUNS.put(context, str(run_id), {**run, "tasks": outcomes(context, run, lambda: _next_id(context))})
    return run_id


def all_runs(context: Context) -> list[tuple[int, Document]]:
    """Every run of the workspace, the oldest first."""
    return [(int(run_id), run) for run_id, run in RUNS.all(context)]


def require(context: Context, run_id: str) -> tuple[int, Document]:
    """The run of that id, or the run around the task's run of that id."""
    for found_id, run in all_runs(context):
        if run_id in (str(found_id), *(str(task["run_id"]) for task in run["tasks"])):
            return found_id, run
    raise NotFoundError(f"Run {run_id} does not exist.", source=_SOURCE)


def cancel(context: Context, run_id: int, run: Document) -> None:
    """Stop a run; one that has ended stays as it is."""
    now = context.clock.milliseconds()
    if run_states.active(run, now):
        RUNS.put(context, str(run_id), {**run, "cancelled_at": now})


def cancel_all(context: Context, job_id: str) -> None:
    """Stop every run of a job."""
    for run_id, run in all_runs(context):
        if run["job_id"] == int(job_id):
            cancel(context, run_id, run)


def delete(context: Context, run_id: int, run: Document) -> None:
    """Remove a run that has ended."""
    if run_states.active(run, context.clock.milliseconds()):
        raise InvalidError(f"Cannot delete an active run. Run {run_id} must be cancelled first.", source=_SOURCE)
    RUNS.delete(context, str(run_id))


def access(context: Context, run: Document) -> AccessObject:
    """The job of a run, as access lists know it."""
    return jobs.existing_access(context, str(run["job_id"]))


def _next_id(context: Context) -> int:
    return context.store.next("databricks.job_run", first=_FIRST_ID)
