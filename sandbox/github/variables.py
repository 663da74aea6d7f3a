"""Actions variables of repositories and environments: secrets' readable siblings.

https://docs.github.com/rest/actions/variables
"""

from typing import Any

from sandbox.github.bodies import body, optional, required
from sandbox.github.paging import counted_page
from sandbox.github.refusals import ConflictError, NotFoundError
from sandbox.github.scopes import scope_of
from sandbox.github.setting_names import setting_name
from sandbox.route import Answer, Call
from sandbox.store import Document, Store

_KIND = "github.variable"
_SECTION = "/actions/variables"


def drop_variables(store: Store, scope: str) -> None:
    """Remove every variable of a scope."""
    for kept in _all(store, scope):
        store.delete(_KIND, _key(scope, kept["name"]))


def list_variables(call: Call) -> Answer:
    """GET .../variables"""
    return counted_page(call, "variables", _all(call.store, scope_of(call)), default=10, most=30)


def create_variable(call: Call) -> Answer:
    """POST .../variables: 409 for one that exists, upon which the Terraform provider sends a PATCH."""
    scope = scope_of(call)
    name, value = setting_name("Variable", required(call, "name", str)), required(call, "value", str)
    if call.store.get(_KIND, _key(scope, name)) is not None:
        raise ConflictError("Already exists - Variable already exists", documentation=_SECTION)
    now = call.clock.rfc3339()
    call.store.put(_KIND, _key(scope, name), {"name": name, "value": value, "created_at": now, "updated_at": now})
    return Answer({}, 201)


def get_variable(call: Call) -> dict[str, Any]:
    """GET .../variables/{name}"""
    return _variable(call)


def update_variable(call: Call) -> Answer:
    """PATCH .../variables/{name}: value, name or both."""
    scope, kept = scope_of(call), _variable(call)
    name = setting_name("Variable", optional(call, "name", str, kept["name"]))
    value = required(call, "value", str) if "value" in body(call) else kept["value"]
    if name != kept["name"] and call.store.get(_KIND, _key(scope, name)) is not None:
        raise ConflictError("Already exists - Variable already exists", documentation=_SECTION)
    call.store.delete(_KIND, _key(scope, kept["name"]))
    call.store.put(_KIND, _key(scope, name), kept | {"name": name, "value": value, "updated_at": call.clock.rfc3339()})
    return Answer(status=204)


def delete_variable(call: Call) -> Answer:
    """DELETE .../variables/{name}"""
    call.store.delete(_KIND, _key(scope_of(call), _variable(call)["name"]))
    return Answer(status=204)


def _variable(call: Call) -> Document:
    kept = call.store.get(_KIND, _key(scope_of(call), call.params["name"]))
    if kept is None:
        raise NotFoundError(documentation=_SECTION)
    return kept


def _key(scope: str, name: str) -> str:
    return f"{scope}/{name.upper()}"


def _all(store: Store, scope: str) -> list[Document]:
    return [kept for _, kept in store.all(_KIND, prefix=f"{scope}/")]
