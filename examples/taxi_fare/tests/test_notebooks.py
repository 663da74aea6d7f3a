"""The notebooks run in the order of the jobs, in a made-up workspace."""

from pathlib import Path

import pytest

from tests.rides import rides
from tests.workspace import ROOT, Row, Workspace

SCHEMA = "test.taxi_fare"
TABLES = {
    "input_table_name": f"{SCHEMA}.trips",
    "pickup_features_table": f"{SCHEMA}.trip_pickup_features",
    "dropoff_features_table": f"{SCHEMA}.trip_dropoff_features",
}
MODEL = f"{SCHEMA}.taxi-fare-model"


@pytest.fixture
def workspace(monkeypatch: pytest.MonkeyPatch) -> Workspace:
    made = Workspace(monkeypatch)
    made.paths["/raw"] = [Row(trip.to_row()) for trip in rides()]
    return made


def write_features(workspace: Workspace) -> None:
    folder = "feature_engineering/notebooks"
    workspace.run(f"{folder}/IngestTrips.py", input_table_path="/raw", output_table_name=TABLES["input_table_name"])
    for module in ("pickup_features", "dropoff_features"):
        workspace.run(
            f"{folder}/GenerateAndWriteFeatures.py",
            input_table_name=TABLES["input_table_name"],
            output_table_name=f"{SCHEMA}.trip_{module}",
            features_transform_module=module,
        )


def train(workspace: Workspace, *, run_mode: str = "enabled") -> None:
    workspace.run(
        "training/notebooks/Train.py",
        task="Train",
        env="test",
        experiment_name="/Users/ci/test",
        model_name=MODEL,
        git_source_info="commit:abc",
        **TABLES,
    )
    workspace.run(
        "validation/notebooks/ModelValidation.py",
        task="ModelValidation",
        experiment_name="/Users/ci/test",
        model_name=MODEL,
        run_mode=run_mode,
        **TABLES,
    )
    workspace.run("deployment/model_deployment/notebooks/ModelDeployment.py", model_name=MODEL)


def infer(workspace: Workspace) -> None:
    workspace.run(
        "deployment/batch_inference/notebooks/BatchInference.py",
        output_table_name=f"{SCHEMA}.predictions",
        model_name=MODEL,
        **TABLES,
    )


def test_the_jobs_make_predictions_of_raw_trips(workspace: Workspace) -> None:
    write_features(workspace)
    train(workspace)
    infer(workspace)
    assert workspace.registry.aliases == {"champion": "1"}
    assert workspace.registry.run_tags == {"env": "test", "git_source_info": "commit:abc"}
    assert workspace.registry.experiments == ["/Users/ci/test", "/Users/ci/test"]
    assert workspace.registry.metrics["validation_rmse"] < 1
    trips, predictions = (workspace.tables[f"{SCHEMA}.{name}"] for name in ("trips", "predictions"))
    errors = [abs(row["predicted_fare"] - trip["fare_amount"]) for row, trip in zip(predictions, trips, strict=True)]
    assert max(errors) < 3
    assert {row["model_version"] for row in predictions} == {"1"}


def test_the_next_version_takes_over(workspace: Workspace) -> None:
    write_features(workspace)
    train(workspace)
    train(workspace)
    infer(workspace)
    assert {row["model_version"] for row in workspace.tables[f"{SCHEMA}.predictions"]} == {"2"}


def worthless_fares(workspace: Workspace) -> None:
    """Fares that nobody can predict."""
    for place, row in enumerate(workspace.paths["/raw"]):
        row["fare_amount"] = 5.0 if place % 2 else 200.0


def test_a_version_that_fails_validation_leaves_the_champion_in_place(workspace: Workspace) -> None:
    write_features(workspace)
    train(workspace)
    worthless_fares(workspace)
    write_features(workspace)
    with pytest.raises(ValueError, match=r"Version 2 of .*: failed\nrmse is"):
        train(workspace)
    assert workspace.registry.tags["2"] == {"validation_status": "failed"}
    assert workspace.registry.aliases == {"champion": "1"}


@pytest.mark.parametrize(("run_mode", "status"), [("dry_run", "tolerated"), ("disabled", "skipped")])
def test_a_milder_run_mode_deploys_it_all_the_same(workspace: Workspace, run_mode: str, status: str) -> None:
    worthless_fares(workspace)
    write_features(workspace)
    train(workspace, run_mode=run_mode)
    assert workspace.registry.tags["1"] == {"validation_status": status}
    assert workspace.registry.aliases == {"champion": "1"}


def test_inference_before_training_says_what_to_do(workspace: Workspace) -> None:
    write_features(workspace)
    with pytest.raises(ValueError, match="has no champion yet: run the training job first"):
        infer(workspace)


def test_a_registered_model_brings_the_code_that_it_needs(workspace: Workspace) -> None:
    write_features(workspace)
    train(workspace)
    assert [Path(folder) for folder in workspace.registry.code] == [ROOT / "training"]
