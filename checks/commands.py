"""Shell commands that a remedy shows: with the Databricks CLI, GitHub's, and nothing else but a shell."""

import json
import shlex
from typing import Any


def databricks(method: str, host: str, path: str, body: dict[str, Any] | None = None, *, account_id: str = "") -> str:
    """A request to a workspace, or with `account_id` to the account.

    >>> databricks("GET", "https://acme.cloud.databricks.com", "/api/2.0/preview/scim/v2/Me")
    'DATABRICKS_HOST=https://acme.cloud.databricks.com databricks api get /api/2.0/preview/scim/v2/Me'
    """
    account = f"DATABRICKS_ACCOUNT_ID={account_id} " if account_id else ""
    sent = f" --json {shlex.quote(json.dumps(body))}" if body is not None else ""
    return f"DATABRICKS_HOST={host} {account}databricks api {method.lower()} {shlex.quote(path)}{sent}"


def gh(method: str, path: str, body: dict[str, Any] | None = None) -> str:
    """A request to GitHub.

    >>> gh("PUT", "repos/acme/taxi/topics", {"names": ["ml"]})
    'echo \'{"names": ["ml"]}\' | gh api -X PUT repos/acme/taxi/topics --input -'
    """
    if body is None:
        return f"gh api -X {method} {shlex.quote(path)}"
    return f"echo {shlex.quote(json.dumps(body))} | gh api -X {method} {shlex.quote(path)} --input -"
