"""Who sends a request: personal access tokens, remembered by their hash."""

from hashlib import sha256

from sandbox.github.refusals import UnauthorizedError
from sandbox.route import Call, Caller
from sandbox.store import Store

_KIND = "github.token"
_SCHEMES = ("bearer", "token")


def issue_token(store: Store, *, login: str, token: str) -> None:
    """Let `token` stand for the account from now on."""
    store.put(_KIND, _hash(token), {"login": login})


def authenticate(call: Call) -> Caller:
    """The account whose token the request carries.

    https://docs.github.com/rest/authentication/authenticating-to-the-rest-api
    """
    header = next((value for name, value in call.headers.items() if name.lower() == "authorization"), "")
    if not header:
        raise UnauthorizedError("Requires authentication")
    scheme, _, token = header.partition(" ")
    known = call.store.get(_KIND, _hash(token.strip())) if scheme.lower() in _SCHEMES else None
    if known is None:
        raise UnauthorizedError("Bad credentials")
    return Caller(kind="github_user", id=known["login"], name=known["login"])


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()
