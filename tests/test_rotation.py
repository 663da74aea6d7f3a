"""Two token slots take turns."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rotation import SLOTS, TokenPeriod, rotation_at

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


TOKENS = st.builds(
    TokenPeriod,
    label=st.text(),
    slot=st.sampled_from(SLOTS),
    since=st.dates(),
    generation=st.integers(min_value=1).map(str),
)


@given(TOKENS)
def test_what_a_comment_says_is_read_as_it_was_written(token: TokenPeriod) -> None:
    assert TokenPeriod.of(token.comment) == token


@given(TOKENS, TOKENS)
def test_a_label_that_looks_like_a_comment_is_a_label(inner: TokenPeriod, token: TokenPeriod) -> None:
    named = TokenPeriod(inner.comment, token.slot, token.since, token.generation)
    assert TokenPeriod.of(named.comment) == named


@pytest.mark.parametrize(
    "comment",
    [
        "",
        "made by hand",
        "fares-staging-ci slot_c, period from 2026-01-01, generation 1",
        "fares-staging-ci slot_a, period from 2026-02-30, generation 1",
        "fares-staging-ci slot_a, period from 2026-1-1, generation 1",
        "fares-staging-ci slot_a, period from 2026-01-01, generation one",
        "fares-staging-ci slot_a, period from 2026-01-01, generation 1 or so",
        "fares-staging-ci slot_a, period from \u0662026-01-01, generation 1",
    ],
)
def test_a_comment_that_was_not_made_here_says_nothing(comment: str) -> None:
    assert TokenPeriod.of(comment) is None


@given(MOMENTS, PERIODS, st.integers(min_value=0, max_value=1))
def test_the_periods_of_a_rotation_are_those_of_its_slots(now: datetime, period: timedelta, slot: int) -> None:
    since = rotation_at(now, period=period).since[slot].date()
    assert TokenPeriod("ci", SLOTS[slot], since, "1").is_one_of(period)
    assert not TokenPeriod("ci", SLOTS[1 - slot], since, "1").is_one_of(period)
    if period > timedelta(days=1):
        assert not TokenPeriod("ci", SLOTS[slot], since + timedelta(days=1), "1").is_one_of(period)
