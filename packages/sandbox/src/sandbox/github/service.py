"""GitHub as the dispatcher sees it."""

from collections.abc import Mapping

from sandbox.context import Caller, RefusalError
from sandbox.github.graphql import errors as graphql_errors
from sandbox.github.graphql.errors import GraphQLRefusalError
from sandbox.github.rest import answers
from sandbox.github.rest.authentication import authenticate
from sandbox.github.rest.outages import outage
from sandbox.github.routes import ROUTES
from sandbox.github.world.refusals import BadRequestError, GitHubRefusalError, InternalError, NotBuiltError
from sandbox.route import Answer, Call, Route
from sandbox.source import github_docs

_SOURCE = github_docs("rest/using-the-rest-api/troubleshooting-the-rest-api")


class GitHub:
    """api.github.com, as far as sandbox/github/routes.py goes."""

    @property
    def routes(self) -> tuple[Route, ...]:
        """The API surface."""
        return ROUTES

    def authenticate(self, call: Call) -> Caller:
        """The account whose token the call carries."""
        return authenticate(call)

    def headers(self, call: Call) -> Mapping[str, str]:
        """GitHub's media type. No rate limit is named: clients that read "remaining: 0" wait for the reset."""
        version = "v4" if call.path == "/graphql" else "v3"
        return {
            "Content-Type": "application/json; charset=utf-8",
            "X-GitHub-Media-Type": f"github.{version}; format=json",
        }

    def refused(self, refusal: RefusalError) -> Answer:
        """A refusal as GitHub words it."""
        if isinstance(refusal, GraphQLRefusalError):
            return graphql_errors.refused(refusal)
        assert isinstance(refusal, GitHubRefusalError), refusal
        return answers.refused(refusal)

    def unknown(self, call: Call) -> RefusalError:
        """501 that names the table to extend."""
        return NotBuiltError(
            f"The sandbox does not answer {call.method} {call.path} on {call.host}. "
            "Add a Route to ROUTES in sandbox/github/routes.py."
        )

    def malformed(self, call: Call) -> RefusalError:  # noqa: ARG002 - the same for every call
        """400, in GitHub's words."""
        return BadRequestError("Problems parsing JSON", source=_SOURCE)

    def broken(self, call: Call) -> RefusalError:  # noqa: ARG002 - the same for every call
        """500, with where to look."""
        return InternalError("The sandbox failed; see `python -m sandbox log`.")

    def outage(self, call: Call, status: int, *, retry_after: int) -> Answer:
        """Bad weather, in its own words."""
        return outage(call, status, retry_after=retry_after)


SERVICE = GitHub()
