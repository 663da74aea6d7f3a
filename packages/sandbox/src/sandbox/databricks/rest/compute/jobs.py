"""`/jobs`, in the versions 2.0 to 2.2: jobs say what would run; runs are in job_runs.py.

https://docs.databricks.com/api/workspace/jobs. Settings come back as they were sent: the provider takes more for drift.
"""

from sandbox.computed import computed
from sandbox.databricks.rest.bodies import body, required
from sandbox.databricks.rest.compute.job_limits import LISTED, NEW_SETTINGS, SETTINGS
from sandbox.databricks.rest.compute.job_requests import job_id_of, offset, page, sent
from sandbox.databricks.rest.workspace import access_entries
from sandbox.databricks.world.access import object_access
from sandbox.databricks.world.access.object_access import CAN_VIEW, JOB, AccessObject
from sandbox.databricks.world.compute import jobs
from sandbox.databricks.world.compute.job_settings import KEYED, changed
from sandbox.databricks.world.identity import principals
from sandbox.limits import limited
from sandbox.route import Call
from sandbox.source import databricks_api, databricks_cli
from sandbox.store import Document

_TASKS_A_PAGE = 100


COMPUTED = (
    *computed(
        "job",
        databricks_api("workspace/jobs/get"),
        job_id="a number of its own",
        creator_user_name="who made it",
        run_as_user_name="who it runs as",
        created_time="when it was made, in milliseconds",
    ),
    *computed("job", databricks_cli("libs/testserver/jobs.go"), **{"settings.format": "MULTI_TASK"}),
    *computed("job", databricks_api("workspace/jobs/create"), **{"settings.name": "Untitled, where none was sent"}),
)


@limited(*SETTINGS)
def create_job(call: Call) -> Document:
    """Make one; its maker owns it."""
    entries = access_entries.levels_of(call, JOB, body(call).get("access_control_list"))
    return {"job_id": int(jobs.create(call, {"name": "Untitled", **sent(body(call))}, entries))}


def get_job(call: Call) -> Document:
    """One; of more than a hundred tasks the rest follows by page."""
    job_id = job_id_of(call)
    shown = _shown(call, job_id, jobs.require(call, job_id))
    tasks, start = shown["settings"].get("tasks", []), offset(call)
    if len(tasks) > _TASKS_A_PAGE:
        end = start + _TASKS_A_PAGE
        shown["settings"] = {**shown["settings"], "tasks": tasks[start:end]}
        if end < len(tasks):
            shown["next_page_token"] = str(end)
    return shown


@limited(*LISTED)
def list_jobs(call: Call) -> Document:
    """Those that the caller may see, by page; tasks come only when they are asked for."""
    name = call.query.get("name", "").lower()
    visible = [
        _shown(call, job_id, document)
        for job_id, document in jobs.all_jobs(call)
        if name in ("", document["settings"]["name"].lower()) and object_access.may(call, CAN_VIEW, jobs.access(job_id))
    ]
    if call.query.get("expand_tasks") != "true":
        for job in visible:
            job["settings"] = {key: value for key, value in job["settings"].items() if key not in KEYED}
    return page(call, "jobs", visible)


@limited(*NEW_SETTINGS)
def reset_job(call: Call) -> None:
    """Replace the settings; who it runs as stays unless the new ones say so."""
    jobs.change(call, job_id_of(call), {"name": "Untitled", **sent(required(call, "new_settings", dict))})


@limited(*NEW_SETTINGS)
def update_job(call: Call) -> None:
    """Change some settings: tasks and clusters one by one, everything else as a whole."""
    job_id = job_id_of(call)
    before, changes = jobs.require(call, job_id)["settings"], sent(body(call).get("new_settings") or {})
    jobs.change(call, job_id, changed(before, changes, without=body(call).get("fields_to_remove") or ()))


def delete_job(call: Call) -> None:
    """Remove one, and its runs with it; there they are kept for sixty days."""
    jobs.delete(call, job_id_of(call))


def access(call: Call) -> AccessObject:
    """The job that the call names, as access lists know it."""
    return jobs.existing_access(call, job_id_of(call))


def _shown(call: Call, job_id: str, document: Document) -> Document:
    runs_as = jobs.run_as(call, job_id, document)
    return {
        "job_id": int(job_id),
        "creator_user_name": principals.name_of(call.store, document["creator_id"]),
        "run_as_user_name": principals.name_of(call.store, runs_as),
        "created_time": document["created_time"],
        "settings": {"format": "MULTI_TASK", **document["settings"]},
    }
