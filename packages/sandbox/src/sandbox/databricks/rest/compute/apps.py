"""`/apps`: apps whose code never runs (https://docs.databricks.com/api/workspace/apps)."""

import re
import uuid

from sandbox.databricks.rest.bodies import body, optional, required
from sandbox.databricks.world.access import object_access
from sandbox.databricks.world.access.object_access import CAN_USE, AccessObject
from sandbox.databricks.world.compute import apps
from sandbox.databricks.world.identity import principals
from sandbox.databricks.world.refusals import InvalidError, NotFoundError
from sandbox.databricks.world.workspaces import here
from sandbox.route import Call
from sandbox.source import databricks_api
from sandbox.store import Document

_SOURCE = databricks_api("workspace/apps/create")

_SENT = ("budget_policy_id", "compute_size", "description", "resources", "user_api_scopes")
# "It must be unique within the workspace", and contain lowercase alphanumeric characters and hyphens.
_NAME = re.compile(r"[a-z0-9-]{2,30}")
_STATES = {True: ("ACTIVE", "App compute is running."), False: ("STOPPED", "App compute is stopped.")}


def create_app(call: Call) -> Document:
    """Make one, without compute where `no_compute` says so; it is ready at once."""
    name = required(call, "name", str)
    if not _NAME.fullmatch(name):
        raise InvalidError(
            "App name must contain only lowercase alphanumeric characters and hyphens, and be between 2 and 30 "
            "characters long.",
            source=_SOURCE,
        )
    apps.create(call, name, _sent(call), started=call.query.get("no_compute") != "true")
    return _shown(call, name)


def list_apps(call: Call) -> Document:
    """Those that the caller may use."""
    names = [name for name, _ in apps.all_apps(call) if object_access.may(call, CAN_USE, apps.access(name))]
    return {"apps": [_shown(call, name) for name in names]}


def get_app(call: Call) -> Document:
    """One."""
    return _shown(call, call.params["name"])


def update_app(call: Call) -> Document:
    """Replace what can be told to one; its name stays."""
    name = call.params["name"]
    if required(call, "name", str) != name:
        raise InvalidError("App name cannot be changed.", source=_SOURCE)
    apps.change(call, name, {"fields": _sent(call)})
    return _shown(call, name)


def delete_app(call: Call) -> Document:
    """Remove one; the answer is what it was."""
    name = call.params["name"]
    shown = _shown(call, name)
    apps.delete(call, name)
    return shown


def start_app(call: Call) -> Document:
    """Give it compute, at once."""
    apps.change(call, call.params["name"], {"started": True})
    return _shown(call, call.params["name"])


def stop_app(call: Call) -> Document:
    """Take its compute away."""
    apps.change(call, call.params["name"], {"started": False})
    return _shown(call, call.params["name"])


def deploy_app(call: Call) -> Document:
    """Take the code of a folder, which has to be there; it is deployed at once."""
    name = call.params["name"]
    if not apps.require(call, name)["started"]:
        raise InvalidError("Cannot deploy app because its compute is not running.", code="BAD_REQUEST", source=_SOURCE)
    deployment: Document = {
        "create_time": call.clock.rfc3339(),
        "creator": call.caller.name,
        "deployment_id": uuid.uuid4().hex,
        "mode": optional(call, "mode", str) or "SNAPSHOT",
        "source_code_path": required(call, "source_code_path", str),
        "status": {"message": "App started successfully", "state": "SUCCEEDED"},
        "update_time": call.clock.rfc3339(),
    }
    apps.change(call, name, {"deployment": deployment})
    return deployment


def get_deployment(call: Call) -> Document:
    """The one that is active."""
    deployment: Document | None = apps.require(call, call.params["name"]).get("deployment")
    if deployment is None or deployment["deployment_id"] != call.params["deployment_id"]:
        raise NotFoundError(f"Deployment {call.params['deployment_id']} does not exist.", source=_SOURCE)
    return deployment


def access(call: Call) -> AccessObject:
    """The app that the call names, as access lists know it."""
    return apps.existing_access(call, call.params["name"])


def _sent(call: Call) -> Document:
    return {name: value for name in _SENT if (value := body(call).get(name)) not in (None, [])}


def _shown(call: Call, name: str) -> Document:
    document = apps.require(call, name)
    principal = principals.get(call.store, document["principal_id"])
    state, message = _STATES[document["started"]]
    deployment = document.get("deployment")
    deployed: Document = {}
    if deployment is not None:
        deployed = {"active_deployment": deployment, "default_source_code_path": deployment["source_code_path"]}
    running = deployment is not None and document["started"]
    return {
        "description": "",
        "compute_size": "MEDIUM",
        **document["fields"],
        **deployed,
        "name": name,
        "id": document["id"],
        "app_status": {
            "state": "RUNNING" if running else "UNAVAILABLE",
            "message": "App is running." if running else "App status is unavailable.",
        },
        "compute_status": {"state": state, "message": message},
        "create_time": document["create_time"],
        "creator": principals.name_of(call.store, document["creator_id"]),
        "update_time": document["update_time"],
        "updater": principals.name_of(call.store, document["updater_id"]),
        "service_principal_client_id": principal.name if principal else "",
        "service_principal_id": int(document["principal_id"]),
        "service_principal_name": principal.display_name if principal else "",
        "effective_user_api_scopes": ["iam.current-user:read", "iam.access-control:read"],
        "oauth2_app_client_id": principal.name if principal else "",
        "oauth2_app_integration_id": document["id"],
        "url": f"https://{name}-{here(call).id}.aws.databricksapps.com",
    }
