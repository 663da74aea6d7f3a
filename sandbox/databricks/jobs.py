"""`/jobs`, in the versions 2.0 to 2.2: jobs say what would run; runs are in job_runs.py.

https://docs.databricks.com/api/workspace/jobs. Settings come back as they were sent: the provider takes more for drift.
"""

import json
from collections.abc import Mapping
from typing import Any

from sandbox.databricks import access_entries, membership, object_access, principals
from sandbox.databricks.bodies import body, required
from sandbox.databricks.job_settings import KEYED, changed, check_settings, sent
from sandbox.databricks.object_access import CAN_VIEW, IS_OWNER, JOB, AccessObject
from sandbox.databricks.principals import SERVICE_PRINCIPAL, USER, Principal
from sandbox.databricks.refusals import InvalidError, NotFoundError, denied
from sandbox.databricks.workspaces import here
from sandbox.route import Call
from sandbox.store import Document

_KIND, _RUN = "databricks.job", "databricks.job_run"
_FIRST_ID = 720_000_000_000_001
_TASKS_A_PAGE = 100


def create_job(call: Call) -> Document:
    """Make one; its maker owns it."""
    entries = access_entries.levels_of(call, JOB, body(call).get("access_control_list"))
    settings = {"name": "Untitled", **sent(body(call))}
    _check(call, settings)
    job_id = str(call.store.next("databricks.job", first=_FIRST_ID))
    document = {"settings": settings, "creator_id": call.caller.id, "created_time": call.clock.milliseconds()}
    _put(call, job_id, document)
    object_access.set_entries(call, _access(job_id), {**entries, call.caller.id: IS_OWNER})
    return {"job_id": int(job_id)}


def get_job(call: Call) -> Document:
    """One; of more than a hundred tasks the rest follows by page."""
    job_id, document = wanted(call)
    shown = _shown(call, job_id, document)
    tasks, start = shown["settings"].get("tasks", []), _offset(call)
    if len(tasks) > _TASKS_A_PAGE:
        end = start + _TASKS_A_PAGE
        shown["settings"] = {**shown["settings"], "tasks": tasks[start:end]}
        if end < len(tasks):
            shown["next_page_token"] = str(end)
    return shown


def list_jobs(call: Call) -> Document:
    """Those that the caller may see, by page; tasks come only when they are asked for."""
    found = [(key.partition("/")[2], document) for key, document in call.store.all(_KIND, prefix=_key(call, ""))]
    name = call.query.get("name", "").lower()
    visible = [
        _shown(call, job_id, document)
        for job_id, document in found
        if name in ("", document["settings"]["name"].lower()) and object_access.may(call, CAN_VIEW, _access(job_id))
    ]
    if call.query.get("expand_tasks") != "true":
        for job in visible:
            job["settings"] = {key: value for key, value in job["settings"].items() if key not in KEYED}
    return page(call, "jobs", visible)


def reset_job(call: Call) -> None:
    """Replace the settings; who it runs as stays unless the new ones say so."""
    job_id, document = wanted(call)
    _write(call, job_id, document, {"name": "Untitled", **sent(required(call, "new_settings", dict))})


def update_job(call: Call) -> None:
    """Change some settings: tasks and clusters one by one, everything else as a whole."""
    job_id, document = wanted(call)
    changes = sent(body(call).get("new_settings") or {})
    settings = changed(document["settings"], changes, without=body(call).get("fields_to_remove") or ())
    _write(call, job_id, document, settings)


def delete_job(call: Call) -> None:
    """Remove one, and its runs with it; there they are kept for sixty days."""
    job_id, _ = wanted(call)
    object_access.set_entries(call, _access(job_id), {})
    for key, run in call.store.all(_RUN, prefix=f"{here(call).id}/"):
        if run["job_id"] == int(job_id):
            call.store.delete(_RUN, key)
    call.store.delete(_KIND, _key(call, job_id))


def wanted(call: Call) -> tuple[str, Document]:
    """The job that the call names, with its id."""
    named = call.query["job_id"] if "job_id" in call.query else body(call).get("job_id")
    if named in (None, ""):
        raise InvalidError("Missing required field: job_id")
    return _require(call, str(named))


