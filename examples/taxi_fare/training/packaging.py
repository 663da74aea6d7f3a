"""The fare model as MLflow stores and serves it. Only the notebooks import this module, for it needs MLflow."""

from pathlib import Path
from typing import Any

import mlflow.pyfunc
from mlflow.models import ModelSignature
from mlflow.types import ColSpec, Schema

from training.model import FareModel

ARTIFACT = "fare_model"


class FarePredictor(mlflow.pyfunc.PythonModel):
    """Predicts a list of fares for a data frame with one column per feature."""

    fare_model: FareModel

    def load_context(self, context: Any) -> None:
        self.fare_model = FareModel.from_json(Path(context.artifacts[ARTIFACT]).read_text(encoding="utf-8"))

    def predict(self, context, model_input, params=None):  # type: ignore[no-untyped-def] # MLflow reads type hints as a schema
        columns = [model_input[name] for name in self.fare_model.columns]
        return [self.fare_model.predict(row) for row in zip(*columns, strict=True)]


def signature_of(model: FareModel) -> ModelSignature:
    """Unity Catalog takes no model without a signature."""
    inputs = Schema([ColSpec("double", name) for name in model.columns])
    return ModelSignature(inputs=inputs, outputs=Schema([ColSpec("double", "fare")]))


def load(uri: str) -> FareModel:
    """The fare model behind models:/NAME/VERSION or models:/NAME@ALIAS."""
    model: FareModel = mlflow.pyfunc.load_model(uri).unwrap_python_model().fare_model
    return model
