"""Two token slots take turns."""

from datetime import UTC, datetime, timedelta

from constructs.rotating_token import rotation_at
from hypothesis import given
from hypothesis import strategies as st

MOMENTS = st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC))
PERIODS = st.integers(min_value=1, max_value=365).map(lambda days: timedelta(days=days))


@given(MOMENTS, PERIODS)
def test_nothing_changes_within_a_period(now: datetime, period: timedelta) -> None:
    rotation = rotation_at(now, period=period)
    begin = rotation.since[rotation.current]
    assert begin <= now < begin + period
    assert rotation_at(begin, period=period) == rotation
    assert rotation_at(begin + period - timedelta(microseconds=1), period=period) == rotation


@given(MOMENTS, PERIODS)
def test_the_next_period_replaces_one_slot_and_leaves_the_current_one_alone(now: datetime, period: timedelta) -> None:
    before, after = rotation_at(now, period=period), rotation_at(now + period, period=period)
    assert after.current != before.current
    assert after.since[before.current] == before.since[before.current]
    assert after.since[after.current] == before.since[after.current] + 2 * period


def test_the_first_period_begins_with_1970() -> None:
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    assert rotation_at(epoch, period=timedelta(days=30)).since == (epoch, epoch - timedelta(days=30))
