"""What `databricks bundle deploy` has left in the workspace: the ids of what it deployed.

Its Terraform engine keeps terraform.tfstate, its direct engine resources.json (CLI 0.280 and later), both in the
bundle's state folder (databricks/cli, bundle/statemgmt and bundle/direct/dstate).
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import NotFound, PermissionDenied
from databricks.sdk.service.workspace import ExportFormat

from checks.check import UncheckableError
from checks.live import Live
from checks.synthesized import Stack
from deployed_kinds import BY_TYPE, KINDS, ResourceKind

_TERRAFORM, _DIRECT = "terraform.tfstate", "resources.json"


def deployed_ids(live: Live, client: WorkspaceClient, stack: Stack) -> Mapping[str, str]:
    """The import ids of what the CLI deployed of a bundle's stack, by address; nothing for other stacks."""
    bundle = live.settings.stacks[stack.name].bundle
    if bundle is None:
        return {}
    folder = str(bundle.resolved.workspace["state_path"])
    if bundle.placeholder_principal is not None:
        folder = folder.replace(bundle.placeholder_principal, str(client.current_user.me().user_name))
    # A bundle that has changed engines keeps the older file as well; the direct engine's is the newer one.
    for name, reader in ((_DIRECT, _from_direct), (_TERRAFORM, _from_terraform)):
        state = _read(client, f"{folder}/{name}")
        if state is not None:
            return dict(reader(state))
    return {}


def _read(client: WorkspaceClient, path: str) -> dict[str, Any] | None:
    try:
        with client.workspace.download(path.removeprefix("/Workspace"), format=ExportFormat.AUTO) as content:
            state = json.loads(content.read())
    except (NotFound, PermissionDenied):
        return None
    except ValueError:
        raise UncheckableError(f"{path} in the workspace is no JSON") from None
    return state if isinstance(state, dict) else None


def _from_direct(state: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key, entry in (state.get("state") or {}).items():
        parts = key.split(".")
        # resources.<kind>.<key>; a fourth part is what lies inside: permissions and grants.
        if len(parts) == 3 and parts[1] in KINDS and entry.get("__id__"):
            yield f"{KINDS[parts[1]].type}.{parts[2]}", str(entry["__id__"])


def _from_terraform(state: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for resource in state.get("resources", ()):
        if resource.get("mode") == "managed" and resource["type"] in BY_TYPE:
            for instance in resource["instances"]:
                if import_id := _import_id(BY_TYPE[resource["type"]], instance["attributes"]):
                    yield f"{resource['type']}.{resource['name']}", str(import_id)


def _import_id(kind: ResourceKind, attributes: Mapping[str, Any]) -> str:
    """By what Terraform imports it: an app's id is not it, and databases have none."""
    if kind.import_id:
        try:
            return kind.import_id.format_map(attributes)
        except KeyError:
            return ""
    return str(attributes.get("id") or "")
