"""libsodium's sealed boxes, in which GitHub receives secrets: the key pairs and what they seal.

https://docs.github.com/rest/guides/encrypting-secrets-for-the-rest-api
"""

from base64 import b64decode, b64encode

from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, SealedBox

from sandbox.store import Store

_KIND = "github.key_pair"


class NotABoxError(ValueError):
    """The text is no sealed box for this key."""


def make_key_pair(store: Store, scope: str) -> None:
    """Make the key pair that seals a repository's or an environment's secrets."""
    private = PrivateKey.generate()
    public = bytes(private.public_key)
    store.put(
        _KIND,
        scope,
        {
            "key_id": str(int.from_bytes(public[:7], "big")),
            "key": b64encode(public).decode(),
            "private_key": b64encode(bytes(private)).decode(),
        },
    )


def drop_key_pair(store: Store, scope: str) -> None:
    """Forget the key pair; what it sealed cannot be opened any more."""
    store.delete(_KIND, scope)


def public_key(store: Store, scope: str) -> dict[str, str]:
    """The public half as the REST API shows it."""
    kept = _pair(store, scope)
    return {"key_id": kept["key_id"], "key": kept["key"]}


def open_box(store: Store, scope: str, sealed: str) -> str:
    """What a base64 text seals; NotABoxError when it was not sealed for this scope."""
    private = PrivateKey(b64decode(_pair(store, scope)["private_key"]))
    try:
        return SealedBox(private).decrypt(b64decode(sealed, validate=True)).decode()
    except (CryptoError, ValueError, TypeError):
        # The cause stays out: it may quote the text.
        raise NotABoxError("not a sealed box for this key") from None


def _pair(store: Store, scope: str) -> dict[str, str]:
    kept = store.get(_KIND, scope)
    assert kept is not None, "every repository and environment has a key pair"
    return kept
