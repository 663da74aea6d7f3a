"""The rules that a new model version must meet, and what comes of breaking them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

RUN_MODES = ("disabled", "dry_run", "enabled")
# A tag of the model version, by which deployment knows what validation said.
STATUS_TAG = "validation_status"
PASSED, TOLERATED, SKIPPED, FAILED = "passed", "tolerated", "skipped", "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """The worst that is good enough."""

    rmse: float = 8.0
    r2: float = 0.5
    # How much worse than the champion's a version's rmse may be: chance alone moves it by a few percent.
    rmse_growth: float = 0.05
    drift: float = 0.25


def broken_rules(
    metrics: Mapping[str, float],
    *,
    drift: float,
    thresholds: Thresholds,
    champion: Mapping[str, float] | None = None,
) -> list[str]:
    """One sentence per rule that the metrics break; a NaN breaks every rule that it meets."""
    broken = []
    if not metrics["rmse"] <= thresholds.rmse:
        broken.append(f"rmse is {metrics['rmse']:.2f}; at most {thresholds.rmse:.2f} is allowed")
    if not metrics["r2"] >= thresholds.r2:
        broken.append(f"r2 is {metrics['r2']:.2f}; at least {thresholds.r2:.2f} is needed")
    if champion is not None:
        limit = champion["rmse"] * (1 + thresholds.rmse_growth)
        if not metrics["rmse"] <= limit:
            broken.append(f"rmse is {metrics['rmse']:.2f}; compared with the champion at most {limit:.2f} is allowed")
    if not drift <= thresholds.drift:
        broken.append(f"the latest trips have drifted by {drift:.2f}; at most {thresholds.drift:.2f} is allowed")
    return broken


def status_of(broken: Sequence[str], *, run_mode: str) -> str:
    """What the model version's tag says."""
    if run_mode not in RUN_MODES:
        raise ValueError(f"run_mode is one of {', '.join(RUN_MODES)}, not {run_mode!r}")
    if run_mode == "disabled":
        return SKIPPED
    if not broken:
        return PASSED
    return FAILED if run_mode == "enabled" else TOLERATED
