"""Whose token a request carries, and what that token may do."""

from sandbox.context import Caller
from sandbox.github.world.accounts.tokens import find_token
from sandbox.github.world.refusals import UnauthorizedError
from sandbox.route import Call
from sandbox.source import github_docs
from sandbox.store import Document

_SOURCE = github_docs("rest/using-the-rest-api/troubleshooting-the-rest-api")

_SCHEMES = ("bearer", "token")


def authenticate(call: Call) -> Caller:
    """The account whose token the request carries.

    https://docs.github.com/rest/authentication/authenticating-to-the-rest-api
    """
    if not call.headers.get("authorization"):
        raise UnauthorizedError("Requires authentication", source=_SOURCE)
    known = _token(call)
    if known is None:
        raise UnauthorizedError("Bad credentials", source=_SOURCE)
    return Caller(kind="github_user", id=known["login"], name=known["login"])


def lacks(call: Call, permission: str, access: str) -> bool:
    """Whether the caller's token is a fine-grained one without that access, "read" or "write", to a kind of thing.

    Every such token may read metadata.
    """
    granted = (_token(call) or {}).get("permissions")
    if granted is None or (permission, access) == ("metadata", "read"):
        return False
    return granted.get(permission) not in (access, "write")


def _token(call: Call) -> Document | None:
    scheme, _, token = call.headers.get("authorization", "").partition(" ")
    return find_token(call.store, token.strip()) if scheme.lower() in _SCHEMES else None
