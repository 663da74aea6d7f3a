"""Bad weather on demand: disturbed answers by a seed, slow ones, and a client that dies in the middle of a request."""

import hashlib
import os
import signal
from dataclasses import dataclass
from enum import Enum

# Long enough to be noticed, short enough for tests. Real services ask for minutes of patience.
LATE_SECONDS = 0.2
_LONGEST_RETRY_AFTER_SECONDS = 1


class Kind(Enum):
    """What bad weather makes of an answer."""

    TOO_MANY_REQUESTS = "429"
    INTERNAL_ERROR = "500"
    BAD_GATEWAY = "502"
    UNAVAILABLE = "503"
    GATEWAY_TIMEOUT = "504"
    RESET_BEFORE = "reset-before"  # the connection is reset; nothing was done
    RESET_AFTER = "reset-after"  # it was done, and the connection is reset instead of an answer
    LATE = "late"

    @property
    def status(self) -> int | None:
        """The status that the service answers with, where it answers in place of doing anything."""
        return int(self.value) if self.value.isdigit() else None


@dataclass(frozen=True, slots=True)
class Disturbance:
    """What becomes of one answer; `retry_after` is what a 429 asks for, in seconds."""

    kind: Kind
    retry_after: int = 0


@dataclass(frozen=True, slots=True)
class Schedule:
    """Which answers are disturbed: each with the probability `share`, as the seed and the request's number decide."""

    seed: int
    share: float
    kinds: tuple[Kind, ...] = tuple(Kind)

    def __str__(self) -> str:
        kinds = ", ".join(kind.value for kind in self.kinds)
        return f"{self.share:.4g} of the answers are disturbed, by seed {self.seed}: {kinds}"

    def disturbance(self, number: int) -> Disturbance | None:
        """What becomes of the answer to that request, counted from 1."""
        chance = hashlib.sha256(f"{self.seed}/{number}".encode()).digest()
        if int.from_bytes(chance[:8], "big") >= self.share * 2**64:
            return None
        kind = self.kinds[int.from_bytes(chance[8:16], "big") % len(self.kinds)]
        return Disturbance(kind, retry_after=chance[16] % (_LONGEST_RETRY_AFTER_SECONDS + 1))


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
    """What the server and the dispatcher ask.

    A schedule counts every request, those for credentials too: real services throttle and drop logins like anything
    else. Lightning counts those whose handler wrote, so that both moments count alike, and no logins: clients send them
    when they like.
    """

    latency_seconds: float = 0.0
    _schedule: Schedule | None = None
    _requests: int = 0
    _lightning: Lightning | None = None
    _to_come: int = 0

    @property
    def schedule(self) -> Schedule | None:
        """The bad weather that is on, or None under a blue sky."""
        return self._schedule

    def change(self, schedule: Schedule | None) -> None:
        """Let another schedule begin with the next request; None clears the sky."""
        self._schedule = schedule
        self._requests = 0

    def next(self) -> Disturbance | None:
        """Count one request; what becomes of its answer."""
        self._requests += 1
        return self._schedule.disturbance(self._requests) if self._schedule else None

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
