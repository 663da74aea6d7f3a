"""databricks_permissions: all direct permissions on one object of a workspace."""

import itertools
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any

from sandbox.standins.behaviour import RefusedError, Request, Resource
from sandbox.standins.databricks import current_user, jobs, sql_warehouses, workspace_objects
from sandbox.standins.databricks.session import GatewayTimeoutError, Session, backoff, is_gone, workspace
from sandbox.standins.plan import Rules, Values
from sandbox.standins.wire import Unknown

Entry = dict[str, Any]

_NAMES = ("user_name", "group_name", "service_principal_name")
_NO_OWNER_YET = "with no existing owner must provide a new owner"


def _by_id(_session: Session, id_: str) -> str:
    return id_


def _by_path(session: Session, path: str) -> str:
    try:
        return str(workspace_objects.status(session, path)["object_id"])
    except RefusedError as error:
        raise RefusedError(f"cannot load path {path}: {error}") from error


def _creator_of_job(session: Session, id_: str) -> str:
    return str(session.send(jobs.READ, query={"job_id": id_}).get("creator_user_name", ""))


def _creator_of_warehouse(session: Session, id_: str) -> str:
    return str(session.send(sql_warehouses.READ, id=id_).get("creator_name", ""))


@dataclass(frozen=True, slots=True)
class _Kind:
    """What the provider knows of a kind of object (tpd/permissions/permission_definitions.go)."""

    attribute: str
    request: str  # the kind in the request's path
    object_type: str  # in the answer
    levels: tuple[str, ...]
    management: tuple[str, ...] = ("CAN_MANAGE", "IS_OWNER")  # what the caller may be given
    manages: bool = False  # the caller is added as CAN_MANAGE
    find: Callable[[Session, str], str] = _by_id
    path_attribute: str = ""  # which, when set, stands for the id
    creator: Callable[[Session, str], str] | None = None  # becomes the owner again when the permissions go
    admins: str = ""  # the id of the object that cannot be without the group's entry
    only: str = ""  # the one id there is

    def to(self, method: str) -> Request:
        """The request for an object of this kind."""
        return workspace(method, f"/api/2.0/permissions/{self.request}/{self.only or '{id}'}")


_FILE_LEVELS = ("CAN_READ", "CAN_RUN", "CAN_EDIT", "CAN_MANAGE")
_MODEL_LEVELS = (
    "CAN_READ",
    "CAN_EDIT",
    "CAN_MANAGE_STAGING_VERSIONS",
    "CAN_MANAGE_PRODUCTION_VERSIONS",
    "CAN_MANAGE",
)


def _files(attribute: str, request: str, object_type: str, **more: Any) -> tuple[_Kind, _Kind]:
    """By id and by path; the first stands for both once there is an id."""
    path = f"{attribute}_path"
    first = _Kind(f"{attribute}_id", request, object_type, _FILE_LEVELS, path_attribute=path, **more)
    return first, _Kind(path, request, object_type, _FILE_LEVELS, find=_by_path, path_attribute=path, **more)


_KINDS = (
    _Kind("pipeline_id", "pipelines", "pipelines", ("CAN_VIEW", "CAN_RUN", "CAN_MANAGE", "IS_OWNER")),
    _Kind("job_id", "jobs", "job", ("CAN_VIEW", "CAN_MANAGE_RUN", "IS_OWNER", "CAN_MANAGE"), creator=_creator_of_job),
    _Kind("cluster_id", "clusters", "cluster", ("CAN_ATTACH_TO", "CAN_RESTART", "CAN_MANAGE"), manages=True),
    _Kind(
        "serving_endpoint_id",
        "serving-endpoints",
        "serving-endpoint",
        ("CAN_VIEW", "CAN_QUERY", "CAN_MANAGE"),
        manages=True,
    ),
    *_files("notebook", "notebooks", "notebook"),
    *_files("directory", "directories", "directory", admins="0"),
    *_files("workspace_file", "files", "file"),
    _Kind("experiment_id", "experiments", "mlflowExperiment", ("CAN_READ", "CAN_EDIT", "CAN_MANAGE")),
    _Kind("registered_model_id", "registered-models", "registered-model", _MODEL_LEVELS, manages=True, admins="root"),
    _Kind(
        "sql_endpoint_id",
        "sql/warehouses",
        "warehouses",
        ("CAN_USE", "CAN_MANAGE", "CAN_MONITOR", "CAN_VIEW", "IS_OWNER"),
        manages=True,
        creator=_creator_of_warehouse,
    ),
    _Kind(
        "authorization",
        "authorization",
        "tokens",
        ("CAN_USE", "CAN_MANAGE"),
        management=("CAN_USE", "CAN_MANAGE"),
        admins="tokens",
        only="tokens",
    ),
)


@cache
def _me(session: Session) -> str:
    """Asked once per process, as the provider's client does."""
    return str(session.send(current_user.ME)["userName"])


def _configured(values: Values) -> _Kind:
    for kind in _KINDS:
        if values[kind.attribute]:
            return kind
    raise RefusedError("the stand-in provider has permissions on " + ", ".join(kind.attribute for kind in _KINDS))


def _identified(id_: str) -> tuple[_Kind, str]:
    """("/jobs/7" -> the kind, "7"), as the id in the state has it."""
    request, _, name = id_.removeprefix("/").rpartition("/")
    for kind in _KINDS:
        if kind.request == request:
            return kind, name
    raise RefusedError(f"resource type for {id_} not found")


def _create(session: Session, planned: Values) -> Values:
    kind = _configured(planned)
    name = kind.find(session, planned[kind.attribute])
    _write(session, kind, name, planned)
    return {"id": f"/{kind.request}/{name}"}


