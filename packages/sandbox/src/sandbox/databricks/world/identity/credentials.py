"""Tokens and secrets that the sandbox issued. What opens something is handed out once and remembered as a hash."""

import base64
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sandbox.clock import Clock
from sandbox.databricks.world.refusals import InvalidError
from sandbox.source import databricks_docs, databricks_sdk
from sandbox.store import Document, Store

_SOURCE = databricks_sdk("databricks/sdk/service/settings.py")
_SECRETS = databricks_docs("dev-tools/auth/oauth-m2m")

ACCESS_TOKEN_SECONDS = 3600
MOST_TOKENS, MOST_SECRETS = 600, 5  # of a user in a workspace; of a service principal
NEVER = -1
"""The expiry of a token without a lifetime."""

_TOKEN = "databricks.token"
_SECRET = "databricks.oauth_secret"
_SIGNING_KEY = "databricks.signing_key"  # a fact: no dump and no answer holds it


@dataclass(frozen=True, slots=True)
class Issued:
    """A credential on its way out: what is remembered of it, and its value, which is not."""

    id: str
    document: Document
    value: str

    def __repr__(self) -> str:
        return f"Issued(id={self.id!r}, value='***')"


def digest(value: str) -> str:
    """What is remembered of a secret: enough to know it again. Secrets here are long and random: no salt is needed."""
    return hashlib.sha256(value.encode()).hexdigest()


def make_signing_key(store: Store) -> None:
    """Make what OAuth access tokens are signed with; done once, on day one."""
    store.note(_SIGNING_KEY, secrets.token_hex(32))


def issue_token(
    store: Store,
    clock: Clock,
    *,
    owner_id: str,
    creator_id: str,
    workspace_id: int,
    lifetime_seconds: int | None,
    comment: str | None,
) -> Issued:
    """Make a personal access token; its id is its digest, which looks like the ids of real ones."""
    value = "dapi" + secrets.token_hex(16)
    now = clock.milliseconds()
    document: Document = {
        "owner_id": owner_id,
        "creator_id": creator_id,
        "workspace_id": workspace_id,
        "creation_time": now,
        "expiry_time": NEVER if lifetime_seconds is None else now + lifetime_seconds * 1000,
    }
    if comment is not None:
        document["comment"] = comment
    store.put(_TOKEN, digest(value), document)
    return Issued(digest(value), document, value)


def require_room_for_token(store: Store, workspace_id: int, owner_id: str) -> None:
    """Refuse a token to somebody who has as many in the workspace as one may have."""
    if sum(document["owner_id"] == owner_id for _, document in tokens(store, workspace_id)) >= MOST_TOKENS:
        raise InvalidError(
            f"The quota of {MOST_TOKENS} tokens of a user in a workspace is used up; revoke some.",
            code="QUOTA_EXCEEDED",
            source=_SOURCE,
        )


def require_room_for_secret(store: Store, owner_id: str) -> None:
    """Refuse a secret to a service principal that has as many as one may have."""
    if len(oauth_secrets(store, owner_id)) >= MOST_SECRETS:
        raise InvalidError(
            f"A service principal has at most {MOST_SECRETS} OAuth secrets; delete one.",
            code="QUOTA_EXCEEDED",
            source=_SECRETS,
        )


def tokens(store: Store, workspace_id: int) -> list[tuple[str, Document]]:
    """The tokens of a workspace, oldest first."""
    found = [entry for entry in store.all(_TOKEN) if entry[1]["workspace_id"] == workspace_id]
    return sorted(found, key=lambda entry: (entry[1]["creation_time"], entry[0]))


def token(store: Store, token_id: str) -> Document | None:
    """A token by its id."""
    return store.get(_TOKEN, token_id)


def set_token_comment(store: Store, token_id: str, document: Document, comment: str) -> None:
    """Change what is said of a token."""
    store.put(_TOKEN, token_id, {**document, "comment": comment})


def revoke_token(store: Store, token_id: str) -> bool:
    """End a token; false when there is none."""
    return store.delete(_TOKEN, token_id)


def expire_token(store: Store, clock: Clock, token_id: str) -> bool:
    """Let a token end now; false when it has ended or there is none."""
    document, now = store.get(_TOKEN, token_id), clock.milliseconds()
    if document is None or 0 <= document["expiry_time"] <= now:
        return False
    store.put(_TOKEN, token_id, {**document, "expiry_time": now})
    return True


