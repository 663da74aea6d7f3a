"""Which files are notebooks (databricks/cli v0.280.0, libs/notebook)."""

# Paths are text here, joined and cleaned as Go's filepath does.
# ruff: noqa: PTH122

import json
import os

from bundle.confinement import Confinement
from bundle.limits import UPLOADED_BYTES

EXTENSIONS = (".py", ".r", ".scala", ".sql", ".ipynb")

_HEADERS = {
    ".py": b"# Databricks notebook source",
    ".r": b"# Databricks notebook source",
    ".scala": b"// Databricks notebook source",
    ".sql": b"-- Databricks notebook source",
}
_HEADER_LENGTH = 32


class UnreadableError(Exception):
    """The file has a notebook's extension and cannot be one; its text says why."""


def is_notebook(file: str, name: str, confinement: Confinement) -> bool:
    """Whether a file is a notebook; `name` is what messages call it.

    Raises FileNotFoundError and UnreadableError, and RefusedError for what is no file of the checkout's.
    """
    extension = os.path.splitext(file)[1].lower()
    try:
        if extension == ".ipynb":
            return _is_jupyter(confinement.read(file, UPLOADED_BYTES), name)
        first = confinement.beginning(file, _HEADER_LENGTH)
    except IsADirectoryError:
        raise UnreadableError(f"read {name}: is a directory") from None
    except NotADirectoryError:
        raise FileNotFoundError(file) from None
    except FileNotFoundError:
        raise
    except OSError as error:
        raise UnreadableError(f"read {name}: {(error.strerror or '').lower()}") from None
    header = _HEADERS.get(extension)
    return header is not None and first.split(b"\n", 1)[0].removesuffix(b"\r") == header


def _is_jupyter(content: bytes, name: str) -> bool:
    try:
        document = json.loads(content)
    except RecursionError:
        raise UnreadableError(f"{name}: error loading Jupyter notebook file: nested too deep") from None
    except ValueError as error:
        reason = "EOF" if not content.strip() else str(error)
        raise UnreadableError(f"{name}: error loading Jupyter notebook file: {reason}") from None
    if not isinstance(document, dict) or document.get("cells") is None or document.get("metadata") is None:
        raise UnreadableError(f"{name}: invalid Jupyter notebook file")
    version = document.get("nbformat", 0)
    if not isinstance(version, int | float):
        raise UnreadableError(f"{name}: invalid Jupyter notebook file")
    if version < 4:
        raise UnreadableError(f"{name}: unsupported Jupyter notebook version: {version}")
    return True
