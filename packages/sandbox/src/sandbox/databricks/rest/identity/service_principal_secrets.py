"""`/servicePrincipals/{id}/credentials/secrets`: OAuth secrets, from the account and from a workspace.

https://docs.databricks.com/api/account/serviceprincipalsecrets
"""

import re
from datetime import timedelta

from sandbox.databricks.rest.bodies import optional
from sandbox.databricks.world.identity import credentials, directory, principals
from sandbox.databricks.world.identity.principals import SERVICE_PRINCIPAL
from sandbox.databricks.world.refusals import InvalidError, NotFoundError
from sandbox.route import Call
from sandbox.source import databricks_api, databricks_docs
from sandbox.store import Document

_SOURCE = databricks_api("account/serviceprincipalsecrets")
_LIFETIME = databricks_docs("dev-tools/auth/oauth-m2m")

LONGEST = timedelta(days=730)
"""What a secret lives for when nothing is said, and at most."""


def create_secret(call: Call) -> Document:
    """Make one; this answer alone holds its value."""
    credentials.require_room_for_secret(call.store, _owner_id(call))
    issued = credentials.issue_secret(call.store, call.clock, owner_id=_owner_id(call), lifetime=_lifetime(call))
    return {**_shown(issued.id, issued.document), "secret": issued.value}


def list_secrets(call: Call) -> Document:
    """Those of a service principal, without their values."""
    return {
        "secrets": [_shown(key, document) for key, document in credentials.oauth_secrets(call.store, _owner_id(call))]
    }


def delete_secret(call: Call) -> None:
    """Revoke one."""
    if not credentials.revoke_secret(call.store, _owner_id(call), call.params["secret_id"]):
        raise NotFoundError(f"Secret {call.params['secret_id']} does not exist.", source=_SOURCE)


def _owner_id(call: Call) -> str:
    principal = principals.get(call.store, call.params["id"])
    if principal is None or principal.kind != SERVICE_PRINCIPAL or not directory.is_here(call, principal):
        raise NotFoundError(f"Service principal {call.params['id']} does not exist.", source=_SOURCE)
    return principal.id


def _lifetime(call: Call) -> timedelta:
    text = optional(call, "lifetime", str)
    if text is None:
        return LONGEST
    seconds = re.fullmatch(r"(\d+)s", text)
    if seconds is None or not 0 < int(seconds[1]) <= LONGEST.total_seconds():
        raise InvalidError(
            f'lifetime must be a number of seconds up to two years, as in "3600s", not {text}.', source=_LIFETIME
        )
    return timedelta(seconds=int(seconds[1]))


def _shown(secret_id: str, document: Document) -> Document:
    shown = {key: value for key, value in document.items() if key != "digest"}
    # A hash of the hash: what logins are checked against is shown to nobody.
    return {"id": secret_id, "secret_hash": credentials.digest(document["digest"]), **shown}
