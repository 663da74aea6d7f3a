"""What Databricks refuses, by its error codes."""

from sandbox.context import RefusalError
from sandbox.source import Source


class DatabricksRefusalError(RefusalError):
    """A refusal in Databricks' words; `code` is the error_code, by which clients tell refusals apart.

    `scim` asks for the dialect of SCIM.
    """

    code = "BAD_REQUEST"

    def __init__(
        self, message: str, *, code: str | None = None, scim: bool = False, source: Source | None = None
    ) -> None:
        self.message = message
        self.code = code or self.code
        self.scim = scim
        self.source = source
        super().__init__(message)


class InvalidError(DatabricksRefusalError):
    """The request cannot be understood or cannot be done."""

    code = "INVALID_PARAMETER_VALUE"


class UnauthenticatedError(DatabricksRefusalError):
    """Who the caller is cannot be established.

    For a PAT that is unknown, expired or revoked the real service has been seen to answer 403 "Invalid access token."
    as well (databricks-sdk-go issue 1046); the sandbox says 401 in each case, so that 403 always means a missing right.
    """

    code = "UNAUTHENTICATED"


class PermissionDeniedError(DatabricksRefusalError):
    """The caller is known but may not do this."""

    code = "PERMISSION_DENIED"


class NotFoundError(DatabricksRefusalError):
    """There is no such thing, or not here."""

    code = "RESOURCE_DOES_NOT_EXIST"


class ConflictError(DatabricksRefusalError):
    """Something of that name exists already."""

    code = "RESOURCE_ALREADY_EXISTS"


class InternalError(DatabricksRefusalError):
    """The sandbox itself is at fault."""

    code = "INTERNAL_ERROR"


class NotBuiltError(DatabricksRefusalError):
    """The sandbox does not answer this request; Databricks itself would."""

    code = "NOT_IMPLEMENTED"
