"""Actions variables of repositories and environments: secrets' readable siblings.

https://docs.github.com/rest/actions/variables
"""

from typing import Any

from sandbox.github.rest.bodies import body, optional, required
from sandbox.github.rest.limits import limit
from sandbox.github.rest.paging import counted_page
from sandbox.github.rest.paths import scope_of
from sandbox.github.world.actions import variables
from sandbox.github.world.actions.setting_names import setting_name
from sandbox.github.world.refusals import (
    ConflictError,
    NotFoundError,
    UnprocessableError,
)
from sandbox.limits import Length, limited
from sandbox.route import Answer, Call
from sandbox.source import github_docs
from sandbox.store import Document

_MANY = github_docs("actions/reference/workflows-and-actions/variables")
_SOURCE = github_docs("rest/actions/variables")

_SECTION = "/actions/variables"

_LIMITS = (
    limit(
        "value",
        Length(49_152, in_bytes=True),
        github_docs("actions/reference/workflows-and-actions/variables"),
        resource="Variable",
        says="value is too large ({bound})",
    ),
)


def list_variables(call: Call) -> Answer:
    """GET .../variables"""
    return counted_page(call, "variables", variables.variables_of(call.store, scope_of(call)), default=10, most=30)


@limited(*_LIMITS)
def create_variable(call: Call) -> Answer:
    """POST .../variables: 409 for one that exists, upon which the Terraform provider sends a PATCH."""
    scope = scope_of(call)
    name, value = setting_name("Variable", required(call, "name", str)), required(call, "value", str)
    _check_free(call, name)
    if variables.is_full(call.store, scope):
        raise UnprocessableError(
            "The most variables that can be stored here are stored", documentation=_SECTION, source=_MANY
        )
    variables.create_variable(call.store, call.clock, scope, name, value)
    return Answer({}, 201)


def get_variable(call: Call) -> dict[str, Any]:
    """GET .../variables/{name}"""
    return _variable(call)


@limited(*_LIMITS)
def update_variable(call: Call) -> Answer:
    """PATCH .../variables/{name}: value, name or both."""
    scope, kept = scope_of(call), _variable(call)
    name = setting_name("Variable", optional(call, "name", str, kept["name"]))
    value = required(call, "value", str) if "value" in body(call) else kept["value"]
    if name != kept["name"]:
        _check_free(call, name)
    variables.change_variable(call.store, call.clock, scope, kept, name=name, value=value)
    return Answer(status=204)


def delete_variable(call: Call) -> Answer:
    """DELETE .../variables/{name}"""
    variables.delete_variable(call.store, scope_of(call), _variable(call)["name"])
    return Answer(status=204)


def _variable(call: Call) -> Document:
    kept = variables.find_variable(call.store, scope_of(call), call.params["name"])
    if kept is None:
        raise NotFoundError(documentation=_SECTION, source=_SOURCE)
    return kept


def _check_free(call: Call, name: str) -> None:
    if variables.find_variable(call.store, scope_of(call), name) is not None:
        raise ConflictError("Already exists - Variable already exists", documentation=_SECTION, source=_SOURCE)
