"""Databricks as the dispatcher sees it: the account and its workspaces."""

from collections.abc import Mapping

from sandbox.context import Caller, RefusalError
from sandbox.databricks.rest.answers import refused
from sandbox.databricks.rest.authentication import authenticate
from sandbox.databricks.rest.outages import outage
from sandbox.databricks.routes import ROUTES
from sandbox.databricks.world.refusals import DatabricksRefusalError, InternalError, InvalidError, NotBuiltError
from sandbox.route import Answer, Call, Route
from sandbox.source import ours

_SOURCE = ours("that a body which is no JSON is refused is certain, the words are not known")


class Databricks:
    """The account host and the workspace hosts, as far as sandbox/databricks/routes.py goes."""

    @property
    def routes(self) -> tuple[Route, ...]:
        """The API surface."""
        return ROUTES

    def authenticate(self, call: Call) -> Caller:
        """The principal whose token the call carries."""
        return authenticate(call)

    def headers(self, call: Call) -> Mapping[str, str]:
        """The id of the workspace, which the provider reads (workspace_functions.go:12-23 of the Go SDK)."""
        kind = {"Content-Type": "application/scim+json; charset=utf-8"} if "/scim/v2/" in call.path else {}
        return kind | ({"X-Databricks-Org-Id": str(call.workspace.id)} if call.workspace else {})

    def refused(self, refusal: RefusalError) -> Answer:
        """A refusal in its dialect."""
        assert isinstance(refusal, DatabricksRefusalError), refusal
        return refused(refusal)

    def unknown(self, call: Call) -> RefusalError:
        """501 that names the table to extend."""
        return NotBuiltError(
            f"The sandbox does not answer {call.method} {call.path} on {call.host}. "
            "Add a Route to ROUTES in sandbox/databricks/routes.py."
        )

    def malformed(self, call: Call) -> RefusalError:  # noqa: ARG002 - the same for every call
        """400, in Databricks' words."""
        return InvalidError(
            "Could not parse request object: the body is not JSON.", code="MALFORMED_REQUEST", source=_SOURCE
        )

    def broken(self, call: Call) -> RefusalError:  # noqa: ARG002 - the same for every call
        """500, with where to look."""
        return InternalError("The sandbox failed; see `python -m sandbox log`.")

    def outage(self, call: Call, status: int, *, retry_after: int) -> Answer:
        """Bad weather, in its own words."""
        return outage(call, status, retry_after=retry_after)


SERVICE = Databricks()
