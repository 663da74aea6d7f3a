# Databricks notebook source
# MAGIC %md
# MAGIC # Generate and write features
# MAGIC Computes one feature table; `features_transform_module` names the module of `features/` that knows how.

# COMMAND ----------

dbutils.widgets.text("input_table_name", "dev.taxi_fare.trips")
dbutils.widgets.text("output_table_name", "dev.taxi_fare.trip_pickup_features")
dbutils.widgets.text("features_transform_module", "pickup_features")

# COMMAND ----------

import sys
from pathlib import Path

sys.path.insert(0, str(Path("../..").resolve()))

# COMMAND ----------

from importlib import import_module

from data.tables import read_table, replace_table
from data.trips import read_trips

module = import_module(f"feature_engineering.features.{dbutils.widgets.get('features_transform_module')}")
rows = module.compute_features(read_trips(read_table(spark, dbutils.widgets.get("input_table_name"))))
replace_table(spark, dbutils.widgets.get("output_table_name"), rows, columns=module.COLUMNS)
print(f"{len(rows)} rows in {dbutils.widgets.get('output_table_name')}")
