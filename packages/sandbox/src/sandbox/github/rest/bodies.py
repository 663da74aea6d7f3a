"""What a request's body says, with GitHub's refusals of a body that does not say it."""

from typing import Any, TypeVar

from sandbox.github.world.refusals import UnprocessableError
from sandbox.route import Call
from sandbox.source import github_docs

_SOURCE = github_docs("rest/using-the-rest-api/troubleshooting-the-rest-api")

T = TypeVar("T")

_NAMES = {str: "a string", bool: "a boolean", int: "an integer", list: "an array", dict: "an object"}


def body(call: Call) -> dict[str, Any]:
    """The body as an object; none at all counts as an empty one."""
    if call.body is None:
        return {}
    if not isinstance(call.body, dict):
        raise UnprocessableError(f"Invalid request.\n\nFor 'root', {call.body!r} is not an object.", source=_SOURCE)
    return call.body


def required(call: Call, name: str, kind: type[T]) -> T:
    """A value that must be there and have the type."""
    if name not in body(call):
        raise UnprocessableError(f'Invalid request.\n\n"{name}" wasn\'t supplied.', source=_SOURCE)
    return _checked(name, body(call)[name], kind)


def optional(call: Call, name: str, kind: type[T], default: T) -> T:
    """A value that may be absent or null."""
    value = body(call).get(name)
    return default if value is None else _checked(name, value, kind)


def items(value: list[Any], kind: type[T], name: str) -> list[T]:
    """A list whose items must all have the type."""
    return [_checked(f"{name}/{n}", item, kind) for n, item in enumerate(value)]


def one_of(call: Call, name: str, allowed: tuple[str, ...], default: str) -> str:
    """A word of a fixed list."""
    value = optional(call, name, str, default)
    if value not in allowed:
        raise UnprocessableError(
            f"Invalid request.\n\nFor 'properties/{name}', {value!r} is not a member of {list(allowed)}.",
            source=_SOURCE,
        )
    return value


def member(value: dict[str, Any], name: str, kind: type[T]) -> T:
    """A value that must be in an object inside the body."""
    if name not in value:
        raise UnprocessableError(f'Invalid request.\n\n"{name}" wasn\'t supplied.', source=_SOURCE)
    return _checked(name, value[name], kind)


def _checked(name: str, value: Any, kind: type[T]) -> T:
    # A JSON boolean is no integer, though Python's is.
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        shown = "nil" if value is None else repr(value)
        raise UnprocessableError(
            f"Invalid request.\n\nFor 'properties/{name}', {shown} is not {_NAMES[kind]}.", source=_SOURCE
        )
    return value
