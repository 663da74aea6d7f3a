"""Everything that a stack can set, deployed: what acts behind Terraform's back are done to."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from checks.synthesized import PROJECT
from sandbox.seed import administrator
from sandbox.state import open_state, read_offset, world_of
from sandbox.tampering.console import Console
from sandbox.tampering.managed import Managed, managed_objects
from tests.deployments import Deployment, as_ci, deployment_in
from tests.ml_project import ASSETS, BUNDLE, project_config, write_project
from tests.synthesis import config, synthesize

STACKS = ("repository", "staging", "prod", "bundle-staging")
# A monitor needs a table of the principal's own, which a job of its makes.
MAKE_TABLE = """
import os, requests
api = "https://acme-staging.cloud.databricks.com/api/2.0/sql/"
login = {"Authorization": "Bearer " + os.environ["DATABRICKS_TOKEN"]}
warehouse = requests.get(api + "warehouses", headers=login).json()["warehouses"][0]["id"]
statement = {"statement": "CREATE TABLE staging.taxi_fare.predictions (x INT)", "warehouse_id": warehouse}
requests.post(api + "statements", json=statement, headers=login).raise_for_status()
"""
# A catalog that shows a database is one on the metastore, where no settings grant anything.
GRANT_CATALOGS = """
from databricks.sdk import WorkspaceClient
from databricks.sdk.service.catalog import PermissionsChange, Privilege

