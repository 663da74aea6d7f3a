"""When the two tokens of a principal take turns, and how a token's comment says whose turn it is.

The comment is the only mark of a token that Databricks keeps and shows. What writes it and what reads it stand
together: were they to differ, a rotation would look like the replacement of a token.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

SLOTS = ("slot_a", "slot_b")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_COMMENT = re.compile(
    rf"(?P<label>.*) (?P<slot>{'|'.join(SLOTS)}), period from (?P<since>[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}), "
    r"generation (?P<generation>[0-9]+)",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Rotation:
    """Which slot is current at a moment, and since when each slot's token is due.

    Periods of length `period` are counted from 1970; even ones belong to the first slot, odd ones to the second.
    """

    current: int
    since: tuple[datetime, datetime]


def rotation_at(now: datetime, *, period: timedelta) -> Rotation:
    """The rotation at `now`, which has a time zone.

    >>> rotation_at(datetime(1970, 1, 8, tzinfo=UTC), period=timedelta(days=5)).current
    1
    """
    number = (now - _EPOCH) // period
    begin = _EPOCH + number * period
    current = number % len(SLOTS)
    since = (begin, begin - period) if current == 0 else (begin - period, begin)
    return Rotation(current=current, since=since)


@dataclass(frozen=True, slots=True)
class TokenPeriod:
    """What a token was made for: `label` is its principal, `slot` one of SLOTS, `since` the first day of the period.

    `generation` is that of mlops.yaml, as it is written in the comment.
    """

    label: str
    slot: str
    since: date
    generation: str

    @property
    def comment(self) -> str:
        """The token's comment."""
        return f"{self.label} {self.slot}, period from {self.since.isoformat()}, generation {self.generation}"

    @classmethod
    def of(cls, comment: str) -> "TokenPeriod | None":
        """What a comment says; None for a token that was not made here."""
        found = _COMMENT.fullmatch(comment)
        if found is None:
            return None
        try:
            since = date.fromisoformat(found["since"])
        except ValueError:
            return None
        return cls(found["label"], found["slot"], since, found["generation"])

    @property
    def begin(self) -> datetime:
        """When the period begins: a token is not older than that."""
        return datetime.combine(self.since, datetime.min.time(), UTC)

    def is_one_of(self, period: timedelta) -> bool:
        """Whether the token's period is one of those of that length which its slot gets."""
        number, rest = divmod(self.begin - _EPOCH, period)
        return not rest and self.slot == SLOTS[number % len(SLOTS)]
