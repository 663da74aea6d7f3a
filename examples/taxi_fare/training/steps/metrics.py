"""How far predicted fares are from real ones."""

import math
from collections.abc import Sequence
from statistics import fmean


def evaluate(actual: Sequence[float], predicted: Sequence[float]) -> dict[str, float]:
    """rmse and mae in dollars; r2 is the share of the fares' variance that is explained."""
    if not actual:
        raise ValueError("no fares to compare with")
    errors = [real - guess for real, guess in zip(actual, predicted, strict=True)]
    squares = math.fsum(error * error for error in errors)
    mean = fmean(actual)
    spread = math.fsum((real - mean) ** 2 for real in actual)
    return {
        "rmse": math.sqrt(squares / len(errors)),
        "mae": fmean(abs(error) for error in errors),
        "r2": 1 - squares / spread if spread else 0.0,
    }
