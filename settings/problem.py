"""How a validator says what is allowed and what to do."""

from pydantic_core import PydanticCustomError

CODE = "mlops"


def problem(*, allowed: str, remedy: str, at: tuple[str, ...] = (), hide_found: bool = False) -> PydanticCustomError:
    """A fault for a validator to raise; `at` leads from the validated value to the key that is wrong.

    `hide_found` keeps the value itself out of the message: it may be a credential.
    """
    return PydanticCustomError(
        CODE, "not allowed", {"allowed": allowed, "remedy": remedy, "at": at, "hide_found": hide_found}
    )
