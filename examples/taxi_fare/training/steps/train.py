"""Ridge regression by its normal equations: enough for ten features, and nothing to install."""

from collections.abc import Sequence
from statistics import fmean, pstdev

from training.model import FareModel


def fit(
    columns: Sequence[str], features: Sequence[Sequence[float]], fares: Sequence[float], *, ridge: float = 1e-3
) -> FareModel:
    """The model with the least squared error; `ridge` keeps the weights of dependent features finite."""
    if len(features) != len(fares) or not fares:
        raise ValueError(f"{len(features)} feature rows and {len(fares)} fares: as many of each are needed, and some")
    by_column = list(zip(*features, strict=True))
    if len(by_column) != len(columns):
        raise ValueError(f"{len(by_column)} features per row and {len(columns)} names: as many of each are needed")
    means = [fmean(values) for values in by_column]
    # A feature that never changes says nothing; its scale must only not be zero.
    scales = [pstdev(values) or 1.0 for values in by_column]
    standard = [
        [(value - mean) / scale for value in values]
        for values, mean, scale in zip(by_column, means, scales, strict=True)
    ]
    intercept = fmean(fares)
    rest = [fare - intercept for fare in fares]
    gram = [[_dot(left, right) for right in standard] for left in standard]
    for place, row in enumerate(gram):
        row[place] += ridge * len(fares)
    weights = solve(gram, [_dot(values, rest) for values in standard])
    return FareModel(
        columns=tuple(columns), means=tuple(means), scales=tuple(scales), weights=tuple(weights), intercept=intercept
    )


def solve(matrix: Sequence[Sequence[float]], right: Sequence[float]) -> list[float]:
    """Solves matrix * x = right by elimination with the largest pivot."""
    size = len(right)
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for column in range(size):
        pivot = max(range(column, size), key=lambda row: abs(rows[row][column]))
        if rows[pivot][column] == 0:
            raise ValueError("the equations have no single solution")
        rows[column], rows[pivot] = rows[pivot], rows[column]
        for row in range(column + 1, size):
            factor = rows[row][column] / rows[column][column]
            for place in range(column, size + 1):
                rows[row][place] -= factor * rows[column][place]
    solution = [0.0] * size
    for row in reversed(range(size)):
        known = _dot(rows[row][row + 1 : size], solution[row + 1 :])
        solution[row] = (rows[row][size] - known) / rows[row][row]
    return solution


def _dot(left: Sequence[float], right: Sequence[float]) -> float:
    return sum(one * other for one, other in zip(left, right, strict=True))
