"""Which trips a model learns from and which it is judged by."""

from collections.abc import Sequence

from data.trips import Trip

FEWEST_TRIPS = 10


def split_by_time(trips: Sequence[Trip], *, held_out: float = 0.2) -> tuple[list[Trip], list[Trip]]:
    """The earlier trips and the latest ones: a model is judged by days that it has not seen, as in its later life."""
    if not 0 < held_out < 1:
        raise ValueError(f"held_out is a share between 0 and 1, not {held_out}")
    if len(trips) < FEWEST_TRIPS:
        raise ValueError(f"{len(trips)} trips are too few to train and judge a model: {FEWEST_TRIPS} are needed")
    ordered = sorted(trips, key=lambda trip: trip.pickup_time)
    border = len(ordered) - max(1, round(len(ordered) * held_out))
    return ordered[:border], ordered[border:]
