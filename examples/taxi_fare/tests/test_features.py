from datetime import date, datetime, timedelta

import pytest

from feature_engineering.features import dropoff_features, pickup_features
from feature_engineering.lookup import FeatureLookup
from tests.rides import FIRST_DAY, ride, rides

NEXT_DAY = FIRST_DAY + timedelta(days=1)


def test_pickup_features_are_means_per_zip_and_day() -> None:
    trips = [ride(fare=8.0), ride(fare=10.0), ride(fare=30.0, pickup_time=NEXT_DAY), ride(fare=5.0, pickup_zip=10103)]
    assert pickup_features.compute_features(trips) == [
        {"zip": 10001, "day": date(2016, 1, 4), "trips": 2, "mean_fare": 9.0},
        {"zip": 10001, "day": date(2016, 1, 5), "trips": 1, "mean_fare": 30.0},
        {"zip": 10103, "day": date(2016, 1, 4), "trips": 1, "mean_fare": 5.0},
    ]


def test_a_trip_without_a_fare_counts_for_no_pickup_feature() -> None:
    assert pickup_features.compute_features([ride(fare=None)]) == []


def test_dropoff_features_belong_to_the_day_on_which_a_trip_ends() -> None:
    late = ride(pickup_time=datetime(2016, 1, 4, 23, 55))
    assert dropoff_features.compute_features([late]) == [
        {"zip": 10011, "day": date(2016, 1, 5), "trips": 1, "mean_minutes": 12.0}
    ]


@pytest.mark.parametrize("module", [pickup_features, dropoff_features])
def test_rows_have_the_columns_of_their_table(module: object) -> None:
    rows = module.compute_features(rides())  # type: ignore[attr-defined]
    assert {tuple(row) for row in rows} == {tuple(module.COLUMNS)}  # type: ignore[attr-defined]


def test_a_lookup_knows_only_earlier_days() -> None:
    lookup = FeatureLookup(pickup_features.compute_features([ride(fare=8.0), ride(fare=30.0, pickup_time=NEXT_DAY)]))
    asked = [lookup.before(10001, date(2016, 1, day), "mean_fare") for day in (4, 5, 6, 20)]
    assert asked == [None, 8.0, 30.0, 30.0]


def test_a_lookup_knows_nothing_of_other_zip_codes() -> None:
    lookup = FeatureLookup(pickup_features.compute_features([ride()]))
    assert lookup.before(99999, date(2016, 2, 1), "mean_fare") is None
