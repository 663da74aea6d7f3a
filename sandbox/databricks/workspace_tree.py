"""The workspace's folders, notebooks, files and experiments as one tree of paths.

Everybody's home folder is there from the start and belongs to them; `/Shared` is everybody's. `/Workspace/Users/x` and
`/Users/x` are one place (https://docs.databricks.com/aws/en/workspace/workspace-objects).
"""

import posixpath
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.databricks import membership, principals
from sandbox.databricks.object_access import (
    CAN_MANAGE,
    DIRECTORY,
    EXPERIMENT,
    FILE,
    NOTEBOOK,
    AccessObject,
    ObjectKind,
    set_entries,
)
from sandbox.databricks.principals import GROUP, SERVICE_PRINCIPAL, USER
from sandbox.databricks.refusals import ConflictError, InvalidError, NotFoundError
from sandbox.databricks.workspaces import here
from sandbox.route import Call
from sandbox.store import Document

IS_DIRECTORY, IS_NOTEBOOK, IS_FILE, IS_EXPERIMENT = "DIRECTORY", "NOTEBOOK", "FILE", "MLFLOW_EXPERIMENT"
KIND_OF: Mapping[str, ObjectKind] = {
    IS_DIRECTORY: DIRECTORY,
    IS_NOTEBOOK: NOTEBOOK,
    IS_FILE: FILE,
    IS_EXPERIMENT: EXPERIMENT,
}

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
        """Its number, which permissions and experiments go by."""
        return int(self.document["object_id"])

    @property
    def type(self) -> str:
        """DIRECTORY, NOTEBOOK, FILE or MLFLOW_EXPERIMENT."""
        return str(self.document["object_type"])

    @property
    def made(self) -> bool:
        """Whether somebody made it; the others cannot be removed."""
        return bool(self.document.get("created_at"))


def place(path: str) -> str:
    """The one spelling of a path that somebody wrote."""
    if not path.startswith("/"):
        raise InvalidError(f"Path ({path}) doesn't start with '/'")
    clean = posixpath.normpath("/" + path.lstrip("/"))
    return clean.removeprefix(_MOUNT) or "/" if f"{clean}/".startswith(_MOUNT + "/") else clean


def spelled_like(path: str, asked: str) -> str:
    """A path in the spelling of the request: the provider compares it with what it sent."""
    mounted = f"{posixpath.normpath('/' + asked.lstrip('/'))}/".startswith(_MOUNT + "/")
    return (_MOUNT + path).rstrip("/") if mounted else path


def parent(path: str) -> str:
    """The folder that a path lies in."""
    return posixpath.dirname(path)


def find(call: Call, path: str) -> Node | None:
    """What lies at a path, made or given."""
    document = call.store.get(_NODE, _key(call, path))
    if document is not None:
        return Node(path, document)
    if path in _ROOT_IDS:
        return Node(path, {"object_type": IS_DIRECTORY, "object_id": _ROOT_IDS[path]})
    at_home = _resident(call, path) if parent(path) == _USERS else None
    return Node(path, {"object_type": IS_DIRECTORY, "object_id": int(at_home)}) if at_home else None


def require(call: Call, path: str) -> Node:
    """What lies at a path; 404 when there is nothing."""
    node = find(call, place(path))
    if node is None:
        raise NotFoundError(f"Path ({path}) doesn't exist.")
    return node


def by_id(call: Call, object_id: str) -> Node | None:
    """The object with that number."""
    for path, number in _ROOT_IDS.items():
        if str(number) == object_id:
            return find(call, path)
    principal = principals.get(call.store, object_id)
    if principal is not None:
        return find(call, f"{_USERS}/{principal.name}")
    made = (node for node in _made(call, "/") if str(node.id) == object_id)
    return next(made, None)


def nearest(call: Call, path: str) -> Node:
    """The object at a path, or the folder around it that exists."""
    while (node := find(call, path)) is None:
        path = parent(path)
    return node


def access(call: Call, node: Node) -> AccessObject:
    """The object as access lists know it: with the folders around it, and what comes with the place."""
    around = []
    folder = node.path
    while folder != "/":
        folder = parent(folder)
        outer = call.store.get(_NODE, _key(call, folder))
        if outer is not None:
            around.append(f"{DIRECTORY.collection}/{outer['object_id']}")
    return AccessObject(KIND_OF[node.type], str(node.id), tuple(around), _given(call, node.path))


def children(call: Call, node: Node) -> list[Node]:
    """What lies directly in a folder, homes included."""
    made = {one.path: one for one in _made(call, node.path) if parent(one.path) == node.path}
    given: list[str] = []
    if node.path == "/":
        given = [_USERS, _SHARED]
    elif node.path == _USERS:
        given = [f"{_USERS}/{name}" for name in _residents(call)]
    nodes = made | {path: found for path in given if (found := find(call, path))}
    return [nodes[path] for path in sorted(nodes)]


