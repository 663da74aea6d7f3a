"""Facts of the resource kinds that no package states (databricks/cli v0.280.0, bundle/config/resources)."""

from typing import Final

# What one resource of a kind is called in file names.
SINGULARS: Final[dict[str, str]] = {
    "alerts": "alert",
    "apps": "app",
    "clusters": "cluster",
    "dashboards": "dashboard",
    "database_catalogs": "database_catalog",
    "database_instances": "database_instance",
    "experiments": "experiment",
    "jobs": "job",
    "model_serving_endpoints": "model_serving_endpoint",
    "models": "model",
    "pipelines": "pipeline",
    "quality_monitors": "quality_monitor",
    "registered_models": "registered_model",
    "schemas": "schema",
    "secret_scopes": "secret_scope",
    "sql_warehouses": "sql_warehouse",
    "synced_database_tables": "synced_database_table",
    "volumes": "volume",
}
