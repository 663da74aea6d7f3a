import math
import random
from typing import Any

import pytest

from validation.drift import population_stability
from validation.validation import Thresholds, broken_rules, status_of

GOOD = {"rmse": 3.0, "r2": 0.9}
THRESHOLDS = Thresholds(rmse=8.0, r2=0.5, rmse_growth=0.05, drift=0.25)


def broken(metrics: dict[str, float] = GOOD, **changes: Any) -> list[str]:
    return broken_rules(metrics, **{"drift": 0.01, "thresholds": THRESHOLDS, **changes})


def test_a_good_model_breaks_no_rule() -> None:
    assert broken() == []
    assert broken(champion={"rmse": 3.0}) == []
    assert broken(champion={"rmse": 2.9}) == []


def test_each_broken_rule_is_a_sentence() -> None:
    assert broken({"rmse": 9.0, "r2": 0.25}, drift=0.5, champion={"rmse": 4.0}) == [
        "rmse is 9.00; at most 8.00 is allowed",
        "r2 is 0.25; at least 0.50 is needed",
        "rmse is 9.00; compared with the champion at most 4.20 is allowed",
        "the latest trips have drifted by 0.50; at most 0.25 is allowed",
    ]


def test_what_is_not_a_number_breaks_every_rule() -> None:
    nan = math.nan
    assert len(broken({"rmse": nan, "r2": nan}, drift=nan, champion={"rmse": 4.0})) == 4


@pytest.mark.parametrize(
    ("run_mode", "of_good", "of_bad"),
    [("enabled", "passed", "failed"), ("dry_run", "passed", "tolerated"), ("disabled", "skipped", "skipped")],
)
def test_the_run_mode_says_what_a_broken_rule_means(run_mode: str, of_good: str, of_bad: str) -> None:
    assert status_of([], run_mode=run_mode) == of_good
    assert status_of(["a rule"], run_mode=run_mode) == of_bad


def test_an_unknown_run_mode_is_refused() -> None:
    with pytest.raises(ValueError, match="run_mode is one of disabled, dry_run, enabled, not 'Enabled'"):
        status_of([], run_mode="Enabled")


def sample(mean: float, *, count: int = 2000, seed: int = 1) -> list[float]:
    chance = random.Random(seed)
    return [chance.gauss(mean, 1) for _ in range(count)]


def test_the_same_distribution_has_not_drifted() -> None:
    assert population_stability(sample(5), sample(5, seed=2)) < 0.1


def test_a_moved_distribution_has_drifted() -> None:
    assert population_stability(sample(5), sample(6, seed=2)) > 0.25


def test_values_that_were_never_seen_give_a_finite_drift() -> None:
    assert 1 < population_stability(sample(5), [1000.0] * 50) < 20
