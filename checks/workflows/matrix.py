"""The combinations of a job's matrix.

https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstrategymatrix
"""

import itertools
import math
from collections.abc import Iterator
from typing import Any

from checks.workflows.expressions import UNKNOWN, Scope, filled, text_of

# GitHub runs no job with more (https://docs.github.com/actions/reference/limits).
_MOST_COMBINATIONS = 256
# What `include` and `exclude` are compared with.
_MOST_VALUES = 20_000


def combinations(job: Any, scope: Scope) -> list[dict[str, Any]] | None:
    """The combinations, one without a value where there is no matrix; None where they are not known."""
    strategy = filled(job.get("strategy"), scope)
    matrix = filled(strategy.get("matrix"), scope) if isinstance(strategy, dict) else None
    if matrix is None and strategy is not UNKNOWN:
        return [{}]
    if not isinstance(matrix, dict):
        return None if UNKNOWN in (matrix, strategy) else [{}]
    axes: dict[str, list[Any]] = {}
    for axis, given in matrix.items():
        values = filled(given, scope)
        if values is UNKNOWN:
            return None
        if isinstance(values, list) and axis not in ("include", "exclude"):
            axes[str(axis)] = [filled(one, scope) for one in values]
    included, excluded = (filled(matrix.get(name), scope) for name in ("include", "exclude"))
    if UNKNOWN in (included, excluded) or math.prod(map(len, axes.values())) > _MOST_COMBINATIONS:
        return None
    found = [dict(zip(axes, values, strict=True)) for values in itertools.product(*axes.values())] if axes else []
    if sum(map(len, [*_maps(excluded), *_maps(included)])) * max(len(found), 1) > _MOST_VALUES:
        return None
    for one in _maps(excluded):
        found = [each for each in found if any(name not in each or each[name] != one[name] for name in one)]
    return _with_included(found, [*_maps(included)], set(axes), scope)


def _with_included(
    found: list[dict[str, Any]], included: list[dict[str, Any]], axes: set[str], scope: Scope
) -> list[dict[str, Any]] | None:
    originals = [(dict(each), each) for each in found]
    for given in included:
        one = {name: filled(value, scope) for name, value in given.items()}
        # It is added wherever it changes no value of the matrix itself, and else is a combination of its own.
        fitting = [
            each
            for original, each in originals
            if all(original[name] == value for name, value in one.items() if name in axes and name in original)
        ]
        for each in fitting:
            each.update(one)
        if not fitting:
            found.append(one)
    return found if len(found) <= _MOST_COMBINATIONS else None


def shown(combination: dict[str, Any]) -> str | None:
    """A combination as it stands behind the name of its job; None where a value is not known."""
    values = [*_flat(list(combination.values()))]
    return None if UNKNOWN in values else ", ".join(map(text_of, values))


def _flat(value: Any) -> Iterator[Any]:
    if isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _flat(one)
    else:
        yield value


def _maps(given: Any) -> Iterator[dict[str, Any]]:
    for one in given if isinstance(given, list) else ():
        if isinstance(one, dict):
            yield {str(name): value for name, value in one.items()}
