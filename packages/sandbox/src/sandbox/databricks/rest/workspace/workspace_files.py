"""`/workspace-files`: how the Databricks CLI writes and reads files (libs/filer/workspace_files_client.go)."""

from sandbox.databricks.world.refusals import ConflictError, InvalidError
from sandbox.databricks.world.workspace import workspace_tree
from sandbox.databricks.world.workspace.notebooks import recognised
from sandbox.databricks.world.workspace.workspace_tree import IS_FILE, Node
from sandbox.route import Answer, Call
from sandbox.source import databricks_cli

_SOURCE = databricks_cli("libs/filer/workspace_files_client.go")


def import_file(call: Call) -> None:
    """Write a file, or the notebook that it is; what is there stays unless `overwrite` says otherwise."""
    content = call.body if isinstance(call.body, bytes) else b""
    workspace_tree.require_upload_size(content)
    path, fields = recognised(workspace_tree.place(path_of(call)), content)
    existing = workspace_tree.find(call, path)
    if existing is not None and call.query.get("overwrite") != "true":
        raise _taken(path_of(call), existing)
    workspace_tree.put(call, path, fields, content)


def get_file(call: Call) -> Answer:
    """What a file holds, as it is."""
    return Answer(workspace_tree.read(call, workspace_tree.require(call, path_of(call))))


def path_of(call: Call) -> str:
    """The file's path; in the URL it has no leading slash."""
    return "/" + call.params["path"].lstrip("/")


def imported_path(call: Call) -> str:
    """Where an import ends up: a notebook loses its extension."""
    content = call.body if isinstance(call.body, bytes) else b""
    return recognised(path_of(call), content)[0]


def node_of_path(call: Call) -> Node:
    """What lies at the path in the URL."""
    return workspace_tree.require(call, path_of(call))


def _taken(path: str, node: Node) -> ConflictError | InvalidError:
    """The refusal to write where something lies: the service tells notebooks from files here."""
    if node.type == IS_FILE:
        return ConflictError(f"File already exists at ({path}).", source=_SOURCE)
    return InvalidError(f"Path ({path}) already exists.", code="RESOURCE_ALREADY_EXISTS", source=_SOURCE)
