# Databricks notebook source
# MAGIC %md
# MAGIC # Deploy the model
# MAGIC Makes the validated version the champion, which batch inference uses.

# COMMAND ----------

# MAGIC %pip install -r ../../../requirements.txt

# COMMAND ----------

dbutils.library.restartPython()

# COMMAND ----------

import sys
from pathlib import Path

sys.path.insert(0, str(Path("../../..").resolve()))

# COMMAND ----------

dbutils.widgets.text("model_name", "dev.taxi_fare.taxi-fare-model")

model_name = dbutils.widgets.get("model_name")
version = dbutils.jobs.taskValues.get("Train", "model_version", debugValue="1")

# COMMAND ----------

import mlflow

from deployment.model_deployment.deploy import promote

mlflow.set_registry_uri("databricks-uc")
promote(mlflow.MlflowClient(), model_name, version)
print(f"Version {version} of {model_name} is the champion")
