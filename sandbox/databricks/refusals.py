"""What Databricks says when it refuses.

Two dialects: `{error_code, message}` everywhere, and RFC 7644's error below `/scim/v2/`
(`apierr/errors.go` of databricks-sdk-go reads both).
"""

from typing import Any

from sandbox.route import Answer, Call, RefusalError

_SCIM_ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"


class DatabricksRefusalError(RefusalError):
    """A refusal with Databricks' body; `code` is the error_code, by which clients tell refusals apart."""

    code = "BAD_REQUEST"

    def __init__(self, message: str, *, code: str | None = None, scim: bool = False) -> None:
        self.message = message
        self.code = code or self.code
        self.scim = scim
        super().__init__(message)

    def answer(self) -> Answer:
        """The refusal as the API writes it."""
        body: dict[str, Any] = (
            {"schemas": [_SCIM_ERROR], "detail": self.message, "status": str(self.status)}
            if self.scim
            else {"error_code": self.code, "message": self.message}
        )
        return Answer(body, self.status)


class InvalidError(DatabricksRefusalError):
    """The request cannot be understood or cannot be done."""

    status = 400
    code = "INVALID_PARAMETER_VALUE"


class UnauthenticatedError(DatabricksRefusalError):
    """Who the caller is cannot be established.

    For a PAT that is unknown, expired or revoked the real service has been seen to answer 403 "Invalid access token."
    as well (databricks-sdk-go issue 1046); the sandbox says 401 in each case, so that 403 always means a missing right.
    """

    status = 401
    code = "UNAUTHENTICATED"


class PermissionDeniedError(DatabricksRefusalError):
    """The caller is known but may not do this."""

    status = 403
    code = "PERMISSION_DENIED"


class NotFoundError(DatabricksRefusalError):
    """There is no such thing, or not here."""

    status = 404
    code = "RESOURCE_DOES_NOT_EXIST"


class ConflictError(DatabricksRefusalError):
    """Something of that name exists already."""

    status = 409
    code = "RESOURCE_ALREADY_EXISTS"


class InternalError(DatabricksRefusalError):
    """The sandbox itself is at fault."""

    status = 500
    code = "INTERNAL_ERROR"


class NotBuiltError(DatabricksRefusalError):
    """The sandbox does not answer this request; Databricks itself would."""

    status = 501
    code = "NOT_IMPLEMENTED"


def denied(call: Call, message: str) -> PermissionDeniedError:
    """403 in the dialect of the endpoint that was called."""
    return PermissionDeniedError(message, scim="/scim/v2/" in call.path)
