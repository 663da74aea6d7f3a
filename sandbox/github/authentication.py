"""Who sends a request: personal access tokens, remembered by their hash."""

from collections.abc import Mapping
from hashlib import sha256

from sandbox.context import Caller
from sandbox.github.refusals import UnauthorizedError
from sandbox.route import Call
from sandbox.store import Document, Store

_KIND = "github.token"
_SCHEMES = ("bearer", "token")


def issue_token(store: Store, *, login: str, token: str, permissions: Mapping[str, str] | None = None) -> None:
    """Let `token` stand for the account from now on.

    A fine-grained one has `permissions`, as {"administration": "write", "contents": "read"}; a classic one may do
    whatever its owner may.
    """
    document = {"login": login} if permissions is None else {"login": login, "permissions": dict(permissions)}
    store.put(_KIND, _hash(token), document)


def authenticate(call: Call) -> Caller:
    """The account whose token the request carries.

    https://docs.github.com/rest/authentication/authenticating-to-the-rest-api
    """
    if not call.headers.get("authorization"):
        raise UnauthorizedError("Requires authentication")
    known = _token(call)
    if known is None:
        raise UnauthorizedError("Bad credentials")
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
    return call.store.get(_KIND, _hash(token.strip())) if scheme.lower() in _SCHEMES else None


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()
