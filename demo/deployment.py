"""What cdktf says while it deploys: which stack is at work, and what came of it."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime

# cdktf begins the first of several lines of a stack with its name; the others are indented.
_LINE = re.compile(r"^(?P<stack>[a-z][a-z0-9-]*)  (?P<text>.*)$")
_DONE = re.compile(r"Apply complete! Resources: (\d+) added, (\d+) changed, (\d+) destroyed")
_CREATED = re.compile(r"(?P<kind>[a-z_]+)\.(?P<name>\S+) ?(\([^)]*\))?: Creation complete")


@dataclass(slots=True)
class StackProgress:
    """One stack: when its first and last lines came, and how many resources it holds."""

    began: datetime
    ended: datetime
    resources: int = 0

    @property
    def seconds(self) -> float:
        """How long it took."""
        return (self.ended - self.began).total_seconds()


@dataclass(slots=True)
class Watcher:
    """Reads cdktf's lines as they come: of several stacks at once, each piece of output begins with its stack."""

    stacks: tuple[str, ...]
    progress: dict[str, StackProgress] = field(default_factory=dict)
    _current: str | None = None

    def __call__(self, line: str) -> str | None:
        """A note on what is going on, or None."""
        match = _LINE.match(line)
        if match is not None and match["stack"] in self.stacks:
            self._current = match["stack"]
        stack = self._current
        if stack is None:
            return None
        now = datetime.now(UTC)
        seen = self.progress.setdefault(stack, StackProgress(began=now, ended=now))
        seen.ended = now
        if done := _DONE.search(line):
            seen.resources = int(done[1])
            self._current = None
            return f"{stack} is deployed"
        if created := _CREATED.search(line):
            return f"{stack} made {created['kind']}"
        return stack
