"""What GitHub refuses, by kind (https://docs.github.com/rest/using-the-rest-api/troubleshooting)."""

from collections.abc import Iterable, Mapping
from typing import Any

from sandbox.context import RefusalError
from sandbox.source import Source


class GitHubRefusalError(RefusalError):
    """A refusal: a message, the section of the reference to read on in, and sometimes a list of errors."""

    def __init__(
        self,
        message: str,
        *,
        documentation: str = "",
        errors: Iterable[Any] = (),
        headers: Mapping[str, str] | None = None,
        source: Source | None = None,
    ) -> None:
        self.message = message
        self.documentation = documentation
        self.errors = list(errors)
        self.headers = dict(headers or {})
        self.source = source
        super().__init__(message)


class BadRequestError(GitHubRefusalError):
    """The request cannot be read."""


class UnauthorizedError(GitHubRefusalError):
    """Who the caller is cannot be established."""


class ForbiddenError(GitHubRefusalError):
    """The caller may know of the thing but not do this to it."""


class NotFoundError(GitHubRefusalError):
    """There is no such thing, or the caller may not know that there is."""

    def __init__(self, message: str = "Not Found", *, documentation: str = "", source: Source | None = None) -> None:
        super().__init__(message, documentation=documentation, source=source)


class ConflictError(GitHubRefusalError):
    """The request contradicts the state of the repository."""


class UnprocessableError(GitHubRefusalError):
    """The request is well-formed but cannot be done."""


class NotAllowedError(GitHubRefusalError):
    """The merge of a pull request is refused (405 in GitHub's reference)."""


class InternalError(GitHubRefusalError):
    """The sandbox itself is at fault."""


class NotBuiltError(GitHubRefusalError):
    """The sandbox does not answer this request; GitHub itself would."""
