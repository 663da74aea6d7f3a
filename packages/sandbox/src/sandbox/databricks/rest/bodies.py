"""What a request's body says, with Databricks' refusals of a body that does not say it."""

from typing import Any, TypeVar

from sandbox.databricks.world.refusals import InvalidError
from sandbox.route import Call
from sandbox.source import ours

_SOURCE = ours("the reference names fields and their kinds; in which words another kind is refused is in no document")
_MISSING = ours(
    "the reference says which fields are required; in which words a missing one is refused differs by endpoint"
)

T = TypeVar("T")


def body(call: Call) -> dict[str, Any]:
    """The body as an object; none at all counts as an empty one."""
    if call.body is None:
        return {}
    if not isinstance(call.body, dict):
        raise InvalidError("The request body must be a JSON object.", code="MALFORMED_REQUEST", source=_SOURCE)
    return call.body


def required(call: Call, name: str, kind: type[T]) -> T:
    """A value that must be there, be of the type and not be empty."""
    value = body(call).get(name)
    if value is None or value == "":
        raise InvalidError(f"Missing required field: {name}", source=_MISSING)
    return _checked(name, value, kind)


def optional(call: Call, name: str, kind: type[T]) -> T | None:
    """A value that may be absent or null."""
    value = body(call).get(name)
    return None if value is None else _checked(name, value, kind)


def _checked(name: str, value: Any, kind: type[T]) -> T:
    # A JSON boolean is no integer, though Python's is.
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise InvalidError(f"Field {name} must be of type {kind.__name__}, not {type(value).__name__}.", source=_SOURCE)
    return value
