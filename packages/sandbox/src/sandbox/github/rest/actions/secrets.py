"""Actions secrets of repositories and environments. They can be written and counted, never read.

https://docs.github.com/rest/actions/secrets
"""

from typing import Any

from sandbox.github.rest.bodies import required
from sandbox.github.rest.paging import counted_page
from sandbox.github.rest.paths import scope_of
from sandbox.github.world.actions import secrets
from sandbox.github.world.actions.sealed_boxes import NotABoxError, open_box, public_key
from sandbox.github.world.actions.setting_names import setting_name
from sandbox.github.world.refusals import (
    NotFoundError,
    UnprocessableError,
)
from sandbox.route import Answer, Call
from sandbox.source import github_docs
from sandbox.store import Document

_SOURCE = github_docs("rest/actions/secrets")
_LIMITS = github_docs("actions/reference/security/secrets")

_SECTION = "/actions/secrets"


def get_public_key(call: Call) -> dict[str, str]:
    """GET .../secrets/public-key"""
    return public_key(call.store, scope_of(call))


def list_secrets(call: Call) -> Answer:
    """GET .../secrets"""
    return counted_page(call, "secrets", [_shown(kept) for kept in secrets.secrets_of(call.store, scope_of(call))])


def get_secret(call: Call) -> dict[str, Any]:
    """GET .../secrets/{name}"""
    kept = secrets.find_secret(call.store, scope_of(call), call.params["name"])
    if kept is None:
        raise NotFoundError(documentation=_SECTION, source=_SOURCE)
    return _shown(kept)


def put_secret(call: Call) -> Answer:
    """PUT .../secrets/{name}: the only thing that moves updated_at."""
    scope = scope_of(call)
    name = setting_name("Secret", call.params["name"])
    sealed, key_id = required(call, "encrypted_value", str), required(call, "key_id", str)
    if key_id != public_key(call.store, scope)["key_id"]:
        raise UnprocessableError(
            "Bad request - key_id is not that of the current public key", documentation=_SECTION, source=_SOURCE
        )
    try:
        value = open_box(call.store, scope, sealed)
    except NotABoxError:
        raise UnprocessableError("improperly encrypted secret", documentation=_SECTION, source=_SOURCE) from None
    if len(value.encode()) > secrets.MOST_BYTES:
        raise UnprocessableError(
            f"Secret value is too large: it is limited to {secrets.MOST_BYTES} bytes",
            documentation=_SECTION,
            source=_LIMITS,
        )
    if secrets.is_full(call.store, scope, name):
        raise UnprocessableError(
            f"At most {secrets.MOST} secrets can be stored here", documentation=_SECTION, source=_LIMITS
        )
    is_new = secrets.write_secret(call.store, call.clock, scope, name, sealed)
    return Answer({}, 201) if is_new else Answer(status=204)


def delete_secret(call: Call) -> Answer:
    """DELETE .../secrets/{name}"""
    if not secrets.delete_secret(call.store, scope_of(call), call.params["name"]):
        raise NotFoundError(documentation=_SECTION, source=_SOURCE)
    return Answer(status=204)


def _shown(kept: Document) -> dict[str, Any]:
    return {name: kept[name] for name in ("name", "created_at", "updated_at")}
