"""What exists in a sandbox, by the names that people know, and how to begin anew."""

from collections import Counter
from typing import Any

from tests.deployments import Deployment

Objects = Counter[tuple[str, str]]


def objects(dump: dict[str, dict[str, Any]]) -> Objects:
    """What exists, by kind and by the name that people know it by."""
    names = {key: body["displayName"] for key, body in dump["databricks.service_principal"].items()}
    found: Objects = Counter()
    for kind, documents in dump.items():
        for key, body in documents.items():
            match kind:
                case "databricks.service_principal":
                    label = body["displayName"]
                case "databricks.token":
                    label = body["comment"]
                case "github.branch_protection_rule":
                    label = body["pattern"]
                case "databricks.grants":
                    granted = {names.get(principal, principal): held for principal, held in body["privileges"].items()}
                    label = f"{key} {sorted(granted.items())}"
                case "databricks.assignment" | "databricks.entitlements":
                    workspace, _, principal = key.partition("/")
                    label = f"{workspace}/{names.get(principal, principal)} {body}"
                case "github.workflow_permissions":
                    label = f"{key} {body}"
                case _:
                    label = key
            found[kind, label] += 1
    return found


def begin_anew(deployment: Deployment) -> None:
    deployment.sandbox.ask("restore")
    for state in deployment.sandbox.folder.terraform_state.iterdir():
        state.unlink()
