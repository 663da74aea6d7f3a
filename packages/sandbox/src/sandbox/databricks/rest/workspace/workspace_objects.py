"""`/workspace`: folders, notebooks and files (https://docs.databricks.com/api/workspace/workspace)."""

import binascii
from base64 import b64decode, b64encode

from sandbox.databricks.rest.bodies import optional, required
from sandbox.databricks.world.refusals import (
    InvalidError,
    NotBuiltError,
)
from sandbox.databricks.world.workspace import workspace_tree
from sandbox.databricks.world.workspace.notebooks import COMMENTS, LANGUAGES, recognised
from sandbox.databricks.world.workspace.workspace_tree import IS_DIRECTORY, IS_FILE, IS_NOTEBOOK, Node
from sandbox.route import Answer, Call
from sandbox.source import databricks_api, databricks_cli, databricks_docs
from sandbox.store import Document

_CLIENT = databricks_cli("libs/filer/workspace_files_client.go")
_PROTECTED = databricks_docs("workspace/workspace-objects")
_SOURCE = databricks_api("workspace/workspace")

_FORMATS = ("SOURCE", "RAW", "AUTO", "JUPYTER")
_HIDDEN = ("owner_id", "artifact_location", "tags", "export_format", "said")


def get_status(call: Call) -> Document:
    """What lies at a path."""
    asked = queried_path(call)
    node = workspace_tree.require(call, asked)
    shown = _shown(node, asked)
    # Tells the CLI whether a notebook is a Jupyter one (libs/filer/workspace_files_client.go).
    if call.query.get("return_export_info") == "true" and "export_format" in node.document:
        shown["repos_export_format"] = node.document["export_format"]
    return shown


def list_objects(call: Call) -> Document:
    """What lies in a folder, as far as the caller may see it; of anything else the object itself."""
    asked = queried_path(call)
    node = workspace_tree.require(call, asked)
    if node.type != IS_DIRECTORY:
        return {"objects": [_shown(node, asked)]}
    found = [one for one in workspace_tree.children(call, node) if workspace_tree.may_see(call, one)]
    return {"objects": [_shown(one, asked) for one in found]} if found else {}


def make_directory(call: Call) -> None:
    """Make a folder and those around it; one that is there already is fine."""
    workspace_tree.make_folders(call, workspace_tree.place(required(call, "path", str)))


def import_object(call: Call) -> Document:
    """Write a notebook or a file. SOURCE and RAW keep the path; AUTO looks at the content, as a git folder would."""
    asked, overwrite = required(call, "path", str), bool(optional(call, "overwrite", bool))
    form = optional(call, "format", str) or "SOURCE"
    if form not in _FORMATS:
        raise NotBuiltError(
            f"The sandbox does not import {form}: sandbox/databricks/rest/workspace/workspace_objects.py."
        )
    try:
        content = b64decode(optional(call, "content", str) or "", validate=True)
    except binascii.Error:
        raise InvalidError("The content is not valid base64.", source=_SOURCE) from None
    path, fields = workspace_tree.place(asked), {"object_type": IS_FILE}
    if form == "AUTO":
        path, fields = recognised(path, content)
    elif form != "RAW":
        language = optional(call, "language", str) or ("PYTHON" if form == "JUPYTER" else None)
        if language not in COMMENTS:
            raise InvalidError(f"{language} is not a language: {', '.join(COMMENTS)}.", source=_SOURCE)
        fields = {"object_type": IS_NOTEBOOK, "language": language, "export_format": form}
    workspace_tree.require_size(content, fields["object_type"])
    if not overwrite and workspace_tree.find(call, path) is not None:
        raise InvalidError(f"Path ({asked}) already exists.", code="RESOURCE_ALREADY_EXISTS", source=_CLIENT)
    return {"object_id": workspace_tree.put(call, path, fields, content).id}


def export_object(call: Call) -> Document | Answer:
    """What a notebook or a file holds, as base64 or as it is."""
    node = workspace_tree.require(call, queried_path(call))
    if node.type not in (IS_NOTEBOOK, IS_FILE):
        raise NotBuiltError(
            f"The sandbox does not export a {node.type}: sandbox/databricks/rest/workspace/workspace_objects.py."
        )
    content = workspace_tree.read(call, node)
    workspace_tree.require_size(content, node.type)
    if call.query.get("direct_download") == "true":
        return Answer(content)
    suffix = next((end for end, language in LANGUAGES.items() if language == node.document.get("language")), "")
    return {"content": b64encode(content).decode(), **({"file_type": suffix} if suffix else {})}


def delete_object(call: Call) -> None:
    """Remove an object; a folder that holds something only with `recursive`."""
    asked = required(call, "path", str)
    node = workspace_tree.require(call, asked)
    if not node.made:
        raise InvalidError(
            f"Folder ({asked}) is protected and cannot be deleted.", code="BAD_REQUEST", source=_PROTECTED
        )
    if workspace_tree.below(call, node) and not optional(call, "recursive", bool):
        raise InvalidError(f"Folder ({asked}) is not empty", code="DIRECTORY_NOT_EMPTY", source=_CLIENT)
    workspace_tree.remove(call, node)


def node_of_query(call: Call) -> Node:
    """What lies at the path of the query."""
    return workspace_tree.require(call, queried_path(call))


def node_of_body(call: Call) -> Node:
    """What lies at the path of the body."""
    return workspace_tree.require(call, required(call, "path", str))


def queried_path(call: Call) -> str:
    """The path that a reading request names."""
    path = call.query.get("path", "")
    if not path:
        raise InvalidError("Missing required field: path", source=_SOURCE)
    return path


def _shown(node: Node, asked: str) -> Document:
    kept = {name: value for name, value in node.document.items() if name not in _HIDDEN}
    path = workspace_tree.spelled_like(node.path, asked)
    return {**kept, "path": path, "resource_id": node.resource_id}
