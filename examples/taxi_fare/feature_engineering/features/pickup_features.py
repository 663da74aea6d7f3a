"""What a day was like where trips begin: how many, and at what fare."""

from collections.abc import Iterable
from statistics import fmean
from typing import Any

from data.trips import Trip
from feature_engineering.features.daily import KEYS, by_zip_and_day

COLUMNS = {**KEYS, "trips": "INT", "mean_fare": "DOUBLE"}


def compute_features(trips: Iterable[Trip]) -> list[dict[str, Any]]:
    """One row per pickup zip code and day; trips without a fare count for nothing."""
    rows = []
    priced = [trip for trip in trips if trip.fare is not None]
    for zip_code, day, group in by_zip_and_day(
        priced, zip_of=lambda trip: trip.pickup_zip, day_of=lambda trip: trip.day
    ):
        mean_fare = fmean(trip.fare for trip in group if trip.fare is not None)
        rows.append({"zip": zip_code, "day": day, "trips": len(group), "mean_fare": mean_fare})
    return rows
