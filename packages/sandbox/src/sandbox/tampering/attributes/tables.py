"""The rows about every type: a type of which nothing is in an act elsewhere is added here."""

from sandbox.tampering.attributes import jobs, mlflow, pipelines, unity_catalog
from sandbox.tampering.attributes.forms import Rows

TABLES: tuple[Rows, ...] = (
    jobs.JOBS,
    mlflow.EXPERIMENTS,
    mlflow.MODELS,
    pipelines.PIPELINES,
    unity_catalog.CATALOGS,
    unity_catalog.MODELS,
    unity_catalog.MONITORS,
    unity_catalog.SCHEMAS,
    unity_catalog.VOLUMES,
)
