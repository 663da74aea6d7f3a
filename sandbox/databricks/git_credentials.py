"""`/git-credentials`: with what the caller's jobs reach private repositories; of the token a digest is kept.

https://docs.databricks.com/api/workspace/gitcredentials
"""

import hashlib

from sandbox.databricks.bodies import body, optional, required
from sandbox.databricks.refusals import InvalidError, NotFoundError
from sandbox.databricks.workspaces import here
from sandbox.route import Call
from sandbox.store import Document, Store

_KIND = "databricks.git_credential"
_FIRST_ID = 610_000_001
_SHOWN = ("git_provider", "git_username", "git_email", "name", "is_default_for_provider")


def create_credential(call: Call) -> Document:
    """Make one of the caller's own; one for each provider."""
    provider = required(call, "git_provider", str)
    if held(call, call.caller.id, provider):
        raise InvalidError(
            f"Only one Git credential is supported for {provider} at this time. "
            "Please use the PATCH endpoint to update it.",
        )
    credential_id = str(call.store.next("databricks.git_credential", first=_FIRST_ID))
    return _write(call, credential_id, {"owner_id": call.caller.id})


def list_credentials(call: Call) -> Document:
    """The caller's own."""
    found = [_shown(credential_id, document) for credential_id, document in _own(call, call.caller.id)]
    return {"credentials": found} if found else {}


def get_credential(call: Call) -> Document:
    """One of the caller's own."""
    return _shown(*_wanted(call))


def update_credential(call: Call) -> Document:
    """Change one."""
    credential_id, document = _wanted(call)
    return _write(call, credential_id, document)


def delete_credential(call: Call) -> None:
    """Remove one."""
    credential_id, _ = _wanted(call)
    call.store.delete(_KIND, f"{here(call).id}/{credential_id}")


def held(call: Call, principal_id: str, provider: str) -> bool:
    """Whether a principal has a credential for a Git provider."""
    return any(document["git_provider"].lower() == provider.lower() for _, document in _own(call, principal_id))


def forget(store: Store, principal_id: str) -> None:
    """Remove a principal's credentials everywhere."""
    for key, document in store.all(_KIND):
        if document["owner_id"] == principal_id:
            store.delete(_KIND, key)


def _write(call: Call, credential_id: str, document: Document) -> Document:
    sent = {name: value for name in _SHOWN if (value := body(call).get(name)) is not None}
    token = optional(call, "personal_access_token", str)
    digest = {"token_sha256": hashlib.sha256(token.encode()).hexdigest()} if token else {}
    changed = {**document, **sent, **digest}
    call.store.put(_KIND, f"{here(call).id}/{credential_id}", changed)
    return _shown(credential_id, changed)


def _own(call: Call, principal_id: str) -> list[tuple[str, Document]]:
    found = call.store.all(_KIND, prefix=f"{here(call).id}/")
    return [(key.partition("/")[2], document) for key, document in found if document["owner_id"] == principal_id]


def _wanted(call: Call) -> tuple[str, Document]:
    credential_id = call.params["credential_id"]
    for own_id, document in _own(call, call.caller.id):
        if own_id == credential_id:
            return own_id, document
    raise NotFoundError(f"Git credential with id {credential_id} does not exist.")


def _shown(credential_id: str, document: Document) -> Document:
    return {"credential_id": int(credential_id), **{name: document[name] for name in _SHOWN if name in document}}
