"""What a request can come back with, and when it is sent again. Light to import; `transport` does the sending."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back. Header names are in lower case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def ok(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status < 300

    @property
    def text(self) -> str:
        """The body as it came."""
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """The body, parsed; None when there is none or it is not JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


class UnreachableError(Exception):
    """No answer came: the connection was refused, reset, timed out or closed."""


@dataclass(frozen=True, slots=True)
class Retries:
    """When a request is sent again."""

    statuses: frozenset[int]
    pause: Callable[[int], float]  # seconds before attempt n + 1, n counted from 1
    attempts: int | None = None  # how often again; None for no limit
    seconds: float | None = None  # until when; None for no limit
    when_unreachable: bool = False  # the connection was refused, reset, or timed out
    when_cut: bool = False  # the connection was closed instead of an answer
    when_said: Callable[[Reply], bool] = lambda _: False  # what the answer says asks for it, whatever its status

    def ask_for(self, reply: Reply) -> bool:
        """Whether a request that was answered so is sent again."""
        return reply.status in self.statuses or (reply.status >= 400 and self.when_said(reply))
