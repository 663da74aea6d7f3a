"""The workspace's folders, notebooks, files, experiments, dashboards and alerts as one tree of paths.

Everybody's home folder is there from the start and belongs to them; `/Shared` is everybody's. `/Workspace/Users/x` and
`/Users/x` are one place (https://docs.databricks.com/aws/en/workspace/workspace-objects).
"""

import posixpath
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.context import Context
from sandbox.databricks.world.access import object_access
from sandbox.databricks.world.access.object_access import (
    ALERT,
    CAN_MANAGE,
    DASHBOARD,
    DIRECTORY,
    EXPERIMENT,
    FILE,
    NOTEBOOK,
    AccessObject,
    ObjectKind,
    set_entries,
)
from sandbox.databricks.world.identity import membership, principals
from sandbox.databricks.world.identity.principals import SERVICE_PRINCIPAL, USER
from sandbox.databricks.world.refusals import ConflictError, InvalidError, NotFoundError
from sandbox.databricks.world.workspaces import here
from sandbox.source import databricks_cli, databricks_docs, databricks_provider, quoted
from sandbox.store import Document

_SIZE = quoted("databricks/cli/issues/3691")
_SOURCE = databricks_cli("libs/filer/workspace_files_client.go")
_FILES = databricks_docs("files/workspace")
_NODES = databricks_provider("mlflow/resource_mlflow_experiment_test.go")

IS_DIRECTORY, IS_NOTEBOOK, IS_FILE, IS_EXPERIMENT = "DIRECTORY", "NOTEBOOK", "FILE", "MLFLOW_EXPERIMENT"
IS_DASHBOARD, IS_ALERT = "DASHBOARD", "ALERT"
KIND_OF: Mapping[str, ObjectKind] = {
    IS_DIRECTORY: DIRECTORY,
    IS_NOTEBOOK: NOTEBOOK,
    IS_FILE: FILE,
    IS_EXPERIMENT: EXPERIMENT,
    IS_DASHBOARD: DASHBOARD,
    IS_ALERT: ALERT,
}

MOST_BYTES = 10_485_760
"""What `import` takes and `export` gives at once."""
MOST_FILE_BYTES = 524_288_000
"""The longest file of a workspace."""

_NODE, _CONTENT = "databricks.workspace_object", "databricks.workspace_content"
_MOUNT = "/Workspace"
_USERS, _SHARED = "/Users", "/Shared"
# Ids of what nobody made: of no principal and of no sequence. The provider knows the root as 0.
_ROOT_IDS = {"/": 0, _USERS: 1, _SHARED: 2}
_FIRST_ID = 4_000_000_000_000_001


@dataclass(frozen=True, slots=True)
class Node:
    """One object; its path is without `/Workspace`."""

    path: str
    document: Document

    @property
    def id(self) -> int:
        """Its number, which experiments go by."""
        return int(self.document["object_id"])

    @property
    def resource_id(self) -> str:
        """What access lists and the API of its kind call it: its number, unless it has a name of its own."""
        return str(self.document.get("resource_id") or self.id)

    @property
    def type(self) -> str:
        """DIRECTORY, NOTEBOOK, FILE, MLFLOW_EXPERIMENT, DASHBOARD or ALERT."""
        return str(self.document["object_type"])

    @property
    def made(self) -> bool:
        """Whether somebody made it; the others cannot be removed."""
        return bool(self.document.get("created_at"))


def place(path: str) -> str:
    """The one spelling of a path that somebody wrote."""
    if not path.startswith("/"):
        raise InvalidError(f"Path ({path}) doesn't start with '/'", source=_SOURCE)
    clean = posixpath.normpath("/" + path.lstrip("/"))
    return clean.removeprefix(_MOUNT) or "/" if f"{clean}/".startswith(_MOUNT + "/") else clean


def spelled_like(path: str, asked: str) -> str:
    """A path in the spelling of the request: the provider compares it with what it sent."""
    mounted = f"{posixpath.normpath('/' + asked.lstrip('/'))}/".startswith(_MOUNT + "/")
    return (_MOUNT + path).rstrip("/") if mounted else path


def parent(path: str) -> str:
    """The folder that a path lies in."""
    return posixpath.dirname(path)


