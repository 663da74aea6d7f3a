"""What requests about jobs and runs carry: settings, and which page of a list they want."""

from typing import Any

from sandbox.databricks.rest.bodies import body
from sandbox.databricks.world.refusals import InvalidError
from sandbox.route import Call
from sandbox.source import databricks_api
from sandbox.store import Document

_SOURCE = databricks_api("workspace/jobs")


def sent(settings: Any) -> Document:
    """The settings of a request, without what belongs to the request itself."""
    if not isinstance(settings, dict):
        raise InvalidError("The settings must be a JSON object.", source=_SOURCE)
    beside = ("job_id", "access_control_list", "idempotency_token")
    return {name: value for name, value in settings.items() if value is not None and name not in beside}


def sent_settings(call: Call) -> Document:
    """The settings that a request carries, wherever it does."""
    settings = body(call).get("new_settings", body(call))
    return settings if isinstance(settings, dict) else {}


def job_id_of(call: Call) -> str:
    """The id of the job that a request names."""
    named = call.query["job_id"] if "job_id" in call.query else body(call).get("job_id")
    if named in (None, ""):
        raise InvalidError("Missing required field: job_id", source=_SOURCE)
    return str(named)


def page(call: Call, name: str, found: list[Document]) -> Document:
    """The part of a list that the query asks for."""
    start = offset(call)
    end = start + int(call.query.get("limit") or 20)
    more = end < len(found)
    part: Document = {name: found[start:end], "has_more": more} if found else {"has_more": False}
    return {**part, "next_page_token": str(end)} if more else part


def offset(call: Call) -> int:
    """Where the page begins that the query asks for."""
    token = call.query.get("page_token") or call.query.get("offset") or "0"
    if not token.isdigit():
        raise InvalidError(f"{token} is not a page_token.", source=_SOURCE)
    return int(token)
