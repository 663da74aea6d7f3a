"""What all resources of Unity Catalog share."""

from collections.abc import Callable
from typing import Any, TypeVar

from sandbox.standins.behaviour import RefusedError, Request
from sandbox.standins.databricks.session import Session, workspace
from sandbox.standins.plan import Values

T = TypeVar("T")

CURRENT_METASTORE = workspace("GET", "/api/2.1/unity-catalog/current-metastore-assignment")


def catalog_request(method: str, path: str) -> Request:
    """A request to the Unity Catalog API."""
    return workspace(method, f"/api/2.1/unity-catalog{path}")


def validate_metastore(session: Session, metastore_id: str | None) -> None:
    """A metastore that the configuration or the state names must be the workspace's (tpd/catalog/utils.go:16-29)."""
    if not metastore_id:
        return
    current = session.send(CURRENT_METASTORE)["metastore_id"]
    if current != metastore_id:
        raise RefusedError(
            f"metastore_id must be empty or equal to the metastore id assigned to the workspace: {current}. If the "
            "metastore assigned to the workspace has changed, the new metastore id must be explicitly set"
        )


def present(values: dict[str, Any]) -> dict[str, Any]:
    """The values that the SDK would send: none that is empty."""
    return {name: value for name, value in values.items() if value not in (None, "", [], {})}


def changes(planned: Values, changed: set[str], names: tuple[str, ...]) -> dict[str, Any]:
    """The body of a change; a comment that was taken away is the one empty value that is sent."""
    body = present({key: planned[key] for key in names})
    return body | ({"comment": ""} if "comment" in changed and not planned["comment"] else {})


def change_in_place(
    session: Session, prior: Values, planned: Values, *, changeable: tuple[str, ...], send: Callable[[Values], object]
) -> bool:
    """Change a catalog or a schema: the owner alone first, then the rest. Whether the rest was sent."""
    validate_metastore(session, planned["metastore_id"])
    changed = {key for key in planned if planned[key] != prior[key]}
    if changed == {"force_destroy"}:
        return False
    if "owner" in changed:
        send({"owner": planned["owner"]})
    if changed == {"owner"}:
        return False
    send(changes(planned, changed, changeable))
    return True


def change_owner_first(
    prior: Values, planned: Values, *, send: Callable[[Values], object], send_rest: Callable[[set[str]], T]
) -> T | None:
    """Change a volume or a model: the owner alone first, who gets it back when the rest is refused.

    `send_rest` gets the names of what changed and sends all but the owner; None when there was no rest.
    """
    changed = {name for name in planned if planned[name] != prior[name]}
    if "owner" in changed:
        send(present({"owner": planned["owner"]}))
    if changed == {"owner"}:
        return None
    try:
        return send_rest(changed)
    except RefusedError:
        if "owner" in changed:
            send(present({"owner": prior["owner"]}))
        raise


def equal_but_for_slash(before: str, configured: str) -> bool:
    """Whether two storage paths differ by a slash at the end only."""
    return before.removesuffix("/") == configured.removesuffix("/")


def equal_but_for_case(before: str, configured: str) -> bool:
    """Whether two names are one to Unity Catalog."""
    return before.lower() == configured.lower()
