"""/user and /users/{login} (https://docs.github.com/rest/users)."""

from typing import Any

from sandbox.github.rest.representations import full_account
from sandbox.github.world.accounts.accounts import account, is_app
from sandbox.github.world.refusals import ForbiddenError
from sandbox.route import Answer, Call
from sandbox.source import github_docs

_SOURCE = github_docs("rest/users/users")


def get_user(call: Call) -> dict[str, Any]:
    """GET /users/{login}"""
    return full_account(account(call.store, call.params["login"]), call.host)


def get_authenticated_user(call: Call) -> dict[str, Any]:
    """GET /user: an app's token belongs to no user"""
    caller = account(call.store, call.caller.id)
    if is_app(caller):
        raise ForbiddenError("Resource not accessible by integration", documentation="/users/users", source=_SOURCE)
    return full_account(caller, call.host)


def list_keys(call: Call) -> Answer:
    """GET /users/{login}/keys and /users/{login}/gpg_keys: nobody has any here."""
    account(call.store, call.params["login"])
    return Answer([])
