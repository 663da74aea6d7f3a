"""The rows about every type: a type of which nothing is in an act elsewhere is added here."""

from sandbox.tampering.attributes import (
    clusters,
    jobs,
    mlflow,
    model_serving,
    pipelines,
    sql_warehouses,
    unity_catalog,
)
from sandbox.tampering.attributes.forms import Rows

TABLES: tuple[Rows, ...] = (
    clusters.CLUSTERS,
    jobs.JOBS,
    mlflow.EXPERIMENTS,
    mlflow.MODELS,
    model_serving.ENDPOINTS,
    pipelines.PIPELINES,
    sql_warehouses.WAREHOUSES,
    unity_catalog.CATALOGS,
    unity_catalog.MODELS,
    unity_catalog.MONITORS,
    unity_catalog.SCHEMAS,
    unity_catalog.VOLUMES,
)
