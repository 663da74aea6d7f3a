"""`/oidc` and `/.well-known`: where clients learn how to log in, and where service principals do.

Client credentials as in RFC 6749, section 4.4 (https://docs.databricks.com/aws/en/dev-tools/auth/oauth-m2m); the places
are those of `credentials/u2m/endpoint_supplier.go` of databricks-sdk-go.
"""

import base64
import binascii

from sandbox.databricks.world.identity import credentials, principals
from sandbox.databricks.world.identity.principals import SERVICE_PRINCIPAL
from sandbox.databricks.world.refusals import NotFoundError
from sandbox.route import Answer, Call
from sandbox.source import databricks_docs
from sandbox.store import Document

_SOURCE = databricks_docs("dev-tools/auth/oauth-m2m")


def get_host_metadata(call: Call) -> Document:
    """What this host is; newer SDKs ask before they do anything else (`oauth.get_host_metadata` of the Python SDK)."""
    if call.workspace is None:
        return {"oidc_endpoint": f"https://{call.host}/oidc/accounts/{{account_id}}"}
    return {
        "oidc_endpoint": f"https://{call.host}/oidc",
        "account_id": call.world.account_id,
        "workspace_id": str(call.workspace.id),
    }


def get_workspace_server(call: Call) -> Document:
    """The authorization server of a workspace."""
    return _endpoints(f"https://{call.host}/oidc")


def get_account_server(call: Call) -> Document:
    """The authorization server of the account."""
    return _endpoints(f"https://{call.host}/oidc/accounts/{_account(call)}")


def create_workspace_access_token(call: Call) -> Answer:
    """Log in to a workspace."""
    return _log_in(call, f"https://{call.host}/oidc")


def create_account_access_token(call: Call) -> Answer:
    """Log in to the account."""
    return _log_in(call, f"https://{call.host}/oidc/accounts/{_account(call)}")


def _endpoints(issuer: str) -> Document:
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/v1/authorize",
        "token_endpoint": f"{issuer}/v1/token",
        "grant_types_supported": ["client_credentials"],
    }


def _account(call: Call) -> str:
    if call.params["account_id"] != call.world.account_id:
        raise NotFoundError(f"Account {call.params['account_id']} does not exist.", source=_SOURCE)
    return call.world.account_id


def _log_in(call: Call, issuer: str) -> Answer:
    form = call.body if isinstance(call.body, dict) else {}
    if form.get("grant_type") != "client_credentials":
        return _refused(400, "unsupported_grant_type", "The sandbox knows the client_credentials grant only.")
    client_id, secret = _client(call)
    principal = principals.named(call.store, client_id, SERVICE_PRINCIPAL)
    secret_id = credentials.find_secret(call.store, call.clock, principal.id, secret) if principal else None
    if principal is None or secret_id is None or not principal.active:
        return _refused(401, "invalid_client", "Client authentication failed")
    access_token = credentials.issue_access_token(
        call.store,
        call.clock,
        owner_id=principal.id,
        client_id=client_id,
        secret_id=secret_id,
        issuer=issuer,
        workspace_id=call.workspace.id if call.workspace else None,
    )
    return Answer(
        {
            "access_token": access_token,
            "token_type": "Bearer",
            "expires_in": credentials.ACCESS_TOKEN_SECONDS,
            "scope": "all-apis",
        },
        headers={"Cache-Control": "no-store"},
    )


def _client(call: Call) -> tuple[str, str]:
    scheme, _, encoded = call.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            client_id, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return "", ""
        return client_id, secret
    form = call.body if isinstance(call.body, dict) else {}
    return str(form.get("client_id", "")), str(form.get("client_secret", ""))


def _refused(status: int, error: str, description: str) -> Answer:
    """RFC 6749, section 5.2."""
    return Answer({"error": error, "error_description": description}, status)
