"""A small ML project of tests: every kind of resource that a stack deploys, and three kinds of code."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.synthesis import config

NOTEBOOK = "# Databricks notebook source\nprint(1)\n"
JUPYTER = json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})

BUNDLE = """\
bundle:
  name: fares
include: [assets/*.yml]
variables:
  catalog: {default: "${bundle.target}"}
targets:
  dev:
    mode: development
    default: true
    workspace: {host: https://acme-staging.cloud.databricks.com}
  staging:
    workspace: {host: https://acme-staging.cloud.databricks.com}
  test:
    workspace: {host: https://acme-staging.cloud.databricks.com}
  prod:
    mode: production
    workspace: {host: https://acme-prod.cloud.databricks.com}
"""

ASSETS = """\
resources:
  experiments:
    runs:
      name: /Users/${workspace.current_user.userName}/${bundle.target}-fares
      permissions: [{level: CAN_READ, group_name: users}]
  registered_models:
    model:
      name: fares
      catalog_name: ${var.catalog}
      schema_name: taxi_fare
      comment: 'Trained by ${resources.jobs.train.id}; 100%{sure}'
      grants:
        - {principal: account users, privileges: [execute]}
        - {principal: account users, privileges: [apply tag]}
  models:
    legacy: {name: "${bundle.target}-fares"}
  schemas:
    scratch: {catalog_name: "${var.catalog}", name: scratch}
  volumes:
    landing: {catalog_name: "${var.catalog}", schema_name: "${resources.schemas.scratch.name}", name: landing}
  quality_monitors:
    drift:
      table_name: ${var.catalog}.taxi_fare.predictions
      output_schema_name: ${var.catalog}.taxi_fare
      assets_dir: /Shared/monitors
      snapshot: {}
  pipelines:
    ingest:
      name: ${bundle.target}-ingest
      catalog: ${var.catalog}
      libraries: [{notebook: {path: ../ingest.py}}]
  jobs:
    train:
      name: ${bundle.target}-train
      permissions: [{level: CAN_VIEW, group_name: users}]
      tasks:
        - task_key: train
          notebook_task:
            notebook_path: ../training/Train.py
            base_parameters: {source: "${bundle.git.origin_url} ${bundle.git.branch} ${bundle.git.commit}"}
          depends_on: [{task_key: prepare}, {task_key: check}]
        - {task_key: prepare, existing_cluster_id: c-1, spark_python_task: {python_file: ../training/prepare.py}}
        - {task_key: check, notebook_task: {notebook_path: ../training/Check.ipynb}}
        - {task_key: shared, notebook_task: {notebook_path: /Shared/Report}}
    again:
      name: ${bundle.target}-again
      tasks:
        - {task_key: train, run_job_task: {job_id: "${resources.jobs.train.id}"}}
  clusters:
    shared: {cluster_name: "${bundle.target}-shared", spark_version: 15.4.x-scala2.12, node_type_id: i3.xlarge}
  model_serving_endpoints:
    fares:
      name: ${bundle.target}-fares
      config:
        served_entities:
          - {entity_name: "${resources.registered_models.model.id}", entity_version: "1", workload_size: Small}
      permissions: [{level: CAN_QUERY, group_name: users}]
  secret_scopes:
    keys: {name: "${bundle.target}-fares", permissions: [{level: READ, group_name: users}]}
  sql_warehouses:
    queries: {name: "${bundle.target}-queries", cluster_size: Small}
"""


MAKES_SCHEMAS = {"may_create_schemas": True}
FILES = {
    "databricks.yml": BUNDLE,
    "assets/all.yml": ASSETS,
    "ingest.py": NOTEBOOK,
    "training/Train.py": NOTEBOOK,
    "training/Check.ipynb": JUPYTER,
    "training/prepare.py": "print(1)\n",
    "training/my data.csv": "a,b\n",
}
# A monitor needs a table of the principal's own, which a job of its makes.
UPLOADED = ASSETS[: ASSETS.index("  quality_monitors:")] + ASSETS[ASSETS.index("  pipelines:") :]
# A pipeline takes no code from Git.
FROM_GIT = UPLOADED[: UPLOADED.index("  pipelines:")] + UPLOADED[UPLOADED.index("  jobs:") :]


def write_project(folder: Path, files: Mapping[str, str] | None = None, *, only: bool = False) -> Path:
    """The project in `folder`/ml, in a Git checkout on main; `files` replace or add to its own, or are all of it."""
    root = folder / "ml"
    for name, text in {**({} if only else FILES), **(files or {})}.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    check_out(root, "main")
    return root


def check_out(root: Path, branch: str) -> None:
    """Let HEAD name a branch of its own commit; an empty one detaches it."""
    git, commit = root / ".git", "8abca425566663dc2f0e61f2747e868ead9b60b4"
    (git / "refs/heads").mkdir(parents=True, exist_ok=True)
    (git / "config").write_text('[remote "origin"]\n\turl = https://github.com/acme/taxi-fare.git\n', encoding="utf-8")
    if branch:
        (git / "refs/heads" / branch).write_text(f"{commit}\n", encoding="utf-8")
    (git / "HEAD").write_text(f"ref: refs/heads/{branch}\n" if branch else f"{commit}\n", encoding="utf-8")


def project_config(**changes: Any) -> dict[str, Any]:
    """An mlops.yaml with the project, whose bundle makes a schema in the catalog of each target."""
    return config(
        **{
            "ml_project": {"path": "ml"},
            "environments__staging__catalogs": {"staging": MAKES_SCHEMAS, "test": MAKES_SCHEMAS},
            "environments__prod__catalogs": {"prod": MAKES_SCHEMAS},
            **changes,
        }
    )