def run_as(call: Call, document: Document, job_id: str) -> str:
    """The id of the principal that the job runs as: the one that was set, else the owner, else the maker."""
    named = document["settings"].get("run_as")
    if named:
        principal = _named(call, named)
        return principal.id if principal else ""
    return object_access.owner(call, _access(job_id)) or str(document["creator_id"])


def access(call: Call) -> AccessObject:
    """The job that the call names, as access lists know it."""
    return _access(wanted(call)[0])


def access_by_id(call: Call, job_id: str) -> AccessObject:
    """The job with that id, as access lists know it."""
    return _access(_require(call, job_id)[0])


def page(call: Call, name: str, found: list[Document]) -> Document:
    """The part of a list that the query asks for."""
    start = _offset(call)
    end = start + int(call.query.get("limit") or 20)
    more = end < len(found)
    part: Document = {name: found[start:end], "has_more": more} if found else {"has_more": False}
    return {**part, "next_page_token": str(end)} if more else part


def all_settings(call: Call) -> list[Document]:
    """What every job of the workspace says."""
    return [document["settings"] for _, document in call.store.all(_KIND, prefix=_key(call, ""))]


def _write(call: Call, job_id: str, document: Document, settings: Document) -> None:
    # The service keeps it: JobsReset in libs/testserver/jobs.go of the CLI.
    if "run_as" not in settings and "run_as" in document["settings"]:
        settings = {**settings, "run_as": document["settings"]["run_as"]}
    _check(call, settings, before=document["settings"])
    _put(call, job_id, {**document, "settings": settings})


def _check(call: Call, settings: Mapping[str, Any], before: Mapping[str, Any] | None = None) -> None:
    check_settings(settings)
    _check_run_as(call, settings.get("run_as"), (before or {}).get("run_as"))


def _check_run_as(call: Call, run_as_named: Any, before: Any) -> None:
    """Somebody who is no admin runs jobs as themselves alone (https://docs.databricks.com/aws/en/jobs/privileges)."""
    if not run_as_named or run_as_named == before:
        return
    principal = _named(call, run_as_named)
    if principal is None:
        raise NotFoundError(f"Principal {json.dumps(run_as_named)} does not exist in this workspace.")
    is_admin = membership.level(call.store, here(call).id, call.caller.id) == membership.ADMIN
    if principal.id != call.caller.id and not is_admin:
        raise denied(call, f"User {call.caller.name} is not allowed to set {principal.name} as run_as.")


def _named(call: Call, run_as_named: Any) -> Principal | None:
    if not isinstance(run_as_named, dict):
        return None
    name = run_as_named.get("service_principal_name") or run_as_named.get("user_name")
    principal = principals.named(call.store, name, USER, SERVICE_PRINCIPAL) if isinstance(name, str) else None
    if principal is None or membership.level(call.store, here(call).id, principal.id) is None:
        return None
    return principal


def _shown(call: Call, job_id: str, document: Document) -> Document:
    runs_as = run_as(call, document, job_id)
    return {
        "job_id": int(job_id),
        "creator_user_name": principals.name_of(call.store, document["creator_id"]),
        "run_as_user_name": principals.name_of(call.store, runs_as),
        "created_time": document["created_time"],
        "settings": {"format": "MULTI_TASK", **document["settings"]},
    }


def _offset(call: Call) -> int:
    token = call.query.get("page_token") or call.query.get("offset") or "0"
    if not token.isdigit():
        raise InvalidError(f"{token} is not a page_token.")
    return int(token)


def _require(call: Call, job_id: str) -> tuple[str, Document]:
    document = call.store.get(_KIND, _key(call, job_id))
    if document is None:
        raise NotFoundError(f"Job {job_id} does not exist.")
    return job_id, document


def _put(call: Call, job_id: str, document: Document) -> None:
    call.store.put(_KIND, _key(call, job_id), document)


def _access(job_id: str) -> AccessObject:
    return AccessObject(JOB, job_id)


def _key(call: Call, job_id: str) -> str:
    return f"{here(call).id}/{job_id}"