def below(call: Call, node: Node) -> list[Node]:
    """Everything that somebody made inside a folder, however deep."""
    return _made(call, node.path)


def make_folders(call: Call, path: str) -> Node:
    """The folder, made with all that are missing around it."""
    found = find(call, path)
    if found is None:
        make_folders(call, parent(path))
        return write(call, path, {"object_type": IS_DIRECTORY})
    if found.type != IS_DIRECTORY:
        raise InvalidError(f"Path ({path}) already exists.", code="RESOURCE_ALREADY_EXISTS")
    return found


def require_folder(call: Call, path: str) -> None:
    """Refuse to make something whose folder is missing, in the words on which the provider makes the folder."""
    folder = find(call, parent(path))
    if folder is None or folder.type != IS_DIRECTORY:
        raise NotFoundError(f"The parent folder ({parent(path)}) does not exist.")


def write(call: Call, path: str, fields: Mapping[str, Any], content: bytes | None = None) -> Node:
    """Make an object, or replace what an object of the same type says; its number stays."""
    now, old = call.clock.milliseconds(), find(call, path)
    if old is not None and old.type != fields["object_type"]:
        asked = f"(asked: {fields['object_type']}, actual: {old.type})"
        raise InvalidError(f"Cannot overwrite the asset at {path} due to type mismatch {asked}")
    object_id = old.id if old else call.store.next("databricks.workspace_object", first=_FIRST_ID)
    created_at = old.document["created_at"] if old else now
    stamps = {"object_id": object_id, "created_at": created_at, "modified_at": now}
    document = {**fields, **stamps} | ({} if content is None else {"size": len(content)})
    call.store.put(_NODE, _key(call, path), document)
    if content is not None:
        call.store.put(_CONTENT, f"{here(call).id}/{object_id}", {"content": b64encode(content).decode()})
    return Node(path, document)


def read(call: Call, node: Node) -> bytes:
    """What a file or a notebook holds."""
    kept = call.store.get(_CONTENT, f"{here(call).id}/{node.id}")
    return b64decode(kept["content"]) if kept else b""


def change(call: Call, node: Node, changes: Mapping[str, Any]) -> Node:
    """Change what is remembered of an object."""
    changed = Node(node.path, {**node.document, **changes})
    call.store.put(_NODE, _key(call, node.path), changed.document)
    return changed


def move(call: Call, node: Node, path: str) -> Node:
    """Give an object another path."""
    if find(call, path) is not None:
        raise ConflictError(f"Node named '{posixpath.basename(path)}' already exists")
    require_folder(call, path)
    call.store.delete(_NODE, _key(call, node.path))
    moved = Node(path, node.document)
    call.store.put(_NODE, _key(call, path), moved.document)
    return moved


def remove(call: Call, node: Node) -> None:
    """Remove an object with its content, its access list and all that it contains."""
    for inner in below(call, node):
        _remove_one(call, inner)
    if node.made:
        _remove_one(call, node)


def _remove_one(call: Call, node: Node) -> None:
    set_entries(call, AccessObject(KIND_OF[node.type], str(node.id)), {})
    call.store.delete(_CONTENT, f"{here(call).id}/{node.id}")
    call.store.delete(_NODE, _key(call, node.path))


def _made(call: Call, path: str) -> list[Node]:
    prefix, workspace = _key(call, path.rstrip("/") + "/"), str(here(call).id)
    return [Node(key.removeprefix(workspace), document) for key, document in call.store.all(_NODE, prefix=prefix)]


def _key(call: Call, path: str) -> str:
    return f"{here(call).id}{path}"


def _given(call: Call, path: str) -> dict[str, str]:
    if f"{path}/".startswith(_SHARED + "/"):
        groups = principals.of_kind(call.store, GROUP)
        users = [one for one in groups if one.system == membership.USERS and one.workspace_id == here(call).id]
        return {group.id: CAN_MANAGE for group in users}
    _, _, inside = path.partition(_USERS + "/") if path.startswith(_USERS + "/") else ("", "", "")
    home = _resident(call, f"{_USERS}/{inside.split('/')[0]}") if inside else None
    return {home: CAN_MANAGE} if home else {}


def _resident(call: Call, home: str) -> str | None:
    """The id of the principal whose home folder that is."""
    name = posixpath.basename(home)
    principal = principals.named(call.store, name, USER, SERVICE_PRINCIPAL)
    if principal is None or membership.level(call.store, here(call).id, principal.id) is None:
        return None
    return principal.id


def _residents(call: Call) -> list[str]:
    everybody = [one for kind in (USER, SERVICE_PRINCIPAL) for one in principals.of_kind(call.store, kind)]
    return [one.name for one in everybody if membership.level(call.store, here(call).id, one.id) is not None]
