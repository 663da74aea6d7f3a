"""Whether the latest trips are still like those that a model has learned from."""

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from statistics import quantiles

BINS = 10


def population_stability(reference: Sequence[float], recent: Sequence[float]) -> float:
    """The population stability index over deciles of the reference: below 0.1 all is well, from 0.25 on it is not."""
    edges = quantiles(reference, n=BINS)
    before, after = _shares(reference, edges), _shares(recent, edges)
    return sum((new - old) * math.log(new / old) for old, new in zip(before, after, strict=True))


def _shares(values: Sequence[float], edges: Sequence[float]) -> list[float]:
    """The share of values in each bin; half a value more everywhere, so that no share is zero."""
    counts = Counter(bisect_right(edges, value) for value in values)
    return [(counts[place] + 0.5) / (len(values) + 0.5 * BINS) for place in range(BINS)]
