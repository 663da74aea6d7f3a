"""Taxi trips: their columns, and which of them can be believed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

# Column and SQL type of a table of trips, named as in the published data set.
COLUMNS = {
    "tpep_pickup_datetime": "TIMESTAMP",
    "tpep_dropoff_datetime": "TIMESTAMP",
    "trip_distance": "DOUBLE",
    "fare_amount": "DOUBLE",
    "pickup_zip": "INT",
    "dropoff_zip": "INT",
}
MINUTES = (1, 240)
MILES = (0.1, 100.0)
DOLLARS = (1.0, 300.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trip:
    """One ride; the fare of a ride that is yet to be priced is None."""

    pickup_time: datetime
    dropoff_time: datetime
    distance: float
    pickup_zip: int
    dropoff_zip: int
    fare: float | None = None

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> "Trip":
        fare = row.get("fare_amount")
        return cls(
            pickup_time=row["tpep_pickup_datetime"],
            dropoff_time=row["tpep_dropoff_datetime"],
            distance=float(row["trip_distance"]),
            pickup_zip=int(row["pickup_zip"]),
            dropoff_zip=int(row["dropoff_zip"]),
            fare=None if fare is None else float(fare),
        )

    def to_row(self) -> dict[str, Any]:
        return {
            "tpep_pickup_datetime": self.pickup_time,
            "tpep_dropoff_datetime": self.dropoff_time,
            "trip_distance": self.distance,
            "fare_amount": self.fare,
            "pickup_zip": self.pickup_zip,
            "dropoff_zip": self.dropoff_zip,
        }

    @property
    def day(self) -> date:
        return self.pickup_time.date()

    @property
    def minutes(self) -> float:
        return (self.dropoff_time - self.pickup_time) / timedelta(minutes=1)

    @property
    def plausible(self) -> bool:
        """Whether distance, duration and fare are those of a ride and not of a broken meter."""
        return (
            MILES[0] <= self.distance <= MILES[1]
            and MINUTES[0] <= self.minutes <= MINUTES[1]
            and (self.fare is None or DOLLARS[0] <= self.fare <= DOLLARS[1])
        )


def read_trips(rows: Iterable[Mapping[str, Any]]) -> list[Trip]:
    """The plausible trips among rows, in order of pickup; rows with gaps in what a trip needs are left out."""
    needed = [name for name in COLUMNS if name != "fare_amount"]
    complete = (row for row in rows if all(row.get(name) is not None for name in needed))
    trips = (Trip.from_row(row) for row in complete)
    return sorted((trip for trip in trips if trip.plausible), key=lambda trip: trip.pickup_time)


def between(trips: Iterable[Trip], *, start: str, end: str) -> list[Trip]:
    """Trips from day `start` to day `end`, both included, as 2016-01-31; an empty text is no limit."""
    first = date.fromisoformat(start) if start else date.min
    last = date.fromisoformat(end) if end else date.max
    return [trip for trip in trips if first <= trip.day <= last]
