"""What the dispatcher needs of a service. Each package exposes one as `SERVICE` in `sandbox/<name>/service.py`."""

from collections.abc import Mapping
from typing import Protocol

from sandbox.context import Caller, RefusalError
from sandbox.route import Answer, Call, Route


class Service(Protocol):
    """One vendor's API: its table, who may call it, and how it words what the dispatcher finds wrong by itself.

    The refusals are returned, not raised: the dispatcher raises them, and takes back what the request had changed.
    """

    @property
    def routes(self) -> tuple[Route, ...]:
        """The API surface; of two rows that match, the first answers."""

    def authenticate(self, call: Call) -> Caller:
        """Whose credential the call carries on `call.host`; raises the service's 401 for none and for a bad one.

        Not asked when the row's rule is `Public()`. `call.caller` is ANONYMOUS and `call.params` may be read.
        """

    def headers(self, call: Call) -> Mapping[str, str]:
        """What every answer carries, refusals included (a request id, the content type if not application/json).

        A header of the Answer itself wins.
        """

    def refused(self, refusal: RefusalError) -> Answer:
        """A refusal as the service writes it."""

    def unknown(self, call: Call) -> RefusalError:
        """501: no row matches; the message says which row to add in which file. `call.params` is empty."""

    def malformed(self, call: Call) -> RefusalError:
        """400: the body is not JSON; `call.body` is None."""

    def broken(self, call: Call) -> RefusalError:
        """500: the handler failed. The message says to look into `python -m sandbox log`, and nothing else."""

    def outage(self, call: Call, status: int, *, retry_after: int) -> Answer:
        """What the service says in bad weather, in its own words: 429 (with that header), 500, 502, 503 or 504."""
