"""Refusals as the REST API writes them."""

from collections.abc import Mapping
from typing import Any

from sandbox.github.world.refusals import (
    BadRequestError,
    ConflictError,
    ForbiddenError,
    GitHubRefusalError,
    InternalError,
    NotAllowedError,
    NotBuiltError,
    NotFoundError,
    UnauthorizedError,
    UnprocessableError,
)
from sandbox.route import Answer

_DOCUMENTATION = "https://docs.github.com/rest"
_STATUS: Mapping[type[GitHubRefusalError], int] = {
    BadRequestError: 400,
    UnauthorizedError: 401,
    ForbiddenError: 403,
    NotFoundError: 404,
    NotAllowedError: 405,
    ConflictError: 409,
    UnprocessableError: 422,
    InternalError: 500,
    NotBuiltError: 501,
}


def refused(refusal: GitHubRefusalError) -> Answer:
    """The answer that a refusal becomes."""
    status = _STATUS[type(refusal)]
    body: dict[str, Any] = {"message": refusal.message}
    if refusal.errors:
        body["errors"] = refusal.errors
    body |= {"documentation_url": _DOCUMENTATION + refusal.documentation, "status": str(status)}
    return Answer(body, status, refusal.headers)