def find_token(store: Store, clock: Clock, value: str) -> Document | None:
    """The token with that value, unless it has expired."""
    document = store.get(_TOKEN, digest(value))
    if document is None or 0 <= document["expiry_time"] <= clock.milliseconds():
        return None
    return document


def issue_secret(
    store: Store, clock: Clock, *, owner_id: str, lifetime: timedelta | None, value: str | None = None
) -> Issued:
    """Make an OAuth secret of a service principal; day one brings its own value."""
    value = value or "dose" + secrets.token_hex(16)
    secret_id = secrets.token_hex(16)
    now = clock.now()
    document: Document = {
        "digest": digest(value),
        "status": "ACTIVE",
        "create_time": timestamp(now),
        "update_time": timestamp(now),
    }
    if lifetime is not None:
        document["expire_time"] = timestamp(now + lifetime)
    store.put(_SECRET, f"{owner_id}/{secret_id}", document)
    return Issued(secret_id, document, value)


def oauth_secrets(store: Store, owner_id: str) -> list[tuple[str, Document]]:
    """The OAuth secrets of a service principal, by their ids, oldest first."""
    found = store.all(_SECRET, prefix=f"{owner_id}/")
    return sorted(((key.partition("/")[2], document) for key, document in found), key=lambda e: e[1]["create_time"])


def revoke_secret(store: Store, owner_id: str, secret_id: str) -> bool:
    """End an OAuth secret and the access tokens that were issued for it; false when there is none."""
    return store.delete(_SECRET, f"{owner_id}/{secret_id}")


def find_secret(store: Store, clock: Clock, owner_id: str, value: str) -> str | None:
    """The id of the service principal's secret with that value, unless it has expired."""
    for secret_id, document in oauth_secrets(store, owner_id):
        if hmac.compare_digest(document["digest"], digest(value)) and not _expired(clock, document):
            return secret_id
    return None


def issue_access_token(
    store: Store, clock: Clock, *, owner_id: str, client_id: str, secret_id: str, issuer: str, workspace_id: int | None
) -> str:
    """An OAuth access token: a JWT of which nothing is remembered; it names the secret that its owner logged in with.

    Logging in so leaves no trace in the state, and deleting the secret ends its tokens. One that the account issued
    works on every workspace, one of a workspace only there
    (https://docs.databricks.com/aws/en/dev-tools/auth/oauth-m2m).
    """
    now = int(clock.now().timestamp())
    claims = {
        "iss": issuer,
        "sub": client_id,
        "iat": now,
        "exp": now + ACCESS_TOKEN_SECONDS,
        "scope": "all-apis",
        "owner": owner_id,
        "secret": secret_id,
        "workspace": workspace_id,
    }
    signed = f"{_segment({'alg': 'HS256', 'typ': 'JWT'})}.{_segment(claims)}"
    return f"{signed}.{_signature(store, signed)}"


def read_access_token(store: Store, clock: Clock, value: str) -> dict[str, Any] | None:
    """The claims of an access token that is ours, has not expired and whose secret still exists."""
    signed, _, signature = value.rpartition(".")
    try:
        claims = json.loads(_decoded(signed.partition(".")[2]))
        owner_id, secret_id, expires = str(claims["owner"]), str(claims["secret"]), int(claims["exp"])
    except (ValueError, KeyError, TypeError):
        return None
    if not hmac.compare_digest(_signature(store, signed).encode(), signature.encode()):
        return None
    if store.get(_SECRET, f"{owner_id}/{secret_id}") is None:
        return None
    return dict(claims) if expires > clock.now().timestamp() else None


def forget(store: Store, principal_id: str) -> None:
    """Remove every credential of a principal."""
    for key, document in store.all(_TOKEN):
        if document["owner_id"] == principal_id:
            store.delete(_TOKEN, key)
    for key, _ in store.all(_SECRET, prefix=f"{principal_id}/"):
        store.delete(_SECRET, key)


def timestamp(moment: datetime) -> str:
    """A moment as the OAuth secrets API writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _expired(clock: Clock, document: Document) -> bool:
    expiry = document.get("expire_time")
    return expiry is not None and datetime.fromisoformat(expiry) <= clock.now()


def _signature(store: Store, signed: str) -> str:
    return _encoded(hmac.digest(bytes.fromhex(store.fact(_SIGNING_KEY)), signed.encode(), "sha256"))


def _segment(content: dict[str, Any]) -> str:
    return _encoded(json.dumps(content, separators=(",", ":")).encode())


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
