"""What GitHub's REST API says when it refuses (https://docs.github.com/rest/using-the-rest-api/troubleshooting)."""

from collections.abc import Iterable, Mapping
from typing import Any

from sandbox.context import RefusalError
from sandbox.route import Answer

DOCUMENTATION = "https://docs.github.com/rest"


class GitHubRefusalError(RefusalError):
    """A refusal with GitHub's body: a message, where to read on, the status as text and sometimes a list of errors."""

    status = 400

    def __init__(
        self,
        message: str,
        *,
        documentation: str = "",
        errors: Iterable[Any] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.message = message
        self.documentation = documentation
        self.errors = list(errors)
        self.headers = dict(headers or {})
        super().__init__(message)

    def answer(self) -> Answer:
        """The refusal as the REST API writes it."""
        body: dict[str, Any] = {"message": self.message}
        if self.errors:
            body["errors"] = self.errors
        body |= {"documentation_url": DOCUMENTATION + self.documentation, "status": str(self.status)}
        return Answer(body, self.status, self.headers)


class BadRequestError(GitHubRefusalError):
    """The request cannot be read."""

    status = 400


class UnauthorizedError(GitHubRefusalError):
    """Who the caller is cannot be established."""

    status = 401


class ForbiddenError(GitHubRefusalError):
    """The caller may know of the thing but not do this to it."""

    status = 403


class NotFoundError(GitHubRefusalError):
    """There is no such thing, or the caller may not know that there is."""

    status = 404

    def __init__(self, message: str = "Not Found", *, documentation: str = "") -> None:
        super().__init__(message, documentation=documentation)


class ConflictError(GitHubRefusalError):
    """The request contradicts the state of the repository."""

    status = 409


class UnprocessableError(GitHubRefusalError):
    """The request is well-formed but cannot be done."""

    status = 422


class NotAllowedError(GitHubRefusalError):
    """The merge of a pull request is refused (405 in GitHub's reference)."""

    status = 405


class InternalError(GitHubRefusalError):
    """The sandbox itself is at fault."""

    status = 500


class NotBuiltError(GitHubRefusalError):
    """The sandbox does not answer this request; GitHub itself would."""

    status = 501
