# Databricks notebook source
# MAGIC %md
# MAGIC # Ingest trips
# MAGIC Copies the plausible trips of the published data set into the project's own table.

# COMMAND ----------

dbutils.widgets.text("input_table_path", "/databricks-datasets/nyctaxi-with-zipcodes/subsampled")
dbutils.widgets.text("input_start_date", "")
dbutils.widgets.text("input_end_date", "")
dbutils.widgets.text("output_table_name", "dev.taxi_fare.trips")

# COMMAND ----------

import sys
from pathlib import Path

sys.path.insert(0, str(Path("../..").resolve()))

# COMMAND ----------

from data.tables import read_path, replace_table
from data.trips import COLUMNS, between, read_trips

trips = between(
    read_trips(read_path(spark, dbutils.widgets.get("input_table_path"))),
    start=dbutils.widgets.get("input_start_date"),
    end=dbutils.widgets.get("input_end_date"),
)
replace_table(spark, dbutils.widgets.get("output_table_name"), [trip.to_row() for trip in trips], columns=COLUMNS)
print(f"{len(trips)} trips in {dbutils.widgets.get('output_table_name')}")
