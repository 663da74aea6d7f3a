"""Jobs, pipelines, clusters and SQL warehouses.

What the service fills in is taken from where the CLI ("backend_defaults" of its direct engine, its test server) and the
provider (SetComputed, SetSuppressDiff, SetDefault) leave it alone.
"""

from checks.drift.live.row import API, CLI, PROVIDER, Answer, Default, LiveRow

_ENGINE = f"{CLI}/bundle/direct/dresources/resources.yml"
_TEST_SERVER = f"{CLI}/libs/testserver/jobs.go"
_JOB = f"{PROVIDER}/jobs/resource_job.go"
_CLUSTER = f"{PROVIDER}/clusters/resource_cluster.go"
_PIPELINE = f"{PROVIDER}/pipelines/resource_pipeline.go"
_WAREHOUSE = f"{PROVIDER}/sql/resource_sql_endpoint.go"


def _clusters(*places: str) -> tuple[Default, ...]:
    """What the service fills into clusters; `places` are what stands before their attributes.

    Who they act as in the cloud, such as an instance profile, is not in it.
    """
    computed = (
        "data_security_mode",
        "driver_instance_pool_id",
        "driver_node_type_id",
        "enable_elastic_disk",
        "enable_local_disk_encryption",
        "node_type_id",
    )
    of_clouds = {
        "aws_attributes": (
            "availability",
            "ebs_volume_count",
            "ebs_volume_iops",
            "ebs_volume_size",
            "ebs_volume_throughput",
            "ebs_volume_type",
            "first_on_demand",
            "spot_bid_price_percent",
            "zone_id",
        ),
        "azure_attributes": ("availability", "first_on_demand", "spot_bid_max_price"),
        "gcp_attributes": (
            "availability",
            "boot_disk_size",
            "first_on_demand",
            "local_ssd_count",
            "use_preemptible_executors",
            "zone_id",
        ),
    }
    found: list[Default] = []
    for place in places:
        found += [Default(f"{place}{name}", _ENGINE) for name in computed]
        found += [Default(f"{place}{cloud}.{name}", _CLUSTER) for cloud, names in of_clouds.items() for name in names]
        found += [
            Default(f"{place}runtime_engine", f"{API}/clusters/get", ("STANDARD", "NULL")),
            Default(
                f"{place}spark_env_vars.PYSPARK_PYTHON",
                f"{API}/clusters/get",
                ("/databricks/python3/bin/python3",),
            ),
            Default(f"{place}workload_type.clients.jobs", _CLUSTER, (True,)),
            Default(f"{place}workload_type.clients.notebooks", _CLUSTER, (True,)),
        ]
    return tuple(found)


def _job(answer: Answer) -> Answer:
    """The settings with who the job runs as, which is shown beside them (jobs/jobs_api_go_sdk.go of the provider)."""
    return {**(answer.get("settings") or {}), "run_as": _named(answer)}


def _pipeline(answer: Answer) -> Answer:
    return {**(answer.get("spec") or {}), "run_as": _named(answer)}


def _named(answer: Answer) -> Answer:
    """`run_as` as it is configured: who has an @ in the name is a user."""
    name = str(answer.get("run_as_user_name") or "")
    return {"user_name" if "@" in name else "service_principal_name": name} if name else {}


