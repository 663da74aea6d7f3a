"""`/workspace`: folders, notebooks and files (https://docs.databricks.com/api/workspace/workspace)."""

import binascii
from base64 import b64decode, b64encode

from sandbox.databricks import object_access, workspace_tree
from sandbox.databricks.bodies import optional, required
from sandbox.databricks.refusals import ConflictError, InvalidError, NotBuiltError
from sandbox.databricks.workspace_tree import IS_DIRECTORY, IS_EXPERIMENT, IS_FILE, IS_NOTEBOOK, Node
from sandbox.route import Answer, Call
from sandbox.store import Document

_LANGUAGES = {"py": "PYTHON", "r": "R", "scala": "SCALA", "sql": "SQL"}
_COMMENTS = {"PYTHON": "#", "R": "#", "SCALA": "//", "SQL": "--"}
_FORMATS = ("SOURCE", "RAW", "AUTO", "JUPYTER")
_HIDDEN = ("owner_id", "artifact_location", "tags", "export_format")


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
    found = [one for one in workspace_tree.children(call, node) if may_see(call, one)]
    return {"objects": [_shown(one, asked) for one in found]} if found else {}


def make_directory(call: Call) -> None:
    """Make a folder and those around it; one that is there already is fine."""
    workspace_tree.make_folders(call, workspace_tree.place(required(call, "path", str)))


def import_object(call: Call) -> Document:
    """Write a notebook or a file. SOURCE and RAW keep the path; AUTO looks at the content, as a git folder would."""
    asked, overwrite = required(call, "path", str), bool(optional(call, "overwrite", bool))
    form = optional(call, "format", str) or "SOURCE"
    if form not in _FORMATS:
        raise NotBuiltError(f"The sandbox does not import {form}: sandbox/databricks/workspace_objects.py.")
    try:
        content = b64decode(optional(call, "content", str) or "", validate=True)
    except binascii.Error:
        raise InvalidError("The content is not valid base64.") from None
    path, fields = workspace_tree.place(asked), {"object_type": IS_FILE}
    if form == "AUTO":
        path, fields = recognised(path, content)
    elif form != "RAW":
        language = optional(call, "language", str) or ("PYTHON" if form == "JUPYTER" else None)
        if language not in _COMMENTS:
            raise InvalidError(f"{language} is not a language: {', '.join(_COMMENTS)}.")
        fields = {"object_type": IS_NOTEBOOK, "language": language, "export_format": form}
    if not overwrite and workspace_tree.find(call, path) is not None:
        raise InvalidError(f"Path ({asked}) already exists.", code="RESOURCE_ALREADY_EXISTS")
    return {"object_id": put(call, path, fields, content).id}


def export_object(call: Call) -> Document | Answer:
    """What a notebook or a file holds, as base64 or as it is."""
    node = workspace_tree.require(call, queried_path(call))
    if node.type in (IS_DIRECTORY, IS_EXPERIMENT):
        raise NotBuiltError(f"The sandbox does not export a {node.type}: sandbox/databricks/workspace_objects.py.")
    content = workspace_tree.read(call, node)
    if call.query.get("direct_download") == "true":
        return Answer(content)
    suffix = next((end for end, language in _LANGUAGES.items() if language == node.document.get("language")), "")
    return {"content": b64encode(content).decode(), **({"file_type": suffix} if suffix else {})}


def delete_object(call: Call) -> None:
    """Remove an object; a folder that holds something only with `recursive`."""
    asked = required(call, "path", str)
    node = workspace_tree.require(call, asked)
    if not node.made:
        raise InvalidError(f"Folder ({asked}) is protected and cannot be deleted.", code="BAD_REQUEST")
    if workspace_tree.below(call, node) and not optional(call, "recursive", bool):
        raise InvalidError(f"Folder ({asked}) is not empty", code="DIRECTORY_NOT_EMPTY")
    workspace_tree.remove(call, node)


def put(call: Call, path: str, fields: Document, content: bytes | None) -> Node:
    """Write an object into a folder that exists."""
    workspace_tree.require_folder(call, path)
    return workspace_tree.write(call, path, fields, content)


def recognised(path: str, content: bytes) -> tuple[str, Document]:
    """What the service makes of a file: one that says it is a notebook becomes one and loses its extension."""
    stem, _, suffix = path.rpartition(".")
    language = _LANGUAGES.get(suffix)
    first = content.split(b"\n", 1)[0].decode("utf-8", "replace").strip()
    if stem and suffix == "ipynb":
        return stem, {"object_type": IS_NOTEBOOK, "language": "PYTHON", "export_format": "JUPYTER"}
    if stem and language and first == f"{_COMMENTS[language]} Databricks notebook source":
        return stem, {"object_type": IS_NOTEBOOK, "language": language, "export_format": "SOURCE"}
    return path, {"object_type": IS_FILE}


def taken(path: str, node: Node) -> ConflictError | InvalidError:
    """The refusal to write where something lies: the service tells notebooks from files here."""
    if node.type == IS_FILE:
        return ConflictError(f"File already exists at ({path}).")
    return InvalidError(f"Path ({path}) already exists.", code="RESOURCE_ALREADY_EXISTS")


def may_see(call: Call, node: Node) -> bool:
    """Whether the caller may look at an object; the root and the folder of the homes are everybody's to look at."""
    if node.path in ("/", "/Users"):
        return True
    return object_access.may(call, object_access.CAN_READ, workspace_tree.access(call, node))


def queried_path(call: Call) -> str:
    """The path that a reading request names."""
    path = call.query.get("path", "")
    if not path:
        raise InvalidError("Missing required field: path")
    return path


def _shown(node: Node, asked: str) -> Document:
    kept = {name: value for name, value in node.document.items() if name not in _HIDDEN}
    path = workspace_tree.spelled_like(node.path, asked)
    return {**kept, "path": path, "resource_id": str(node.id)}
