# Databricks notebook source
# MAGIC %md
# MAGIC # Validate the model
# MAGIC Judges the new version by trips that it has not seen, and against the champion. `run_mode` says what comes
# MAGIC of it: `enabled` stops a version that breaks a rule, `dry_run` only reports it, `disabled` skips validation.

# COMMAND ----------

# MAGIC %pip install -r ../../requirements.txt

# COMMAND ----------

dbutils.library.restartPython()

# COMMAND ----------

import sys
from pathlib import Path

sys.path.insert(0, str(Path("../..").resolve()))

# COMMAND ----------

dbutils.widgets.text("input_table_name", "dev.taxi_fare.trips")
dbutils.widgets.text("pickup_features_table", "dev.taxi_fare.trip_pickup_features")
dbutils.widgets.text("dropoff_features_table", "dev.taxi_fare.trip_dropoff_features")
dbutils.widgets.text("experiment_name", "/Shared/dev-taxi-fare-experiment")
dbutils.widgets.text("model_name", "dev.taxi_fare.taxi-fare-model")
dbutils.widgets.dropdown("run_mode", "enabled", ["disabled", "dry_run", "enabled"])
dbutils.widgets.dropdown("enable_baseline_comparison", "true", ["true", "false"])

model_name = dbutils.widgets.get("model_name")
run_mode = dbutils.widgets.get("run_mode")
version = dbutils.jobs.taskValues.get("Train", "model_version", debugValue="1")
run_id = dbutils.jobs.taskValues.get("Train", "run_id", debugValue="")

# COMMAND ----------

import mlflow

from data.tables import read_table
from deployment.model_deployment.deploy import champion_of
from training import packaging
from training.dataset import learn_and_judge
from validation.drift import population_stability
from validation.validation import FAILED, STATUS_TAG, Thresholds, broken_rules, status_of

mlflow.set_registry_uri("databricks-uc")
client = mlflow.MlflowClient()

broken = []
if run_mode != "disabled":
    learn, judge = learn_and_judge(
        read_table(spark, dbutils.widgets.get("input_table_name")),
        pickup_rows=read_table(spark, dbutils.widgets.get("pickup_features_table")),
        dropoff_rows=read_table(spark, dbutils.widgets.get("dropoff_features_table")),
    )
    metrics = judge.metrics_of(packaging.load(f"models:/{model_name}/{version}"))
    drift = population_stability([trip.distance for trip in learn.trips], [trip.distance for trip in judge.trips])
    champion = champion_of(client, model_name) if dbutils.widgets.get("enable_baseline_comparison") == "true" else None
    broken = broken_rules(
        metrics,
        drift=drift,
        thresholds=Thresholds(),
        champion=judge.metrics_of(packaging.load(f"models:/{model_name}/{champion}")) if champion else None,
    )
    mlflow.set_experiment(dbutils.widgets.get("experiment_name"))
    with mlflow.start_run(run_id=run_id or None):
        mlflow.log_metrics({"drift": drift, **{f"validation_{name}": value for name, value in metrics.items()}})

# COMMAND ----------

status = status_of(broken, run_mode=run_mode)
client.set_model_version_tag(model_name, version, STATUS_TAG, status)
report = "\n".join([f"Version {version} of {model_name}: {status}", *broken])
print(report)
if status == FAILED:
    raise ValueError(report)
