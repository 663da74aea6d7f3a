"""Refusals of the services, in their own words and in one sentence."""

from databricks.sdk.errors.base import DatabricksError
from requests import RequestException

from checks.github_api import GitHubError


class LoginError(Exception):
    """Databricks does not let the caller in; the text is why, without a full stop."""


# Errors of a service or of the network; any other error is a bug of ours.
ServiceError = (DatabricksError, GitHubError, RequestException, TimeoutError, LoginError)


def said(error: Exception) -> str:
    """The service's words, without the SDK's account of its configuration, and without a full stop."""
    if isinstance(error, GitHubError):
        return "GitHub rejects the token in GITHUB_TOKEN" if error.is_bad_token else str(error)
    if isinstance(error, RequestException):
        return f"no answer ({type(error).__name__})"
    # "... Config: host=..., client_id=..." names the credentials that were found.
    return str(error).partition(" Config: ")[0].partition(". Config: ")[0].strip().rstrip(".") or type(error).__name__
