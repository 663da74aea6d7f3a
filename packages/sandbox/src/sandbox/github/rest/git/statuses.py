"""Commit statuses: what checks report, and what protection rules wait for.

https://docs.github.com/rest/commits/statuses
"""

from typing import Any

from sandbox.github.rest.bodies import one_of, optional
from sandbox.github.rest.limits import limit
from sandbox.github.rest.paging import page
from sandbox.github.rest.paths import filled_repository_of, repository_of
from sandbox.github.rest.representations import (
    repository_url,
    simple_account,
)
from sandbox.github.world.accounts.accounts import account
from sandbox.github.world.git.revisions import resolve
from sandbox.github.world.git.status_store import all_statuses, write_status
from sandbox.github.world.refusals import (
    UnprocessableError,
)
from sandbox.limits import Length, limited
from sandbox.route import Answer, Call
from sandbox.source import github_docs, ours
from sandbox.store import Document

_SOURCE = github_docs("rest/commits/statuses")
_LENGTHS = ours("GitHub refuses longer ones; the reference names no length")

_STATES = ("error", "failure", "pending", "success")

_LIMITS = (
    limit("context", Length(255), _LENGTHS, resource="Status", says="context is too long (maximum is 255 characters)"),
    limit(
        "description",
        Length(140),
        _LENGTHS,
        resource="Status",
        says="description is too long (maximum is 140 characters)",
    ),
)


@limited(*_LIMITS)
def create_status(call: Call) -> Answer:
    """POST /repos/{owner}/{repo}/statuses/{ref}"""
    if "state" not in (call.body or {}):
        raise UnprocessableError(
            "Validation Failed", documentation="/commits/statuses#create-a-commit-status", source=_SOURCE
        )
    said = {
        "state": one_of(call, "state", _STATES, ""),
        "context": optional(call, "context", str, "default"),
        "description": optional(call, "description", str, ""),
        "target_url": optional(call, "target_url", str, ""),
        "creator": call.caller.id,
    }
    status = write_status(call.store, call.clock, repository_of(call), _commit(call), said)
    return Answer(_shown(call, status), 201)


def list_statuses(call: Call) -> Answer:
    """GET /repos/{owner}/{repo}/commits/{ref}/statuses or .../statuses/{ref}: the newest of each context"""
    return page(call, [_shown(call, status) for status in _statuses(call)])


def get_combined_status(call: Call) -> dict[str, Any]:
    """GET /repos/{owner}/{repo}/commits/{ref}/status"""
    listed = _statuses(call)
    states = {status["state"] for status in listed}
    state = "failure" if states & {"error", "failure"} else "success" if states == {"success"} else "pending"
    return {
        "state": state,
        "sha": _commit(call),
        "total_count": len(listed),
        "statuses": [_shown(call, status) for status in listed],
        "url": f"{repository_url(repository_of(call), call.host)}/commits/{call.params['ref']}/status",
    }


def _statuses(call: Call) -> list[Document]:
    return all_statuses(call.store, repository_of(call), _commit(call))


def _commit(call: Call) -> str:
    return resolve(call.store, filled_repository_of(call), call.params["ref"])


def _shown(call: Call, status: Document) -> dict[str, Any]:
    return status | {"creator": simple_account(account(call.store, status["creator"]), call.host)}
