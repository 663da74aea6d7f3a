"""What an `update_mask` in the query makes of a change."""

from collections.abc import Collection

from sandbox.databricks.rest.bodies import body
from sandbox.databricks.world.refusals import InvalidError
from sandbox.route import Call
from sandbox.source import databricks_api
from sandbox.store import Document

_SOURCE = databricks_api("workspace/database/updatedatabaseinstance")


def masked(call: Call, held: Document, names: Collection[str]) -> Document:
    """What is held with what the mask names of the body; what it names and the body does not have goes."""
    mask = set(filter(None, call.query.get("update_mask", "").split(",")))
    if not mask:
        raise InvalidError("Missing required field: update_mask", source=_SOURCE)
    if unknown := sorted(mask - {*names, "*"}):
        raise InvalidError(f"Invalid update mask: {', '.join(unknown)} cannot be changed.", source=_SOURCE)
    changed = set(names) if "*" in mask else mask
    kept = {name: value for name, value in held.items() if name not in changed}
    return kept | {name: value for name in changed if (value := body(call).get(name)) is not None}
