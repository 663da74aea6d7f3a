"""/user and /users/{login} (https://docs.github.com/rest/users)."""

from typing import Any

from sandbox.github.rest.representations import full_account
from sandbox.github.world.accounts.accounts import account
from sandbox.route import Answer, Call


def get_user(call: Call) -> dict[str, Any]:
    """GET /users/{login}"""
    return full_account(account(call.store, call.params["login"]), call.host)


def get_authenticated_user(call: Call) -> dict[str, Any]:
    """GET /user"""
    return full_account(account(call.store, call.caller.id), call.host)


def list_keys(call: Call) -> Answer:
    """GET /users/{login}/keys and /users/{login}/gpg_keys: nobody has any here."""
    account(call.store, call.params["login"])
    return Answer([])
