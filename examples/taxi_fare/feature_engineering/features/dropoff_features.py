"""What a day was like where trips end: how many, and how long they took."""

from collections.abc import Iterable
from statistics import fmean
from typing import Any

from data.trips import Trip
from feature_engineering.features.daily import KEYS, by_zip_and_day

COLUMNS = {**KEYS, "trips": "INT", "mean_minutes": "DOUBLE"}


def compute_features(trips: Iterable[Trip]) -> list[dict[str, Any]]:
    """One row per dropoff zip code and the day on which trips ended there."""
    rows = []
    for zip_code, day, group in by_zip_and_day(
        trips, zip_of=lambda trip: trip.dropoff_zip, day_of=lambda trip: trip.dropoff_time.date()
    ):
        mean_minutes = fmean(trip.minutes for trip in group)
        rows.append({"zip": zip_code, "day": day, "trips": len(group), "mean_minutes": mean_minutes})
    return rows
