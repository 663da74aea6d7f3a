# Databricks notebook source
# MAGIC %md
# MAGIC # Train
# MAGIC Fits the fare model, logs it to the experiment and registers it as a new version.

# COMMAND ----------

# MAGIC %pip install -r ../../requirements.txt

# COMMAND ----------

dbutils.library.restartPython()

# COMMAND ----------

import sys
from pathlib import Path

sys.path.insert(0, str(Path("../..").resolve()))

# COMMAND ----------

dbutils.widgets.text("env", "dev")
dbutils.widgets.text("input_table_name", "dev.taxi_fare.trips")
dbutils.widgets.text("pickup_features_table", "dev.taxi_fare.trip_pickup_features")
dbutils.widgets.text("dropoff_features_table", "dev.taxi_fare.trip_dropoff_features")
dbutils.widgets.text("experiment_name", "/Shared/dev-taxi-fare-experiment")
dbutils.widgets.text("model_name", "dev.taxi_fare.taxi-fare-model")
dbutils.widgets.text("git_source_info", "")

# COMMAND ----------

from data.tables import read_table
from training.dataset import learn_and_judge
from training.steps.train import fit
from training.steps.transform import FEATURES

learn, judge = learn_and_judge(
    read_table(spark, dbutils.widgets.get("input_table_name")),
    pickup_rows=read_table(spark, dbutils.widgets.get("pickup_features_table")),
    dropoff_rows=read_table(spark, dbutils.widgets.get("dropoff_features_table")),
)
model = fit(FEATURES, learn.features, learn.fares)

# COMMAND ----------

from tempfile import TemporaryDirectory

import mlflow

from training import packaging

mlflow.set_registry_uri("databricks-uc")
mlflow.set_experiment(dbutils.widgets.get("experiment_name"))
with mlflow.start_run() as run, TemporaryDirectory() as folder:
    mlflow.set_tags({name: dbutils.widgets.get(name) for name in ("env", "git_source_info")})
    mlflow.log_params({"trips_to_learn_from": len(learn.trips), "trips_to_judge_by": len(judge.trips)})
    mlflow.log_metrics({f"train_{name}": value for name, value in learn.metrics_of(model).items()})
    artifact = Path(folder, f"{packaging.ARTIFACT}.json")
    artifact.write_text(model.to_json(), encoding="utf-8")
    logged = mlflow.pyfunc.log_model(
        "model",
        python_model=packaging.FarePredictor(),
        artifacts={packaging.ARTIFACT: str(artifact)},
        # Whoever loads the model has its code, too.
        code_paths=[str(Path("..").resolve())],
        signature=packaging.signature_of(model),
        pip_requirements=[f"mlflow=={mlflow.__version__}"],
        registered_model_name=dbutils.widgets.get("model_name"),
    )

# COMMAND ----------

# What the next tasks need to know.
dbutils.jobs.taskValues.set("run_id", run.info.run_id)
dbutils.jobs.taskValues.set("model_version", str(logged.registered_model_version))
