"""What notebooks, files and directories of a workspace share (tpd/workspace/file_resource.go)."""

import base64
import binascii
import hashlib
import posixpath
from pathlib import Path
from typing import Any

from sandbox.standins.behaviour import RefusedError
from sandbox.standins.databricks.session import Session, workspace
from sandbox.standins.plan import Values
from sandbox.standins.wire import Unknown

IMPORT = workspace("POST", "/api/2.0/workspace/import")
STATUS = workspace("GET", "/api/2.0/workspace/get-status")
MAKE_DIRECTORIES = workspace("POST", "/api/2.0/workspace/mkdirs")
DELETE = workspace("POST", "/api/2.0/workspace/delete")

DIFFERENT = "different"  # what md5 is planned as: anything but a digest is a change


def upload(session: Session, body: dict[str, Any]) -> Any:
    """Import, and once more when the parent folder had to be made."""
    try:
        return session.send(IMPORT, body=body)
    except RefusedError as error:
        text = str(error).lower()
        if not ("parent folder " in text and " does not exist" in text):
            raise
    session.send(MAKE_DIRECTORIES, body={"path": posixpath.dirname(body["path"])})
    return session.send(IMPORT, body=body)


def status(session: Session, path: str) -> Any:
    """What is at the path."""
    return session.send(STATUS, query={"path": path})


def places(session: Session, path: str) -> Values:
    """Where people find the object."""
    return {"url": f"{session.host}/#workspace{path}", "workspace_path": f"/Workspace{path}"}


def content(values: Values) -> bytes:
    """The bytes that the configuration says."""
    if values["content_base64"]:
        return base64.b64decode(values["content_base64"])
    try:
        return Path(values["source"] or "").read_bytes()
    except OSError as error:
        raise RefusedError(f"open {values['source'] or ''}: {(error.strerror or 'error').lower()}") from error


def digest(data: bytes) -> str:
    """What tells one content from another."""
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def plan_content(config: Values, prior: Values | None, planned: Values) -> Values:
    """The digest stays when the local content is the one that was uploaded; nobody looks at the remote one."""
    if prior is None or config["md5"] is not None:
        return planned
    given = [config["content_base64"], config["source"]]
    if any(isinstance(value, Unknown) for value in given):
        return planned
    try:
        same = digest(content(config)) == prior["md5"]
    except RefusedError:
        same = False
    return planned | ({"md5": prior["md5"]} if same else {})


def content_fault(config: Values) -> str | None:
    """Why a path or a content cannot be, as the provider words it."""
    path, source, encoded = config["path"], config["source"], config["content_base64"]
    if isinstance(path, str):
        if not path:
            return "Path must not be empty"
        if path.startswith("Volume"):
            return "Path should start with /Volumes"
        if path.startswith("dbfs:"):
            return "Remove `dbfs:` prefix"
        if path != posixpath.normpath(path):
            return f"Clean path required: Replace value with {posixpath.normpath(path)} to avoid resource replacement"
    if source is not None and encoded is not None:
        return '"content_base64": conflicts with source'
    if isinstance(source, str) and not Path(source).exists():
        return f"File {source} does not exist"
    if isinstance(encoded, str) and not _is_base64(encoded):
        return 'expected "content_base64" to be a base64 string'
    return None


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return False
    return True
