"""Bad weather on demand: slow answers, and a client that dies just before or just after the effect of a request."""

import os
import signal
from dataclasses import dataclass
from enum import Enum


class Moment(Enum):
    """When in the life of a request lightning strikes."""

    BEFORE = "before"  # what the request would have changed is taken back
    AFTER = "after"  # what the request changed is kept; its answer is never sent


@dataclass(frozen=True, slots=True)
class Lightning:
    """SIGKILL for process `pid`, or for process group `pid`, at changing request `request` from now on (1 = next)."""

    request: int
    moment: Moment
    pid: int
    group: bool = False


@dataclass(slots=True)
class Weather:
    """What the dispatcher asks. A request is changing when its handler wrote, so that both moments count alike.

    Requests for credentials do not count: clients send them when they like.
    """

    latency_seconds: float = 0.0
    _lightning: Lightning | None = None
    _to_come: int = 0

    def arm(self, lightning: Lightning | None) -> None:
        """Prepare a strike; None calls it off."""
        self._lightning = lightning
        self._to_come = lightning.request if lightning else 0

    @property
    def armed(self) -> bool:
        """Whether a strike is still to come."""
        return self._lightning is not None

    def changing(self) -> Moment | None:
        """Count one changing request; when it is struck, if it is."""
        if self._lightning is None:
            return None
        self._to_come -= 1
        return self._lightning.moment if self._to_come == 0 else None

    def strike(self) -> None:
        """Kill the client; the strike is over then."""
        lightning, self._lightning = self._lightning, None
        if lightning is not None:
            kill = os.killpg if lightning.group else os.kill
            kill(lightning.pid, signal.SIGKILL)
