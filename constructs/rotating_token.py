"""A token that is replaced on schedule while its predecessor lives on for one more period."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_databricks.obo_token import OboToken
from cdktf_cdktf_provider_databricks.provider import DatabricksProvider
from constructs import Construct

from terraform_text import TerraformText

SLOTS = ("slot_a", "slot_b")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


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


class RotatingToken(Construct):
    """Two on-behalf-of tokens of one service principal that take turns.

    A slot's comment names its period and generation. The comment cannot be changed in place, so a new period replaces
    the slot whose turn it is and leaves the other alone: what was started with the previous token can finish.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        workspace: DatabricksProvider,
        application_id: str,
        label: TerraformText,
        lifetime: timedelta,
        period: timedelta,
        generation: int,
        now: datetime,
        depends_on: Sequence[ITerraformDependable],
    ) -> None:
        super().__init__(scope, id_)
        rotation = rotation_at(now, period=period)
        tokens = [
            OboToken(
                self,
                slot,
                provider=workspace,
                application_id=application_id,
                comment=f"{label} {slot}, period from {since:%Y-%m-%d}, generation {generation}",
                lifetime_seconds=int(lifetime.total_seconds()),
                depends_on=list(depends_on),
            )
            for slot, since in zip(SLOTS, rotation.since, strict=True)
        ]
        self.current_value = tokens[rotation.current].token_value