def find(context: Context, path: str) -> Node | None:
    """What lies at a path, made or given."""
    document = context.store.get(_NODE, _key(context, path))
    if document is not None:
        return Node(path, document)
    if path in _ROOT_IDS:
        return Node(path, {"object_type": IS_DIRECTORY, "object_id": _ROOT_IDS[path]})
    at_home = _resident(context, path) if parent(path) == _USERS else None
    return Node(path, {"object_type": IS_DIRECTORY, "object_id": int(at_home)}) if at_home else None


def require(context: Context, path: str) -> Node:
    """What lies at a path; refused when there is nothing."""
    node = find(context, place(path))
    if node is None:
        raise NotFoundError(f"Path ({path}) doesn't exist.", source=_SOURCE)
    return node


def by_id(context: Context, object_id: str) -> Node | None:
    """The object with that number."""
    for path, number in _ROOT_IDS.items():
        if str(number) == object_id:
            return find(context, path)
    principal = principals.get(context.store, object_id)
    if principal is not None:
        return find(context, f"{_USERS}/{principal.name}")
    made = (node for node in _made(context, "/") if str(node.id) == object_id)
    return next(made, None)


def of_type(context: Context, object_type: str) -> list[Node]:
    """Every object of a type, by path."""
    return [node for node in _made(context, "/") if node.type == object_type]


def by_resource_id(context: Context, object_type: str, resource_id: str) -> Node | None:
    """The object of a type that the API of its kind calls so."""
    return next((node for node in of_type(context, object_type) if node.resource_id == resource_id), None)


def nearest(context: Context, path: str) -> Node:
    """The object at a path, or the folder around it that exists."""
    while (node := find(context, path)) is None:
        path = parent(path)
    return node


def access(context: Context, node: Node) -> AccessObject:
    """The object as access lists know it: with the folders around it, and what comes with the place."""
    around = []
    folder = node.path
    while folder != "/":
        folder = parent(folder)
        outer = context.store.get(_NODE, _key(context, folder))
        if outer is not None:
            around.append(f"{DIRECTORY.collection}/{outer['object_id']}")
    return AccessObject(KIND_OF[node.type], node.resource_id, tuple(around), _given(context, node.path))


def may_see(context: Context, node: Node) -> bool:
    """Whether the caller may look at an object; the root and the folder of the homes are everybody's to look at."""
    if node.path in ("/", "/Users"):
        return True
    return object_access.may(context, object_access.CAN_READ, access(context, node))


def children(context: Context, node: Node) -> list[Node]:
    """What lies directly in a folder, homes included."""
    made = {one.path: one for one in _made(context, node.path) if parent(one.path) == node.path}
    given: list[str] = []
    if node.path == "/":
        given = [_USERS, _SHARED]
    elif node.path == _USERS:
        given = [f"{_USERS}/{name}" for name in _residents(context)]
    nodes = made | {path: found for path in given if (found := find(context, path))}
    return [nodes[path] for path in sorted(nodes)]


def below(context: Context, node: Node) -> list[Node]:
    """Everything that somebody made inside a folder, however deep."""
    return _made(context, node.path)


def make_folders(context: Context, path: str) -> Node:
    """The folder, made with all that are missing around it."""
    found = find(context, path)
    if found is None:
        make_folders(context, parent(path))
        return write(context, path, {"object_type": IS_DIRECTORY})
    if found.type != IS_DIRECTORY:
        raise InvalidError(f"Path ({path}) already exists.", code="RESOURCE_ALREADY_EXISTS", source=_SOURCE)
    return found


def require_folder(context: Context, path: str) -> None:
    """Refuse to make something whose folder is missing, in the words on which the provider makes the folder."""
    folder = find(context, parent(path))
    if folder is None or folder.type != IS_DIRECTORY:
        raise NotFoundError(f"The parent folder ({parent(path)}) does not exist.", source=_SOURCE)


def write(context: Context, path: str, fields: Mapping[str, Any], content: bytes | None = None) -> Node:
    """Make an object, or replace what an object of the same type says; its number stays."""
    now, old = context.clock.milliseconds(), find(context, path)
    if old is not None and old.type != fields["object_type"]:
        asked = f"(asked: {fields['object_type']}, actual: {old.type})"
        raise InvalidError(f"Cannot overwrite the asset at {path} due to type mismatch {asked}", source=_SOURCE)
    object_id = old.id if old else context.store.next("databricks.workspace_object", first=_FIRST_ID)
    created_at = old.document["created_at"] if old else now
    stamps = {"object_id": object_id, "created_at": created_at, "modified_at": now}
    document = {**fields, **stamps} | ({} if content is None else {"size": len(content)})
    context.store.put(_NODE, _key(context, path), document)
    if content is not None:
        context.store.put(_CONTENT, f"{here(context).id}/{object_id}", {"content": b64encode(content).decode()})
    return Node(path, document)


