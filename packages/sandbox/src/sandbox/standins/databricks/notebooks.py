"""databricks_notebook."""

import base64
import posixpath
from typing import Any

from sandbox.standins.behaviour import Resource, answered, partly
from sandbox.standins.databricks import workspace_objects as objects
from sandbox.standins.databricks.session import Session
from sandbox.standins.plan import Rules, Values

# extension: (language, format, whether an import may overwrite)
_KINDS = {
    ".scala": ("SCALA", "SOURCE", True),
    ".py": ("PYTHON", "SOURCE", True),
    ".sql": ("SQL", "SOURCE", True),
    ".r": ("R", "SOURCE", True),
    ".ipynb": ("", "JUPYTER", True),
    ".dbc": ("", "DBC", False),
}
_UNKNOWN_KIND = ("", "", False)
_ALLOWED = {"language": ("SCALA", "PYTHON", "R", "SQL"), "format": ("SOURCE", "DBC", "JUPYTER")}
_READ = ("object_id", "object_type", "path", "language")


def _create(session: Session, planned: Values) -> Values:
    data, path = objects.content(planned), planned["path"]
    language, format_, overwrite = planned["language"] or "", planned["format"] or "", True
    if language and not format_:
        format_ = "SOURCE"
    if not language:
        language, format_, overwrite = _kind(planned["source"])
    answer = objects.upload(session, _import(data, path, language, format_, overwrite=overwrite))
    made = {
        "id": path,
        "md5": objects.digest(data),
        "format": format_,
        "language": language or None,
        "object_type": planned["object_type"] or "NOTEBOOK",
        "object_id": answer["object_id"],
        **objects.places(session, path),
    }
    return _read_unless_source(session, planned | made, made)


def _update(session: Session, prior: Values, planned: Values) -> Values:
    data, path = objects.content(planned), prior["id"]
    format_ = planned["format"] or ""
    if format_ == "DBC":
        session.send(objects.DELETE, body={"path": path, "recursive": True})
        body = _import(data, path, "", format_, overwrite=False)
    else:
        body = _import(data, path, planned["language"] or "", format_, overwrite=True)
    answer = session.send(objects.IMPORT, body=body)
    made = {"md5": objects.digest(data), "object_id": answer["object_id"], **objects.places(session, path)}
    return _read_unless_source(session, planned | made, {"id": path, "format": format_, **made})


def _read_unless_source(session: Session, state: Values, made: Values) -> Values:
    """The provider reads back what is not in the format SOURCE only."""
    if made["format"] == "SOURCE":
        return made
    with partly(made):
        return made | (_read(session, state) or {})


def _import(data: bytes, path: str, language: str, format_: str, *, overwrite: bool) -> dict[str, Any]:
    optional = {"language": language, "format": format_, "overwrite": overwrite}
    body = {"content": base64.b64encode(data).decode(), "path": path}
    return body | {name: value for name, value in optional.items() if value}


def _kind(source: str | None) -> tuple[str, str, bool]:
    return _KINDS.get(posixpath.splitext(source or "")[1].lower(), _UNKNOWN_KIND)


def _read(session: Session, state: Values) -> Values | None:
    found = objects.status(session, state["id"])
    format_ = state["format"] or (_kind(state["source"])[1] if state["source"] else "SOURCE")
    kept = answered(found, _READ)
    return {"id": state["id"], "format": format_, **kept, **objects.places(session, state["id"])}


def _delete(session: Session, state: Values) -> None:
    # Only what is neither a notebook nor a file may have something in it.
    recursive = {} if state["object_type"] in ("NOTEBOOK", "FILE") else {"recursive": True}
    session.send(objects.DELETE, body={"path": state["id"]} | recursive)


def _validate(config: Values) -> str | None:
    for name, allowed in _ALLOWED.items():
        if isinstance(config[name], str) and config[name] not in allowed:
            return f"expected {name} to be one of {list(allowed)}, got {config[name]}"
    if config["content_base64"] is not None and config["language"] is None:
        return '"content_base64": all of `content_base64,language` must be specified'
    return objects.content_fault(config)


RESOURCE: Resource[Session] = Resource(
    requests=(objects.IMPORT, objects.STATUS, objects.MAKE_DIRECTORIES, objects.DELETE),
    create=_create,
    read=_read,
    update=_update,
    delete=_delete,
    validate=_validate,
    reads_back=False,
    drops_unasked=True,
    rules=Rules(
        defaults={"md5": objects.DIFFERENT},
        replace=frozenset({"path"}),
        customize=objects.plan_content,
    ),
    version=1,
)
