from datetime import timedelta
from typing import Any

import pytest

from data.trips import COLUMNS, between, read_trips
from tests.rides import FIRST_DAY, ride


def test_a_trip_survives_its_row() -> None:
    assert read_trips([ride().to_row()]) == [ride()]


def test_a_row_has_the_columns_of_the_table() -> None:
    assert list(ride().to_row()) == list(COLUMNS)


@pytest.mark.parametrize(
    "changes",
    [
        {"distance": 0.0},
        {"distance": 900.0},
        {"distance": float("nan")},
        {"fare": -4.0},
        {"fare": 5000.0},
        {"dropoff_time": FIRST_DAY - timedelta(minutes=5)},
        {"dropoff_time": FIRST_DAY + timedelta(days=1)},
    ],
)
def test_implausible_trips_are_left_out(changes: dict[str, Any]) -> None:
    assert read_trips([ride(**changes).to_row(), ride().to_row()]) == [ride()]


@pytest.mark.parametrize("column", [name for name in COLUMNS if name != "fare_amount"])
def test_rows_with_gaps_are_left_out(column: str) -> None:
    assert read_trips([{**ride().to_row(), column: None}]) == []


def test_a_trip_without_a_fare_is_kept() -> None:
    row = ride().to_row()
    del row["fare_amount"]
    assert [trip.fare for trip in read_trips([row])] == [None]


def test_trips_come_in_order_of_pickup() -> None:
    later = ride(pickup_time=FIRST_DAY + timedelta(hours=1))
    assert read_trips([later.to_row(), ride().to_row()]) == [ride(), later]


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        ("", "", [4, 5, 6]),
        ("2016-01-05", "", [5, 6]),
        ("", "2016-01-05", [4, 5]),
        ("2016-01-05", "2016-01-05", [5]),
        ("2017-01-01", "", []),
    ],
)
def test_both_ends_of_a_range_belong_to_it(start: str, end: str, days: list[int]) -> None:
    trips = [ride(pickup_time=FIRST_DAY + timedelta(days=day)) for day in range(3)]
    assert [trip.day.day for trip in between(trips, start=start, end=end)] == days