def put(context: Context, path: str, fields: Mapping[str, Any], content: bytes | None = None) -> Node:
    """Write an object into a folder that exists."""
    if content is not None and fields["object_type"] == IS_NOTEBOOK:
        require_size(content, IS_NOTEBOOK)
    require_folder(context, path)
    return write(context, path, fields, content)


def require_size(content: bytes, object_type: str) -> None:
    """Refuse content that `import` and `export` do not take; a notebook is as long everywhere."""
    if len(content) <= MOST_BYTES:
        return
    said = f"File size imported is ({len(content)} bytes), exceeded max size ({MOST_BYTES} bytes)"
    if object_type == IS_NOTEBOOK:
        raise InvalidError(said, code="MAX_NOTEBOOK_SIZE_EXCEEDED", source=_SIZE)
    raise InvalidError(said, code="BAD_REQUEST", source=_SIZE)


def require_upload_size(content: bytes) -> None:
    """Refuse a file that is longer than any in a workspace."""
    if len(content) > MOST_FILE_BYTES:
        raise InvalidError(
            f"File size exceeds the limit of {MOST_FILE_BYTES} bytes", code="MAX_FILE_SIZE_EXCEEDED", source=_FILES
        )


def read(context: Context, node: Node) -> bytes:
    """What a file or a notebook holds."""
    kept = context.store.get(_CONTENT, f"{here(context).id}/{node.id}")
    return b64decode(kept["content"]) if kept else b""


def change(context: Context, node: Node, changes: Mapping[str, Any]) -> Node:
    """Change what is remembered of an object."""
    changed = Node(node.path, {**node.document, **changes})
    context.store.put(_NODE, _key(context, node.path), changed.document)
    return changed


def move(context: Context, node: Node, path: str) -> Node:
    """Give an object another path."""
    if find(context, path) is not None:
        raise ConflictError(f"Node named '{posixpath.basename(path)}' already exists", source=_NODES)
    require_folder(context, path)
    context.store.delete(_NODE, _key(context, node.path))
    moved = Node(path, node.document)
    context.store.put(_NODE, _key(context, path), moved.document)
    return moved


def remove(context: Context, node: Node) -> None:
    """Remove an object with its content, its access list and all that it contains."""
    for inner in below(context, node):
        _remove_one(context, inner)
    if node.made:
        _remove_one(context, node)


def _remove_one(context: Context, node: Node) -> None:
    set_entries(context, AccessObject(KIND_OF[node.type], node.resource_id), {})
    context.store.delete(_CONTENT, f"{here(context).id}/{node.id}")
    context.store.delete(_NODE, _key(context, node.path))


def _made(context: Context, path: str) -> list[Node]:
    prefix, workspace = _key(context, path.rstrip("/") + "/"), str(here(context).id)
    return [Node(key.removeprefix(workspace), document) for key, document in context.store.all(_NODE, prefix=prefix)]


def _key(context: Context, path: str) -> str:
    return f"{here(context).id}{path}"


def _given(context: Context, path: str) -> dict[str, str]:
    if f"{path}/".startswith(_SHARED + "/"):
        users = membership.built_in_group(context.store, here(context).id, membership.USERS)
        return {users: CAN_MANAGE} if users else {}
    _, _, inside = path.partition(_USERS + "/") if path.startswith(_USERS + "/") else ("", "", "")
    home = _resident(context, f"{_USERS}/{inside.split('/')[0]}") if inside else None
    return {home: CAN_MANAGE} if home else {}


def _resident(context: Context, home: str) -> str | None:
    """The id of the principal whose home folder that is."""
    name = posixpath.basename(home)
    principal = principals.named(context.store, name, USER, SERVICE_PRINCIPAL)
    if principal is None or membership.level(context.store, here(context).id, principal.id) is None:
        return None
    return principal.id


def _residents(context: Context) -> list[str]:
    everybody = [one for kind in (USER, SERVICE_PRINCIPAL) for one in principals.of_kind(context.store, kind)]
    return [one.name for one in everybody if membership.level(context.store, here(context).id, one.id) is not None]
