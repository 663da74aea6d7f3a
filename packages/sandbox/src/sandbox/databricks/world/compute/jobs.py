"""Jobs: settings that say what would run, whose they are and as whom they run."""

import json
from collections.abc import Mapping
from typing import Any

from sandbox.context import Context
from sandbox.databricks.world.access import object_access
from sandbox.databricks.world.access.object_access import IS_OWNER, JOB, AccessObject
from sandbox.databricks.world.compute.job_settings import check_settings
from sandbox.databricks.world.identity import membership, principals
from sandbox.databricks.world.identity.principals import SERVICE_PRINCIPAL, USER, Principal
from sandbox.databricks.world.refusals import NotFoundError, PermissionDeniedError
from sandbox.databricks.world.workspace_documents import WorkspaceDocuments
from sandbox.databricks.world.workspaces import here
from sandbox.source import databricks_cli, databricks_docs
from sandbox.store import Document

_SOURCE = databricks_cli("libs/testserver/jobs.go")
_RUN_AS = databricks_docs("jobs/privileges")

RUNS = WorkspaceDocuments("databricks.job_run")

_JOBS = WorkspaceDocuments("databricks.job")
_FIRST_ID = 720_000_000_000_001


def create(context: Context, settings: Document, entries: Mapping[str, str]) -> str:
    """Make a job with an access list; its maker owns it. The id of the job."""
    _check(context, settings)
    job_id = str(context.store.next("databricks.job", first=_FIRST_ID))
    stamps = {"creator_id": context.caller.id, "created_time": context.clock.milliseconds()}
    _JOBS.put(context, job_id, {"settings": settings, **stamps})
    object_access.set_entries(context, access(job_id), {**entries, context.caller.id: IS_OWNER})
    return job_id


def require(context: Context, job_id: str) -> Document:
    """The job of that id."""
    document = _JOBS.get(context, job_id)
    if document is None:
        raise NotFoundError(f"Job {job_id} does not exist.", source=_SOURCE)
    return document


def all_jobs(context: Context) -> list[tuple[str, Document]]:
    """Every job of the workspace, by id."""
    return _JOBS.all(context)


def change(context: Context, job_id: str, settings: Document) -> None:
    """Replace the settings of a job; who it runs as stays unless the new ones say so."""
    document = require(context, job_id)
    # The service keeps it: JobsReset in libs/testserver/jobs.go of the CLI.
    if "run_as" not in settings and "run_as" in document["settings"]:
        settings = {**settings, "run_as": document["settings"]["run_as"]}
    _check(context, settings, before=document["settings"])
    _JOBS.put(context, job_id, {**document, "settings": settings})


def delete(context: Context, job_id: str) -> None:
    """Remove a job with its access list and its runs."""
    object_access.set_entries(context, access(job_id), {})
    for run_id, run in RUNS.all(context):
        if run["job_id"] == int(job_id):
            RUNS.delete(context, run_id)
    _JOBS.delete(context, job_id)


def run_as(context: Context, job_id: str, document: Document) -> str:
    """The id of the principal that the job runs as: the one that was set, else the owner, else the maker."""
    named = document["settings"].get("run_as")
    if named:
        principal = _named(context, named)
        return principal.id if principal else ""
    return object_access.owner(context, access(job_id)) or str(document["creator_id"])


def access(job_id: str) -> AccessObject:
    """A job as access lists know it."""
    return AccessObject(JOB, job_id)


def existing_access(context: Context, job_id: str) -> AccessObject:
    """A job as access lists know it; refused when there is none of that id."""
    require(context, job_id)
    return access(job_id)


def _check(context: Context, settings: Mapping[str, Any], before: Mapping[str, Any] | None = None) -> None:
    check_settings(settings)
    _check_run_as(context, settings.get("run_as"), (before or {}).get("run_as"))


def _check_run_as(context: Context, wanted: Any, before: Any) -> None:
    """Somebody who is no admin runs jobs as themselves alone (https://docs.databricks.com/aws/en/jobs/privileges)."""
    if not wanted or wanted == before:
        return
    principal = _named(context, wanted)
    if principal is None:
        raise NotFoundError(f"Principal {json.dumps(wanted)} does not exist in this workspace.", source=_RUN_AS)
    is_admin = membership.level(context.store, here(context).id, context.caller.id) == membership.ADMIN
    if principal.id != context.caller.id and not is_admin:
        raise PermissionDeniedError(
            f"User {context.caller.name} is not allowed to set {principal.name} as run_as.", source=_RUN_AS
        )


def _named(context: Context, wanted: Any) -> Principal | None:
    if not isinstance(wanted, dict):
        return None
    name = wanted.get("service_principal_name") or wanted.get("user_name")
    principal = principals.named(context.store, name, USER, SERVICE_PRINCIPAL) if isinstance(name, str) else None
    if principal is None or membership.level(context.store, here(context).id, principal.id) is None:
        return None
    return principal
