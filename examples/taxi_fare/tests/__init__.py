"""Runs without Spark, MLflow or a workspace."""
