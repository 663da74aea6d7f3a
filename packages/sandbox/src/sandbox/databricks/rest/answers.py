"""Refusals as the API writes them.

Two dialects: `{error_code, message}` everywhere, and RFC 7644's error below `/scim/v2/`
(`apierr/errors.go` of databricks-sdk-go reads both).
"""

from collections.abc import Mapping
from typing import Any

from sandbox.databricks.world.refusals import (
    ConflictError,
    DatabricksRefusalError,
    InternalError,
    InvalidError,
    NotBuiltError,
    NotFoundError,
    PermissionDeniedError,
    UnauthenticatedError,
)
from sandbox.route import Answer, Call
from sandbox.source import Source

_SCIM_ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
_STATUS: Mapping[type[DatabricksRefusalError], int] = {
    InvalidError: 400,
    UnauthenticatedError: 401,
    PermissionDeniedError: 403,
    NotFoundError: 404,
    ConflictError: 409,
    InternalError: 500,
    NotBuiltError: 501,
}


def refused(refusal: DatabricksRefusalError) -> Answer:
    """The answer that a refusal becomes."""
    status = _STATUS[type(refusal)]
    body: dict[str, Any] = (
        {"schemas": [_SCIM_ERROR], "detail": refusal.message, "status": str(status)}
        if refusal.scim
        else {"error_code": refusal.code, "message": refusal.message}
    )
    return Answer(body, status)


def denied(call: Call, message: str, *, source: Source) -> PermissionDeniedError:
    """403 in the dialect of the endpoint that was called."""
    return PermissionDeniedError(message, scim="/scim/v2/" in call.path, source=source)
