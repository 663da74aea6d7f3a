"""Every type of resource that a bundle deploys, as Terraform reads it."""

from typing import Any

ROOT = "/Workspace/Users/${data.databricks_current_user.me.user_name}/.bundle/taxi/test"
SCHEMA = "bundled.taxi"
TABLE = f"{SCHEMA}.features"
READERS = {"group_name": "users", "permission_level": "CAN_READ"}
VIEWERS = {"group_name": "users", "permission_level": "CAN_VIEW"}
TASKS: list[dict[str, Any]] = [
    {
        "task_key": "Deploy",
        "job_cluster_key": "main",
        "depends_on": [{"task_key": "Train"}],
        "notebook_task": [
            {"notebook_path": "${databricks_notebook.train.path}", "base_parameters": {"env": "test", "empty": ""}}
        ],
    },
    {
        "task_key": "Train",
        "job_cluster_key": "main",
        "notebook_task": [{"notebook_path": "${databricks_notebook.train.path}", "source": "WORKSPACE"}],
        "library": [{"pypi": [{"package": "mlflow"}]}],
    },
    {"task_key": "Wide", "condition_task": [{"op": "EQUAL_TO", "left": "", "right": "true"}], "run_if": "ALL_DONE"},
]
JOB: dict[str, Any] = {
    "name": "test-taxi-training",
    "format": "MULTI_TASK",
    "edit_mode": "UI_LOCKED",
    "max_concurrent_runs": 1,
    "queue": [{"enabled": True}],
    "tags": {"purpose": "test"},
    "schedule": [{"quartz_cron_expression": "0 0 9 * * ?", "timezone_id": "UTC", "pause_status": "UNPAUSED"}],
    "parameter": [{"name": "b", "default": "1"}, {"name": "a", "default": ""}],
    "job_cluster": [
        {
            "job_cluster_key": "main",
            "new_cluster": [
                {
                    "num_workers": 3,
                    "spark_version": "13.3.x-cpu-ml-scala2.12",
                    "node_type_id": "i3.xlarge",
                    "custom_tags": {"clusterSource": "mlops-stack/0.2"},
                }
            ],
        }
    ],
    "task": TASKS,
}
# As little as a job can be: the provider's defaults, and what it does not call a change, are all here.
BARE_JOB: dict[str, Any] = {
    "task": [
        {
            "task_key": "only",
            "new_cluster": [{"spark_version": "15.4.x-scala2.12", "num_workers": 0, "node_type_id": "i3.xlarge"}],
            "spark_python_task": [{"python_file": "${databricks_workspace_file.lib.workspace_path}"}],
        }
    ]
}
RESOURCES: dict[str, dict[str, dict[str, Any]]] = {
    "databricks_directory": {"assets": {"path": f"{ROOT}/assets", "delete_recursive": True}},
    "databricks_notebook": {
        "train": {"path": f"{ROOT}/files/training/Train", "source": "train.py", "language": "PYTHON"},
        "drawn": {"path": f"{ROOT}/files/Drawn", "source": "drawn.ipynb"},
    },
    "databricks_workspace_file": {
        "lib": {"path": f"{ROOT}/files/training/steps/lib.py", "source": "lib.py"},
        "empty": {"path": f"{ROOT}/files/training/__init__.py", "source": "empty.py"},
    },
    "databricks_mlflow_experiment": {
        "e": {"name": "/Users/${data.databricks_current_user.me.user_name}/test-taxi", "depends_on": []},
    },
    "databricks_mlflow_model": {"m": {"name": "test-taxi", "description": "of the workspace"}},
    "databricks_schema": {"made": {"catalog_name": "bundled", "name": "made", "force_destroy": True}},
    "databricks_registered_model": {
        "r": {
            "catalog_name": "bundled",
            "schema_name": "${databricks_schema.made.name}",
            "name": "m",
            "comment": "one",
        },
    },
    "databricks_grants": {
        "r": {
            "function": "${databricks_registered_model.r.id}",
            "grant": [{"principal": "account users", "privileges": ["EXECUTE"]}],
        },
    },
    "databricks_volume": {
        "v": {
            "catalog_name": "bundled",
            "schema_name": "${databricks_schema.made.name}",
            "name": "v",
            "volume_type": "MANAGED",
            "comment": "one",
        },
    },
    "databricks_quality_monitor": {
        "q": {
            "table_name": TABLE,
            "output_schema_name": SCHEMA,
            "assets_dir": "${databricks_directory.assets.path}",
            "inference_log": [
                {
                    "granularities": ["1 day"],
                    "model_id_col": "model_id",
                    "prediction_col": "prediction",
                    "label_col": "price",
                    "problem_type": "PROBLEM_TYPE_REGRESSION",
                    "timestamp_col": "at",
                }
            ],
            "schedule": [{"quartz_cron_expression": "0 0 8 * * ?", "timezone_id": "UTC"}],
        },
    },
    "databricks_pipeline": {
        "p": {
            "name": "test-taxi-pipeline",
            "development": False,
            "catalog": "bundled",
            "schema": "taxi",
            "library": [{"notebook": [{"path": "${databricks_notebook.train.path}"}]}],
            "cluster": [{"label": "default", "num_workers": 1}],
        },
    },
    "databricks_job": {
        "training": JOB,
        "bare": BARE_JOB,
        "chained": {
            "name": "chained",
            "task": [{"task_key": "run", "run_job_task": [{"job_id": "${databricks_job.training.id}"}]}],
        },
        "scheduled": {
            "schedule": [{"quartz_cron_expression": "0 0 9 * * ?", "timezone_id": "UTC"}],
            "git_source": [{"url": "https://github.com/acme-ml/taxi-fare", "branch": "release", "provider": "gitHub"}],
            "task": [{"task_key": "run", "notebook_task": [{"notebook_path": "training/Train", "source": "GIT"}]}],
        },
    },
    "databricks_permissions": {
        "job": {"job_id": "${databricks_job.training.id}", "access_control": [VIEWERS]},
        "experiment": {"experiment_id": "${databricks_mlflow_experiment.e.id}", "access_control": [READERS]},
        "model": {
            "registered_model_id": "${databricks_mlflow_model.m.registered_model_id}",
            "access_control": [READERS],
        },
        "pipeline": {"pipeline_id": "${databricks_pipeline.p.id}", "access_control": [VIEWERS]},
        "directory": {"directory_path": "${databricks_directory.assets.path}", "access_control": [READERS]},
        "notebook": {"notebook_path": "${databricks_notebook.train.path}", "access_control": [READERS]},
        "file": {"workspace_file_path": "${databricks_workspace_file.lib.path}", "access_control": [READERS]},
    },
}
