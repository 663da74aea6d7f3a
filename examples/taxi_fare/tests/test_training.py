import math
from datetime import datetime

import pytest

from feature_engineering.features import dropoff_features, pickup_features
from feature_engineering.lookup import FeatureLookup
from tests.rides import FIRST_DAY, ride, rides
from training.dataset import learn_and_judge
from training.model import FareModel
from training.steps.metrics import evaluate
from training.steps.split import split_by_time
from training.steps.train import fit, solve
from training.steps.transform import FEATURES, features_of

NOTHING = FeatureLookup([])


def test_every_feature_has_a_value() -> None:
    assert len(features_of(ride(), pickup=NOTHING, dropoff=NOTHING)) == len(FEATURES)


def test_minutes_before_and_after_midnight_are_close() -> None:
    moments = [datetime(2016, 1, 4, 23, 59), datetime(2016, 1, 5, 0, 1)]
    before, after = (features_of(ride(pickup_time=one), pickup=NOTHING, dropoff=NOTHING)[1:3] for one in moments)
    assert math.dist(before, after) < 0.01


def test_saturdays_and_sundays_are_weekends() -> None:
    days = [ride(pickup_time=datetime(2016, 1, day, 12)) for day in range(4, 11)]
    place = FEATURES.index("weekend")
    assert [features_of(one, pickup=NOTHING, dropoff=NOTHING)[place] for one in days] == [0, 0, 0, 0, 0, 1, 1]


def test_what_is_not_known_is_told_from_zero() -> None:
    known = FeatureLookup([{"zip": 10001, "day": FIRST_DAY.date().replace(day=1), "mean_fare": 0.0, "trips": 3}])
    places = [FEATURES.index(name) for name in ("pickup_known", "pickup_mean_fare", "pickup_trips")]
    with_table = features_of(ride(), pickup=known, dropoff=NOTHING)
    without = features_of(ride(), pickup=NOTHING, dropoff=NOTHING)
    assert [with_table[place] for place in places] == [1.0, 0.0, 3.0]
    assert [without[place] for place in places] == [0.0, 0.0, 0.0]


def test_the_latest_trips_are_held_out() -> None:
    earlier, later = split_by_time(rides(100), held_out=0.25)
    assert (len(earlier), len(later)) == (75, 25)
    assert max(trip.pickup_time for trip in earlier) <= min(trip.pickup_time for trip in later)


def test_too_few_trips_are_refused() -> None:
    with pytest.raises(ValueError, match="3 trips are too few to train and judge a model: 10 are needed"):
        split_by_time(rides(3))


@pytest.mark.parametrize("share", [0, 1, -0.5, 2])
def test_a_share_that_leaves_one_side_empty_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="held_out is a share between 0 and 1"):
        split_by_time(rides(100), held_out=share)


def test_equations_are_solved() -> None:
    assert solve([[0, 2, 1], [1, 1, 1], [2, 0, 3]], [7, 6, 11]) == pytest.approx([1, 2, 3])


def test_equations_without_a_single_solution_are_refused() -> None:
    with pytest.raises(ValueError, match="no single solution"):
        solve([[1, 1], [1, 1]], [2, 2])


def test_a_linear_fare_is_found_again() -> None:
    features = [[float(miles), float(night)] for miles in range(1, 20) for night in (0, 1)]
    fares = [3 + 2.5 * miles + 1.0 * night for miles, night in features]
    model = fit(("miles", "night"), features, fares, ridge=0)
    assert model.predict([7, 1]) == pytest.approx(21.5)
    assert model.predict([30, 0]) == pytest.approx(78.0)


def test_features_that_depend_on_each_other_or_never_change_do_no_harm() -> None:
    features = [[float(miles), 2.0 * miles, 5.0] for miles in range(1, 20)]
    model = fit(("miles", "double", "constant"), features, [3 + 2.5 * row[0] for row in features], ridge=1e-9)
    assert model.predict([10, 20, 5]) == pytest.approx(28.0, abs=0.01)


@pytest.mark.parametrize(("features", "fares"), [([], []), ([[1.0]], [])])
def test_nothing_to_learn_from_is_refused(features: list[list[float]], fares: list[float]) -> None:
    with pytest.raises(ValueError, match="as many of each are needed"):
        fit(("miles",), features, fares)


def test_more_features_than_names_are_refused() -> None:
    with pytest.raises(ValueError, match="2 features per row and 1 names"):
        fit(("miles",), [[1.0, 2.0]], [3.0])


def test_no_fare_is_negative() -> None:
    model = FareModel(columns=("miles",), means=(0.0,), scales=(1.0,), weights=(-2.0,), intercept=1.0)
    assert model.predict([5.0]) == 0.0


def test_a_model_survives_its_json() -> None:
    model = fit(("miles",), [[1.0], [2.0], [4.0]], [5.5, 8.0, 13.0])
    assert FareModel.from_json(model.to_json()) == model


def test_metrics_of_a_perfect_and_of_a_constant_prediction() -> None:
    assert evaluate([1, 2, 3], [1, 2, 3]) == {"rmse": 0, "mae": 0, "r2": 1}
    assert evaluate([1, 2, 3], [2, 2, 2]) == pytest.approx({"rmse": math.sqrt(2 / 3), "mae": 2 / 3, "r2": 0})


def test_metrics_need_fares() -> None:
    with pytest.raises(ValueError, match="no fares"):
        evaluate([], [])


def test_a_model_learned_from_rides_prices_later_rides() -> None:
    trips = rides()
    learn, judge = learn_and_judge(
        [trip.to_row() for trip in trips],
        pickup_rows=pickup_features.compute_features(trips),
        dropoff_rows=dropoff_features.compute_features(trips),
    )
    metrics = judge.metrics_of(fit(FEATURES, learn.features, learn.fares))
    assert metrics["rmse"] < 0.8
    assert metrics["r2"] > 0.95
