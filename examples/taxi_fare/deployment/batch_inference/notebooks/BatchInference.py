# Databricks notebook source
# MAGIC %md
# MAGIC # Batch inference
# MAGIC Prices a table of trips with the champion.

# COMMAND ----------

# MAGIC %pip install -r ../../../requirements.txt

# COMMAND ----------

dbutils.library.restartPython()

# COMMAND ----------

import sys
from pathlib import Path

sys.path.insert(0, str(Path("../../..").resolve()))

# COMMAND ----------

dbutils.widgets.text("input_table_name", "dev.taxi_fare.trips")
dbutils.widgets.text("output_table_name", "dev.taxi_fare.predictions")
dbutils.widgets.text("pickup_features_table", "dev.taxi_fare.trip_pickup_features")
dbutils.widgets.text("dropoff_features_table", "dev.taxi_fare.trip_dropoff_features")
dbutils.widgets.text("model_name", "dev.taxi_fare.taxi-fare-model")

model_name = dbutils.widgets.get("model_name")

# COMMAND ----------

import mlflow

from data.tables import read_table, replace_table
from deployment.batch_inference.predict import COLUMNS, price
from deployment.model_deployment.deploy import champion_of
from training import packaging

mlflow.set_registry_uri("databricks-uc")
champion = champion_of(mlflow.MlflowClient(), model_name)
if champion is None:
    raise ValueError(f"{model_name} has no champion yet: run the training job first")

# COMMAND ----------

rows = price(
    read_table(spark, dbutils.widgets.get("input_table_name")),
    pickup_rows=read_table(spark, dbutils.widgets.get("pickup_features_table")),
    dropoff_rows=read_table(spark, dbutils.widgets.get("dropoff_features_table")),
    model=packaging.load(f"models:/{model_name}/{champion}"),
    model_version=champion,
)
replace_table(spark, dbutils.widgets.get("output_table_name"), rows, columns=COLUMNS)
print(f"{len(rows)} trips priced in {dbutils.widgets.get('output_table_name')}")
