"""A trip as the numbers that the model sees."""

import math

from data.trips import Trip
from feature_engineering.lookup import FeatureLookup

FEATURES = (
    "distance",
    "hour_sine",
    "hour_cosine",
    "weekend",
    "pickup_known",
    "pickup_mean_fare",
    "pickup_trips",
    "dropoff_known",
    "dropoff_mean_minutes",
    "dropoff_trips",
)
SATURDAY = 5


def features_of(trip: Trip, *, pickup: FeatureLookup, dropoff: FeatureLookup) -> list[float]:
    """The trip's features, in the order of FEATURES; the hour is an angle because 23:59 is close to 0:00."""
    angle = math.tau * (trip.pickup_time.hour + trip.pickup_time.minute / 60) / 24
    return [
        trip.distance,
        math.sin(angle),
        math.cos(angle),
        float(trip.day.weekday() >= SATURDAY),
        *_known(pickup, trip.pickup_zip, trip, ("mean_fare", "trips")),
        *_known(dropoff, trip.dropoff_zip, trip, ("mean_minutes", "trips")),
    ]


def _known(lookup: FeatureLookup, zip_code: int, trip: Trip, columns: tuple[str, ...]) -> list[float]:
    """Whether anything is known, then the values, zero when nothing is: the model learns the difference."""
    values = [lookup.before(zip_code, trip.day, column) for column in columns]
    return [float(values[0] is not None), *(value or 0.0 for value in values)]
