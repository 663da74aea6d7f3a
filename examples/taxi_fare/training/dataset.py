"""What a model learns from and is judged by, ready to use."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from data.trips import Trip, read_trips
from feature_engineering.lookup import FeatureLookup
from training.model import FareModel
from training.steps.metrics import evaluate
from training.steps.split import split_by_time
from training.steps.transform import features_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """Trips with their features and fares."""

    trips: list[Trip]
    features: list[list[float]]
    fares: list[float]

    def metrics_of(self, model: FareModel) -> dict[str, float]:
        return evaluate(self.fares, [model.predict(row) for row in self.features])


def learn_and_judge(
    trip_rows: Iterable[Mapping[str, Any]],
    *,
    pickup_rows: Iterable[Mapping[str, Any]],
    dropoff_rows: Iterable[Mapping[str, Any]],
) -> tuple[Dataset, Dataset]:
    """The earlier trips to learn from and the latest to judge by; the same rows give the same sets in every task."""
    pickup, dropoff = FeatureLookup(pickup_rows), FeatureLookup(dropoff_rows)
    priced = [trip for trip in read_trips(trip_rows) if trip.fare is not None]
    earlier, later = split_by_time(priced)
    return _dataset(earlier, pickup, dropoff), _dataset(later, pickup, dropoff)


def _dataset(trips: list[Trip], pickup: FeatureLookup, dropoff: FeatureLookup) -> Dataset:
    return Dataset(
        trips=trips,
        features=[features_of(trip, pickup=pickup, dropoff=dropoff) for trip in trips],
        fares=[trip.fare for trip in trips if trip.fare is not None],
    )
