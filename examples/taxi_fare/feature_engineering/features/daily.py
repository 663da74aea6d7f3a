"""Trips in groups of one zip code on one day, the grain of all feature tables."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date

from data.trips import Trip

KEYS = {"zip": "INT", "day": "DATE"}


def by_zip_and_day(
    trips: Iterable[Trip], *, zip_of: Callable[[Trip], int], day_of: Callable[[Trip], date]
) -> list[tuple[int, date, list[Trip]]]:
    """The groups, in order of zip code and day."""
    groups: dict[tuple[int, date], list[Trip]] = defaultdict(list)
    for trip in trips:
        groups[zip_of(trip), day_of(trip)].append(trip)
    return [(zip_code, day, groups[zip_code, day]) for zip_code, day in sorted(groups)]
