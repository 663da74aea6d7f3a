"""The sandbox's idea of now."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(slots=True)
class Clock:
    """The machine's time, moved by an offset: tokens expire when a test says so."""

    offset: timedelta = timedelta()

    def now(self) -> datetime:
        """The current time in UTC."""
        return datetime.now(UTC) + self.offset

    def milliseconds(self) -> int:
        """The current time as Databricks writes it: milliseconds since 1970."""
        return int(self.now().timestamp() * 1000)

    def rfc3339(self) -> str:
        """The current time as GitHub writes it: whole seconds, Z."""
        return self.now().strftime("%Y-%m-%dT%H:%M:%SZ")
