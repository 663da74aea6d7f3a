import pytest

from deployment.batch_inference.predict import COLUMNS, price
from deployment.model_deployment.deploy import champion_of, promote
from tests.rides import ride
from tests.workspace import Registry
from training.model import FareModel
from training.steps.transform import FEATURES
from validation.validation import STATUS_TAG

NAME = "test.taxi_fare.taxi-fare-model"


def registry(**tags: str) -> Registry:
    made = Registry()
    made.tags["1"] = tags
    return made


@pytest.mark.parametrize("status", ["passed", "tolerated", "skipped"])
def test_a_validated_version_becomes_the_champion(status: str) -> None:
    client = registry(**{STATUS_TAG: status})
    assert champion_of(client, NAME) is None
    promote(client, NAME, "1")
    assert champion_of(client, NAME) == "1"


def test_a_version_that_failed_is_not_deployed() -> None:
    client = registry(**{STATUS_TAG: "failed"})
    with pytest.raises(ValueError, match=r"version 1 of .* is not deployed: its validation says failed"):
        promote(client, NAME, "1")
    assert champion_of(client, NAME) is None


def test_a_version_that_was_never_validated_is_not_deployed() -> None:
    with pytest.raises(ValueError, match="it was not validated"):
        promote(registry(), NAME, "1")


def test_trips_without_fares_are_priced() -> None:
    size = len(FEATURES)
    weights = (2.5,) + (0.0,) * (size - 1)
    model = FareModel(columns=FEATURES, means=(0.0,) * size, scales=(1.0,) * size, weights=weights, intercept=3.0)
    rows = [ride(fare=None, distance=4.0).to_row(), ride(distance=-1.0).to_row()]
    priced = price(rows, pickup_rows=[], dropoff_rows=[], model=model, model_version="7")
    assert [(row["predicted_fare"], row["model_version"]) for row in priced] == [(13.0, "7")]
    assert list(priced[0]) == list(COLUMNS)
