"""The features of a zip code as they were known on a day."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any


class FeatureLookup:
    """A feature table that answers with the latest earlier day, so that no trip is explained by its own day."""

    def __init__(self, rows: Iterable[Mapping[str, Any]]) -> None:
        rows = sorted(rows, key=lambda row: row["day"])
        self._by_zip: dict[int, tuple[list[date], list[Mapping[str, Any]]]] = defaultdict(lambda: ([], []))
        for row in rows:
            days, known = self._by_zip[row["zip"]]
            days.append(row["day"])
            known.append(row)

    def before(self, zip_code: int, day: date, column: str) -> float | None:
        """The column's value on the last day before `day` on which the zip code has one, or None."""
        if zip_code not in self._by_zip:
            return None
        days, known = self._by_zip[zip_code]
        place = bisect_left(days, day)
        return float(known[place - 1][column]) if place else None