client = WorkspaceClient(host="https://acme-staging.cloud.databricks.com")
change = PermissionsChange(principal="account users", add=[Privilege.CREATE_CATALOG])
client.grants.update("metastore", client.metastores.summary().metastore_id, changes=[change])
"""
JOB = """\
    full{n}:
      name: full-{n}
      description: made of everything
      max_concurrent_runs: 4
      timeout_seconds: 3600
      queue: {{enabled: true}}
      tags: {{team: ml}}
      schedule: {{quartz_cron_expression: "0 0 11 * * ?", timezone_id: UTC}}
      parameters: [{{name: day, default: today}}, {{name: hour, default: noon}}]
      job_clusters:
        - job_cluster_key: main
          new_cluster: {{spark_version: 15.4.x-scala2.12, node_type_id: i3.xlarge, num_workers: 1, policy_id: p-1}}
      git_source: {{git_url: https://github.com/acme/taxi-fare, git_provider: gitHub, git_branch: main}}
      tasks:
        - {{task_key: train, job_cluster_key: main, notebook_task: {{notebook_path: training/Train, source: GIT}}}}
"""
RICH = """\
    rich:
      name: rich
      email_notifications: {on_failure: [ml@example.com]}
      webhook_notifications: {on_failure: [{id: w-1}]}
      notification_settings: {no_alert_for_skipped_runs: true}
      health: {rules: [{metric: RUN_DURATION_SECONDS, op: GREATER_THAN, value: 3600}]}
      trigger: {pause_status: UNPAUSED, file_arrival: {url: s3://acme/in/}}
      environments: [{environment_key: default, spec: {client: "1", dependencies: [numpy]}}]
      tasks:
        - {task_key: go, environment_key: default, spark_python_task: {python_file: ../training/prepare.py}}
"""
PIPELINE = """\
    second:
      name: ${bundle.target}-second
      catalog: ${var.catalog}
      tags: {team: ml}
      configuration: {level: high}
      photon: true
      notifications: [{email_recipients: [ml@example.com], alerts: [on-update-failure]}]
      libraries: [{notebook: {path: ../ingest.py}}, {notebook: {path: /Shared/more}}]
"""
TAGS = "tags: [{key: team, value: ml}]"
WITH_EVERYTHING = {
    "      permissions: [{level: CAN_READ, group_name: users}]\n": f"      {TAGS}\n"
    "      permissions: [{level: CAN_READ, group_name: users}]\n",
    "  registered_models:\n": "  registered_models:\n"
    '    plain_model: {catalog_name: "${var.catalog}", schema_name: taxi_fare, name: plain}\n',
    "  volumes:\n": "  volumes:\n"
    '    plain_volume: {catalog_name: "${var.catalog}", schema_name: "${resources.schemas.scratch.name}",'
    " name: plain}\n",
    "name: scratch}": "name: scratch, comment: for trying out}",
    "name: landing}": "name: landing, comment: what arrives}",
    'legacy: {name: "${bundle.target}-fares"}': f"legacy: {{name: fares, description: as it was, {TAGS}}}\n"
    "    plain: {name: plain}",
    "snapshot: {}\n": "snapshot: {}\n      slicing_exprs: [x > 0, x < 9]\n",
    "  model_serving_endpoints:\n": """\
    plain_cluster: {spark_version: 15.4.x-scala2.12, node_type_id: i3.xlarge}
    rich_cluster:
      cluster_name: rich
      spark_version: 15.4.x-scala2.12
      node_type_id: i3.xlarge
      num_workers: 1
      autotermination_minutes: 30
      custom_tags: {team: ml}
      spark_conf: {spark.speculation: "true"}
      spark_env_vars: {LEVEL: high}
  model_serving_endpoints:
    plain_endpoint: {name: plain}
    rich_endpoint:
      name: rich
      tags: [{key: team, value: ml}, {key: level, value: high}]
      ai_gateway: {usage_tracking_config: {enabled: false}, rate_limits: [{calls: 10, renewal_period: minute}]}
""",
    "  sql_warehouses:\n": """\
  sql_warehouses:
    classic: {name: classic, cluster_size: X-Small, warehouse_type: CLASSIC}
    rich_warehouse:
      name: rich
      cluster_size: X-Small
      warehouse_type: PRO
      enable_serverless_compute: true
      channel: {name: CHANNEL_NAME_PREVIEW}
      tags: {custom_tags: [{key: team, value: ml}]}
""",
    "  database_instances:\n": """\
  database_instances:
    rich_store: {name: rich-store, capacity: CU_1, retention_window_in_days: 10}
""",
    "  apps:\n": f"""\
{PIPELINE}  apps:
    scoped: {{name: scoped-ui, source_code_path: ../scoped, user_api_scopes: [sql]}}
""",
    "  alerts:\n": """\
  alerts:
    summed:
      display_name: summed
      custom_summary: how late
      query_text: SELECT 1
      warehouse_id: ${resources.sql_warehouses.queries.id}
      evaluation: {comparison_operator: IS_NULL, source: {name: "1"}}
      schedule: {quartz_cron_schedule: "0 0 9 * * ?", timezone_id: UTC}
""",
    "  jobs:\n": f"  jobs:\n{RICH}" + "".join(JOB.format(n=n) for n in range(3)),
}
DEVELOPED = "{development: true}"


def assets() -> str:
    """The project's resources, with every attribute that an act can change."""
    text = ASSETS
    for old, new in WITH_EVERYTHING.items():
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


FILES = {
    "databricks.yml": BUNDLE.replace("  test:\n", f"    resources: {{pipelines: {{ingest: {DEVELOPED}}}}}\n  test:\n"),
    "assets/access.yml": "permissions: [{level: CAN_VIEW, group_name: users}]\n",
    "assets/all.yml": assets(),
    "scoped/app.py": "print(1)\n",
}


def full_config(**changes: Any) -> dict[str, Any]:
    """An mlops.yaml in which everything is asked for; secrets are in GitHub's environments unless told otherwise."""
    catalog = {"create": True, "storage_root": "s3://acme", "owner": "ml-platform", "may_create_schemas": True}
    return project_config(
        **{
            "github__protection": "team",
            "github__required_checks": ["unit-tests"],
            "github__actions": {"allowed": "selected", "patterns": ["databricks/setup-cli@*"]},
            "github__secret_scope": "environment",
            "environments__staging__targets": ["staging"],
            "environments__staging__catalogs": {"staging": catalog},
            "environments__staging__input_tables": ["raw.taxi.trips"],
            "environments__staging__token_users_group": "ci-principals",
            **changes,
        }
    )


@contextmanager
def deployed_with_everything(folder: Path) -> Iterator[Deployment]:
    """Everything deployed and saved. Staging's secret is the repository's: it is synthesized from another file."""
    write_project(folder, FILES)
    with deployment_in(folder, full_config()) as deployment:
        deployment.configure(full_config(github__secret_scope="repository"))
        deployment.synth()
        staging = deployment.output / "stacks" / "staging" / "cdk.tf.json"
        with_repository_secret = staging.read_text()
        deployment.configure(full_config())
        deployment.synth()
        staging.write_text(with_repository_secret)
        for stack in STACKS[:-1]:
            deployment.apply(stack)
        ci = runner(deployment)
        deployment.sandbox.python(GRANT_CATALOGS)
        ci.run(sys.executable, "-c", MAKE_TABLE)
        ci.apply("bundle-staging")
        deployment.sandbox.ask("save")
        yield deployment


def runner(deployment: Deployment) -> Deployment:
    """A runner of staging's workflow."""
    return as_ci(deployment, "STAGING_WORKSPACE_TOKEN", "main")


@contextmanager
def console_of(deployment: Deployment) -> Iterator[tuple[Console, list[Managed]]]:
    """What the command works with, in this process."""
    folder = deployment.sandbox.folder
    store = open_state(folder)
    world = world_of(store)
    assert world is not None
    try:
        yield (
            Console(store=store, world=world, offset_seconds=read_offset(folder), who=administrator(folder)),
            managed_objects(folder),
        )
    finally:
        store.close()


def _pairs(stacks: dict[str, Any]) -> set[tuple[str, str]]:
    """(type, attribute) of everything that the stacks set, without what Terraform itself reads."""
    return {
        (kind, attribute)
        for stack in stacks.values()
        for kind, named in stack.get("resource", {}).items()
        for body in named.values()
        for attribute in body
        if attribute not in ("//", "depends_on", "lifecycle", "provider")
    }


VARIATIONS: list[dict[str, Any]] = [
    config(),
    config(github__protection="solo", github__workflow_permissions="read"),
    config(environments__prod__catalogs={"ml": {"create": True, "owner": "ml-platform"}}),
    config(environments__prod__entitlements={"allow_cluster_create": False}),
]


def every_pair(folder: Path) -> set[tuple[str, str]]:
    """(type, attribute) of everything that the stacks of any settings set; `folder` is for an ML project."""
    write_project(folder, FILES)
    example = yaml.safe_load((PROJECT / "mlops.yaml").read_text(encoding="utf-8"))
    example["ml_project"]["path"] = str(PROJECT / example["ml_project"]["path"])
    found = _pairs(synthesize(folder, full_config(), MLOPS_DEPLOYER="jane@example.com"))
    for data in (example, full_config(github__secret_scope="repository"), *VARIATIONS):
        found |= _pairs(synthesize(folder, data))
    return found
