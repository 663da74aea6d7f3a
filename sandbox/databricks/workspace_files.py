"""`/workspace-files`: how the Databricks CLI writes and reads files (libs/filer/workspace_files_client.go)."""

from sandbox.databricks import workspace_objects, workspace_tree
from sandbox.databricks.workspace_objects import recognised, taken
from sandbox.route import Answer, Call


def import_file(call: Call) -> None:
    """Write a file, or the notebook that it is; what is there stays unless `overwrite` says otherwise."""
    content = call.body if isinstance(call.body, bytes) else b""
    path, fields = recognised(workspace_tree.place(path_of(call)), content)
    existing = workspace_tree.find(call, path)
    if existing is not None and call.query.get("overwrite") != "true":
        raise taken(path_of(call), existing)
    workspace_objects.put(call, path, fields, content)


def get_file(call: Call) -> Answer:
    """What a file holds, as it is."""
    return Answer(workspace_tree.read(call, workspace_tree.require(call, path_of(call))))


def path_of(call: Call) -> str:
    """The file's path; in the URL it has no leading slash."""
    return "/" + call.params["path"].lstrip("/")
