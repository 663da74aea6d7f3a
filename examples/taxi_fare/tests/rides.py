"""Made-up rides with fares that follow from what they are."""

import random
from datetime import datetime, timedelta
from typing import Any

from data.trips import Trip

FIRST_DAY = datetime(2016, 1, 4, 8, 0)
ZIPS = (10001, 10011, 10103, 11101)


def ride(**changes: Any) -> Trip:
    """One ordinary ride, with changes."""
    values: dict[str, Any] = {
        "pickup_time": FIRST_DAY,
        "dropoff_time": changes.get("pickup_time", FIRST_DAY) + timedelta(minutes=12),
        "distance": 2.0,
        "pickup_zip": 10001,
        "dropoff_zip": 10011,
        "fare": 9.5,
    }
    return Trip(**{**values, **changes})


def rides(count: int = 400, *, dollars_per_mile: float = 2.5, seed: int = 7) -> list[Trip]:
    """Four weeks of rides at three dollars and so much per mile, give or take a dollar."""
    chance = random.Random(seed)
    made = []
    for _ in range(count):
        distance = chance.uniform(0.5, 12)
        start = FIRST_DAY + timedelta(minutes=chance.randrange(28 * 24 * 60))
        fare = 3 + dollars_per_mile * distance + chance.uniform(-1, 1)
        made.append(
            ride(
                pickup_time=start,
                dropoff_time=start + timedelta(minutes=4 + 3 * distance),
                distance=distance,
                pickup_zip=chance.choice(ZIPS),
                dropoff_zip=chance.choice(ZIPS),
                fare=fare,
            )
        )
    return made
