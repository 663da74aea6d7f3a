"""How a validator says what is allowed and what to do."""

from pydantic_core import PydanticCustomError

CODE = "mlops"


def problem(
    *, allowed: str, remedy: str, at: tuple[str, ...] = (), hide_found: bool = False, found: str = ""
) -> PydanticCustomError:
    """A fault for a validator to raise; `at` leads from the validated value to the key that is wrong.

    `hide_found` keeps the value itself out of the message: it may be a credential. `found` says in words what it is.
    """
    found = "a value that is not shown here" if hide_found else found
    return PydanticCustomError(CODE, "not allowed", {"allowed": allowed, "remedy": remedy, "at": at, "found": found})
