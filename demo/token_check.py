"""Run with nothing but a CI token in the environment: whose it is, where it works, what it may not do.

Prints one JSON object. Usage: python -m demo.token_check HOST [OTHER_HOST ...]
"""

import json
import os
import sys

from databricks.sdk import WorkspaceClient
from databricks.sdk.errors.base import DatabricksError


def _client(host: str) -> WorkspaceClient:
    return WorkspaceClient(host=host, token=os.environ["DATABRICKS_TOKEN"], auth_type="pat")


def _refusal(error: DatabricksError) -> str:
    """The service's own words, without the SDK's account of its configuration."""
    return f"refused: {str(error).partition(' Config: ')[0]}"


def main(hosts: list[str]) -> None:
    """Ask each host who the token is, and the first one for something that only an administrator may do."""
    facts: dict[str, object] = {}
    answers = {}
    for host in hosts:
        try:
            me = _client(host).current_user.me()
            answers[host] = f"accepted as {me.display_name} ({me.user_name})"
        except DatabricksError as error:
            answers[host] = _refusal(error)
    facts["hosts"] = answers
    try:
        list(_client(hosts[0]).token_management.list())
        facts["admin"] = "allowed"
    except DatabricksError as error:
        facts["admin"] = _refusal(error)
    sys.stdout.write(json.dumps(facts) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
