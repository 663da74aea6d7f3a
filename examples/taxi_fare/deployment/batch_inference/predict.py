"""Fares for a table of trips."""

from collections.abc import Iterable, Mapping
from typing import Any

from data.trips import read_trips
from feature_engineering.lookup import FeatureLookup
from training.model import FareModel
from training.steps.transform import features_of

COLUMNS = {
    "tpep_pickup_datetime": "TIMESTAMP",
    "pickup_zip": "INT",
    "dropoff_zip": "INT",
    "trip_distance": "DOUBLE",
    "predicted_fare": "DOUBLE",
    "model_version": "STRING",
}


def price(
    trip_rows: Iterable[Mapping[str, Any]],
    *,
    pickup_rows: Iterable[Mapping[str, Any]],
    dropoff_rows: Iterable[Mapping[str, Any]],
    model: FareModel,
    model_version: str,
) -> list[dict[str, Any]]:
    """One row per plausible trip: what it was, what it should cost, and who says so."""
    pickup, dropoff = FeatureLookup(pickup_rows), FeatureLookup(dropoff_rows)
    return [
        {
            "tpep_pickup_datetime": trip.pickup_time,
            "pickup_zip": trip.pickup_zip,
            "dropoff_zip": trip.dropoff_zip,
            "trip_distance": trip.distance,
            "predicted_fare": round(model.predict(features_of(trip, pickup=pickup, dropoff=dropoff)), 2),
            "model_version": model_version,
        }
        for trip in read_trips(trip_rows)
    ]
