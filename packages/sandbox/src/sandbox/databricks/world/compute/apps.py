"""Apps: each with a service principal of its own, as which it would run."""

import uuid
from collections.abc import Mapping
from typing import Any

from sandbox.context import Context
from sandbox.databricks.world.access import object_access
from sandbox.databricks.world.access.object_access import APP, CAN_MANAGE, AccessObject
from sandbox.databricks.world.identity import deletion, membership, principals
from sandbox.databricks.world.identity.principals import SERVICE_PRINCIPAL
from sandbox.databricks.world.refusals import InvalidError, NotFoundError
from sandbox.databricks.world.workspace_documents import WorkspaceDocuments
from sandbox.databricks.world.workspaces import here
from sandbox.source import databricks_api
from sandbox.store import Document

_SOURCE = databricks_api("workspace/apps/get")

_APPS = WorkspaceDocuments("databricks.app")


def create(context: Context, name: str, fields: Mapping[str, Any], *, started: bool) -> None:
    """Make an app with its principal; its maker manages it."""
    if _APPS.get(context, name) is not None:
        raise InvalidError(
            f"An app with the same name already exists: {name}.", code="RESOURCE_ALREADY_EXISTS", source=_SOURCE
        )
    application_id = principals.new_application_id()
    about = {"applicationId": application_id, "active": True, "displayName": f"app-{name}"}
    # Without a clock: whoever made the app can grant to its principal at once.
    principal = principals.create(context.store, None, SERVICE_PRINCIPAL, about)
    membership.assign(context.store, here(context).id, principal.id, [membership.MEMBER])
    now = context.clock.rfc3339()
    stamps = {
        "id": str(uuid.uuid4()),
        "creator_id": context.caller.id,
        "create_time": now,
        "updater_id": context.caller.id,
        "update_time": now,
        "principal_id": principal.id,
        "started": started,
    }
    _APPS.put(context, name, {**stamps, "fields": dict(fields)})
    object_access.set_entries(context, access(name), {context.caller.id: CAN_MANAGE})


def require(context: Context, name: str) -> Document:
    """The app of that name."""
    document = _APPS.get(context, name)
    if document is None:
        raise NotFoundError(f"App with name {name} does not exist or is deleted.", source=_SOURCE)
    return document


def all_apps(context: Context) -> list[tuple[str, Document]]:
    """Every app of the workspace, by name."""
    return _APPS.all(context)


def change(context: Context, name: str, changes: Mapping[str, Any]) -> None:
    """Change what is remembered of an app, in the caller's name."""
    stamps = {"updater_id": context.caller.id, "update_time": context.clock.rfc3339()}
    _APPS.put(context, name, {**require(context, name), **stamps, **changes})


def delete(context: Context, name: str) -> None:
    """Remove an app with its principal and its access list."""
    principal = principals.get(context.store, require(context, name)["principal_id"])
    if principal is not None:
        deletion.delete(context.store, principal)
    object_access.set_entries(context, access(name), {})
    _APPS.delete(context, name)


def access(name: str) -> AccessObject:
    """An app as access lists know it."""
    return AccessObject(APP, name)


def existing_access(context: Context, name: str) -> AccessObject:
    """An app as access lists know it; refused when there is none of that name."""
    require(context, name)
    return access(name)