ROWS = (
    LiveRow(
        type="databricks_job",
        url="/api/2.2/jobs/get?job_id={id}",
        adapted=_job,
        names={
            "tasks": "task",
            "job_clusters": "job_cluster",
            "environments": "environment",
            "parameters": "parameter",
            "*.libraries": "library",
            "*.cluster_mount_infos": "cluster_mount_info",
            "git_source.git_url": "url",
            "git_source.git_provider": "provider",
            "git_source.git_branch": "branch",
            "git_source.git_tag": "tag",
            "git_source.git_commit": "commit",
        },
        identity={
            "always_running": f"Terraform's own: {_JOB}",
            "control_run_state": f"Terraform's own: {_JOB}",
            "*.apply_policy_default_values": f"no read shows it: {_ENGINE}",
            "*.__apply_policy_default_values_allow_list": f"Terraform's own: {_JOB}",
        },
        defaults=(
            Default("format", _ENGINE, ("MULTI_TASK", "SINGLE_TASK")),
            Default("deployment", f"{API}/jobs/get"),
            Default("edit_mode", f"{API}/jobs/get", ("EDITABLE",)),
            Default("max_concurrent_runs", _JOB, (1,)),
            Default("performance_target", f"{API}/jobs/get", ("PERFORMANCE_OPTIMIZED",)),
            Default("queue.enabled", f"{API}/jobs/get", (True,), silent=False),
            Default("*.pause_status", _JOB, ("UNPAUSED",), inner=True),
            Default("*.run_if", _ENGINE, ("ALL_SUCCESS",)),
            Default("*.notebook_task.source", _JOB),
            Default("*.spark_python_task.source", _JOB),
            Default("*.sql_task.file.source", _JOB),
            Default("*.dbt_task.source", _JOB),
            Default("*.dbt_task.schema", _JOB, ("default",)),
            Default("*.spark_jar_task.run_as_repl", _JOB, (True,)),
            Default("*.retry_on_timeout", _JOB),
            Default("*.for_each_task.concurrency", f"{API}/jobs/get", (1,)),
            Default("continuous.task_retry_mode", f"{API}/jobs/get", ("NEVER",)),
            Default("environment.spec.client", f"{API}/jobs/get"),
            Default("environment.spec.environment_version", f"{API}/jobs/get"),
            *_clusters("*.new_cluster."),
        ),
        principal="run_as",
    ),
    LiveRow(
        type="databricks_pipeline",
        url="/api/2.0/pipelines/{id}",
        adapted=_pipeline,
        names={"clusters": "cluster", "libraries": "library", "notifications": "notification"},
        identity={
            "id": f"the service's own: {_PIPELINE}",
            "allow_duplicate_names": f"no read shows it: {_ENGINE}",
            "expected_last_modified": f"no read shows it: {_PIPELINE}",
        },
        defaults=(
            Default("channel", _PIPELINE, ("CURRENT",)),
            Default("edition", _PIPELINE, ("ADVANCED",)),
            Default("deployment", f"{API}/pipelines/get"),
            Default("event_log.catalog", _PIPELINE),
            Default("event_log.schema", _PIPELINE),
            Default("storage", _ENGINE),
            Default("*.autoscale.mode", f"{API}/pipelines/get", ("LEGACY",)),
            *_clusters("*.cluster."),
        ),
        alike={"catalog": str.casefold, "channel": str.casefold, "edition": str.casefold},
        principal="run_as",
    ),
    LiveRow(
        type="databricks_cluster",
        url="/api/2.1/clusters/get?cluster_id={id}",
        identity={
            "cluster_id": f"the service's own: {_CLUSTER}",
            "default_tags": f"the service's own: {_CLUSTER}",
            "state": "whether it runs just now is nobody's to configure",
            "no_wait": f"Terraform's own: {_CLUSTER}",
            "is_pinned": f"another request shows it: {_CLUSTER}",
            "apply_policy_default_values": f"no read shows it: {_ENGINE}",
        },
        defaults=(
            Default("autotermination_minutes", _CLUSTER, (60,)),
            *_clusters(""),
        ),
    ),
    LiveRow(
        type="databricks_sql_endpoint",
        url="/api/2.0/sql/warehouses/{id}",
        identity={
            "id": f"the service's own: {_WAREHOUSE}",
            "creator_name": f"the service's own: {_WAREHOUSE}",
            "health": "how it is just now is nobody's to configure",
            "jdbc_url": f"the service's own: {_WAREHOUSE}",
            "no_wait": f"Terraform's own: {_WAREHOUSE}",
            "num_active_sessions": "who uses it just now is nobody's to configure",
            "num_clusters": "how many run just now is nobody's to configure",
            "odbc_params": f"the service's own: {_WAREHOUSE}",
            "state": "whether it runs just now is nobody's to configure",
        },
        defaults=(
            Default("auto_stop_mins", _WAREHOUSE, (120,)),
            Default("channel.name", _WAREHOUSE, ("CHANNEL_NAME_CURRENT",)),
            Default("channel.dbsql_version", f"{API}/warehouses/get"),
            Default("enable_photon", _WAREHOUSE, (True,)),
            Default("enable_serverless_compute", _WAREHOUSE),
            Default("max_num_clusters", _WAREHOUSE, (1,)),
            Default("min_num_clusters", f"{API}/warehouses/get", (1,)),
            Default("spot_instance_policy", _WAREHOUSE, ("COST_OPTIMIZED",)),
            Default("warehouse_type", f"{API}/warehouses/get", ("CLASSIC",)),
        ),
    ),
)
