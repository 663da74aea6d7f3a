"""Personal access tokens, remembered by their hash."""

from collections.abc import Mapping
from hashlib import sha256

from sandbox.store import Document, Store

_KIND = "github.token"


def issue_token(store: Store, *, login: str, token: str, permissions: Mapping[str, str] | None = None) -> None:
    """Let `token` stand for the account from now on.

    A fine-grained one has `permissions`, as {"administration": "write", "contents": "read"}; a classic one may do
    whatever its owner may.
    """
    document = {"login": login} if permissions is None else {"login": login, "permissions": dict(permissions)}
    store.put(_KIND, _hash(token), document)


def find_token(store: Store, token: str) -> Document | None:
    """Whose token that is and, of a fine-grained one, what it may do."""
    return store.get(_KIND, _hash(token))


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()
