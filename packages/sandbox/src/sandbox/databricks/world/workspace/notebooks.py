"""What makes a file a notebook, and in which language."""

from sandbox.databricks.world.workspace.workspace_tree import IS_FILE, IS_NOTEBOOK
from sandbox.store import Document

LANGUAGES = {"py": "PYTHON", "r": "R", "scala": "SCALA", "sql": "SQL"}
"""Languages by the extension of a file."""
COMMENTS = {"PYTHON": "#", "R": "#", "SCALA": "//", "SQL": "--"}
"""What begins a comment in each language."""


def recognised(path: str, content: bytes) -> tuple[str, Document]:
    """What the service makes of a file: one that says it is a notebook becomes one and loses its extension."""
    stem, _, suffix = path.rpartition(".")
    language = LANGUAGES.get(suffix)
    first = content.split(b"\n", 1)[0].decode("utf-8", "replace").strip()
    if stem and suffix == "ipynb":
        return stem, {"object_type": IS_NOTEBOOK, "language": "PYTHON", "export_format": "JUPYTER"}
    if stem and language and first == f"{COMMENTS[language]} Databricks notebook source":
        return stem, {"object_type": IS_NOTEBOOK, "language": language, "export_format": "SOURCE"}
    return path, {"object_type": IS_FILE}