def _update(session: Session, prior: Values, planned: Values) -> Values:
    kind, name = _identified(prior["id"])
    _write(session, kind, name, planned)
    return {"id": prior["id"]}


def _write(session: Session, kind: _Kind, name: str, planned: Values) -> None:
    me = _me(session)
    entries = [{key: value for key, value in entry.items() if value} for entry in planned["access_control"]]
    for entry in entries:
        if entry.get("group_name") == "admins":
            raise RefusedError(f"it is not possible to modify admin permissions for {kind.object_type} resources")
        if _is_of(entry, me) and entry["permission_level"] not in kind.management:
            allowed = ", ".join(sorted(level for level in kind.levels if level in kind.management))
            raise RefusedError(
                f"cannot remove management permissions for the current user for {kind.object_type}, "
                f"allowed levels: {allowed}"
            )
    if kind.manages and not any(_is_of(entry, me) for entry in entries):
        entries.append({"user_name": me, "permission_level": "CAN_MANAGE"})
    _put(session, kind, name, _with_admins(kind, name, entries), owner=me)


def _with_admins(kind: _Kind, name: str, entries: list[Entry]) -> list[Entry]:
    if name != kind.admins or any(entry.get("group_name") == "admins" for entry in entries):
        return entries
    return [*entries, {"group_name": "admins", "permission_level": "CAN_MANAGE"}]


def _put(session: Session, kind: _Kind, name: str, entries: list[Entry], *, owner: str) -> None:
    """Replace the entries; somebody owns the object, "user_name" even where it is a service principal."""
    owned = entries
    if "IS_OWNER" in kind.levels and not any(entry["permission_level"] == "IS_OWNER" for entry in entries):
        owned = [*entries, {"user_name": owner, "permission_level": "IS_OWNER"}]
    try:
        session.send(kind.to("PUT"), id=name, body={"access_control_list": owned})
    except RefusedError as error:
        if _NO_OWNER_YET not in str(error):
            raise
        session.send(kind.to("PUT"), id=name, body={"access_control_list": entries})


def _list(session: Session, kind: _Kind, name: str) -> dict[str, Any]:
    """The list as it is. A gateway that has no time is asked again for ever (readRaw of resource_permissions.go)."""
    for attempt in itertools.count(1):
        with suppress(GatewayTimeoutError):
            return dict(session.send(kind.to("GET"), id=name))
        time.sleep(backoff(attempt))
    raise AssertionError("counting does not end")


def _read(session: Session, state: Values) -> Values | None:
    kind, name = _identified(state["id"])
    me = _me(session)
    found = _list(session, kind, name)
    if found.get("object_type") != kind.object_type:
        raise RefusedError(f"expected object type {kind.object_type}, got {found.get('object_type')}")
    asked_for_me = any(_is_of(entry, me) for entry in state["access_control"])
    entries = [
        {key: entry.get(key) for key in _NAMES} | {"permission_level": permission["permission_level"]}
        for entry in found.get("access_control_list", [])
        if entry.get("group_name") != "admins" and (asked_for_me or not _is_of(entry, me))
        for permission in entry.get("all_permissions", [])
        if not permission.get("inherited")
    ]
    if not entries:
        return None  # nothing that could be managed is the same as no permissions
    by_path = kind.path_attribute and state[kind.path_attribute]
    identity = {} if by_path else {kind.attribute: name}
    return {"id": state["id"], "object_type": kind.object_type, "access_control": entries, **identity}


def _delete(session: Session, state: Values) -> None:
    kind, name = _identified(state["id"])
    if kind.object_type == "pipelines":
        return  # the provider leaves them, since it would make the wrong principal the owner
    found = _list(session, kind, name)
    entries: list[Entry] = []
    for entry in found.get("access_control_list", []):
        direct = [one for one in entry.get("all_permissions", []) if not one.get("inherited")]
        if entry.get("group_name") == "admins" and direct:
            entries.append({"group_name": "admins", "permission_level": direct[0]["permission_level"]})
    if kind.manages and name != kind.admins:
        entries.append({"user_name": _me(session), "permission_level": "CAN_MANAGE"})
    elif kind.object_type == "directory":
        entries = _with_admins(kind, name, entries)
    owner = ""
    if kind.creator:
        try:
            owner = kind.creator(session, name)
        except RefusedError as error:
            if not is_gone(error):
                raise
        if not owner:
            return  # the object is gone
    _put(session, kind, name, entries, owner=owner)


def _is_of(entry: Entry, name: str) -> bool:
    return name in (entry.get("user_name"), entry.get("service_principal_name"))


def _validate(config: Values) -> str | None:
    given = [kind for kind in _KINDS if config[kind.attribute] is not None]
    if len(given) > 1:
        return f'"{given[0].attribute}": conflicts with {given[1].attribute}'
    if not isinstance(config["access_control"], Unknown):
        for kind in given:
            for entry in config["access_control"]:
                level = entry["permission_level"] if isinstance(entry, dict) else None
                if isinstance(level, str) and level not in kind.levels:
                    allowed = ", ".join(sorted(kind.levels))
                    return (
                        f"permission_level {level} is not supported with {kind.attribute} objects; "
                        f"allowed levels: {allowed}"
                    )
    return None


RESOURCE: Resource[Session] = Resource(
    requests=(
        *(kind.to(method) for kind in _KINDS for method in ("GET", "PUT")),
        current_user.ME,
        workspace_objects.STATUS,
        jobs.READ,
        sql_warehouses.READ,
    ),
    create=_create,
    read=_read,
    update=_update,
    delete=_delete,
    validate=_validate,
    drops_unasked=True,
    rules=Rules(replace=frozenset(kind.attribute for kind in _KINDS)),
)
