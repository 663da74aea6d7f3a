"""`/git-credentials`: with what the caller's jobs reach private repositories; of the token a digest is kept.

https://docs.databricks.com/api/workspace/gitcredentials
"""

import hashlib

from sandbox.databricks.rest.bodies import body, optional, required
from sandbox.databricks.rest.limits import limit
from sandbox.databricks.world.refusals import InvalidError
from sandbox.databricks.world.workspace import git_credentials
from sandbox.limits import OneOf, limited
from sandbox.route import Call
from sandbox.source import databricks_api, databricks_sdk
from sandbox.store import Document

_SOURCE = databricks_api("workspace/gitcredentials/create")

_SHOWN = ("git_provider", "git_username", "git_email", "name", "is_default_for_provider")

_PROVIDERS = (
    "gitHub",
    "bitbucketCloud",
    "gitLab",
    "azureDevOpsServices",
    "gitHubEnterprise",
    "bitbucketServer",
    "gitLabEnterpriseEdition",
    "awsCodeCommit",
    "azureDevOpsServicesAad",
    "gitHubOAuth",
)
_PROVIDER = limit("git_provider", OneOf(_PROVIDERS), databricks_sdk("databricks/sdk/service/workspace.py"))


@limited(_PROVIDER)
def create_credential(call: Call) -> Document:
    """Make one of the caller's own; one for each provider."""
    provider = required(call, "git_provider", str)
    if git_credentials.held(call, call.caller.id, provider):
        raise InvalidError(
            f"Only one Git credential is supported for {provider} at this time. "
            "Please use the PATCH endpoint to update it.",
            source=_SOURCE,
        )
    fields = _sent(call)
    return _shown(git_credentials.create(call, fields), fields)


def list_credentials(call: Call) -> Document:
    """The caller's own."""
    own = git_credentials.own(call, call.caller.id)
    found = [_shown(credential_id, document) for credential_id, document in own]
    return {"credentials": found} if found else {}


def get_credential(call: Call) -> Document:
    """One of the caller's own."""
    credential_id = call.params["credential_id"]
    return _shown(credential_id, git_credentials.require(call, credential_id))


def update_credential(call: Call) -> Document:
    """Change one."""
    credential_id = call.params["credential_id"]
    changed = {**git_credentials.require(call, credential_id), **_sent(call)}
    git_credentials.save(call, credential_id, changed)
    return _shown(credential_id, changed)


def delete_credential(call: Call) -> None:
    """Remove one."""
    git_credentials.delete(call, call.params["credential_id"])


def _sent(call: Call) -> Document:
    sent = {name: value for name in _SHOWN if (value := body(call).get(name)) is not None}
    token = optional(call, "personal_access_token", str)
    return {**sent, "token_sha256": hashlib.sha256(token.encode()).hexdigest()} if token else sent


def _shown(credential_id: str, document: Document) -> Document:
    return {"credential_id": int(credential_id), **{name: document[name] for name in _SHOWN if name in document}}
