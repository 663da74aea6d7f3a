"""Each privilege of the guide taken away: what then fails, the deploy or a run, and with what words."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.service.catalog import PermissionsChange, Privilege
from databricks.sdk.service.jobs import RunResultState

from tests.deployments import Deployment, administrator, application_id, as_ci, deployment_in, enter
from tests.guide import EVERYTHING, HOSTS, SETUP, sql
from tests.ml_project import NOTEBOOK, write_project

# The guide's jobs in small: features, training and batch inference, with the guide's names for parameters.
PROJECT = {
    "databricks.yml": """\
bundle: {name: fares}
include: [assets/*.yml]
variables:
  input: {default: "${bundle.target}.taxi_fare.trips"}
  output: {default: "${bundle.target}.taxi_fare.predictions"}
targets:
  staging: {workspace: {host: "https://acme-staging.cloud.databricks.com"}}
  test: {workspace: {host: "https://acme-staging.cloud.databricks.com"}}
  prod:
    workspace: {host: "https://acme-prod.cloud.databricks.com"}
    variables: {input: raw.taxi.trips, output: marts.fares.predictions}
""",
    "assets/all.yml": """\
resources:
  experiments:
    runs: {name: "/Users/${workspace.current_user.userName}/${bundle.target}-fares"}
  registered_models:
    model: {name: fares, catalog_name: "${bundle.target}", schema_name: taxi_fare}
  jobs:
    features:
      name: features
      tasks:
        - task_key: features
          notebook_task:
            notebook_path: ../ingest.py
            base_parameters:
              input_table_name: ${var.input}
              output_table_name: ${bundle.target}.taxi_fare.features
    training:
      name: training
      tasks:
        - task_key: training
          notebook_task:
            notebook_path: ../ingest.py
            base_parameters:
              input_table_name: ${bundle.target}.taxi_fare.trips
              experiment_name: /Users/${workspace.current_user.userName}/${bundle.target}-fares
              model_name: ${bundle.target}.taxi_fare.fares
    inference:
      name: inference
      tasks:
        - task_key: inference
          notebook_task:
            notebook_path: ../ingest.py
            base_parameters:
              input_table_name: ${var.input}
              output_table_name: ${var.output}
              model_name: ${bundle.target}.taxi_fare.fares
""",
    "ingest.py": NOTEBOOK,
}
# Tables of somebody else, which are there before the jobs.
TABLES = [
    f"{catalog}.taxi_fare.{table}" for catalog in ("staging", "test", "prod") for table in ("trips", "predictions")
]
OF_TARGET = {"raw": "prod", "marts": "prod"}
SECRET_OF = {
    "staging": ("STAGING_WORKSPACE_TOKEN", "main"),
    "test": ("STAGING_WORKSPACE_TOKEN", "main"),
    "prod": ("PROD_WORKSPACE_TOKEN", "release"),
}

# What fails when a privilege on a catalog or a schema of a target is missing, typed from the guide's reasons for it.
# The model is the principal's own: whoever owns it loads it without EXECUTE.
IN_A_TARGET: dict[str, set[str]] = {
    "USE_CATALOG": {"deploy"},
    "USE_SCHEMA": {"deploy"},
    "CREATE_MODEL": {"deploy"},
    "CREATE_TABLE": {"features"},
    "SELECT": {"features", "training", "inference"},
    "MODIFY": {"inference"},
    "EXECUTE": set(),
}
# The same for the tables elsewhere that production reads and writes.
ELSEWHERE: Mapping[tuple[str, str], set[str]] = {
    ("raw", "USE_CATALOG"): {"features", "inference"},
    ("raw.taxi", "USE_SCHEMA"): {"features", "inference"},
    ("raw.taxi.trips", "SELECT"): {"features", "inference"},
    ("marts", "USE_CATALOG"): {"inference"},
    ("marts.fares", "USE_SCHEMA"): {"inference"},
    ("marts.fares.predictions", "SELECT"): {"inference"},
    ("marts.fares.predictions", "MODIFY"): {"inference"},
}
# Production's own schema has no input and no output of its jobs but what training reads.
IN_PRODUCTION = {"SELECT": {"training"}, "MODIFY": set[str]()}


def expected(target: str, name: str, privilege: str) -> set[str]:
    if (name, privilege) in ELSEWHERE:
        return ELSEWHERE[name, privilege]
    return (IN_A_TARGET | IN_PRODUCTION if target == "prod" else IN_A_TARGET)[privilege]


@pytest.fixture(scope="module")
def setup(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """Both environments, and the tables; saved, to return to before each deploy."""
    folder = tmp_path_factory.mktemp("privileges") / "project"
    write_project(folder, PROJECT, only=True)
    with deployment_in(folder, {**SETUP, "ml_project": {"path": "ml"}}) as deployment:
        deployment.synth()
        for environment in ("staging", "prod"):
            deployment.apply(environment)
        with pytest.MonkeyPatch.context() as monkeypatch:
            enter(deployment, monkeypatch)
            client = administrator(deployment, HOSTS["staging"])
            for table in TABLES:
                sql(client, f"CREATE TABLE {table} (id INT)")
        deployment.sandbox.ask("save")
        yield deployment


@pytest.fixture(scope="module")
def runners(setup: Deployment) -> dict[str, Deployment]:
    """A job of each target's workflow."""
    return {target: as_ci(setup, *secret) for target, secret in SECRET_OF.items()}


def failures(setup: Deployment, runner: Deployment, target: str, host: str) -> dict[str, str]:
    """What fails when the target is deployed and its jobs are run, with its words."""
    runner.synth()
    for state in setup.sandbox.folder.terraform_state.glob(f"bundle-{target}.*"):
        state.unlink()
    stack = f"bundle-{target}"
    folder = runner.output / "stacks" / stack
    if not (folder / ".terraform").exists():
        runner.terraform(stack, "init", "-input=false")
    code, said = runner.outcome(
        runner.environ["TERRAFORM_BINARY_NAME"], "apply", "-auto-approve", "-input=false", "-no-color", cwd=folder
    )
    if code:
        return {"deploy": said}
    client = WorkspaceClient(host=host, token=runner.environ["DATABRICKS_TOKEN"], auth_type="pat")
    started = {job.settings.name: client.jobs.run_now(job.job_id).run_id for job in client.jobs.list() if job.settings}
    setup.sandbox.ask("clock", offset_seconds=timedelta(minutes=5).total_seconds())
    runs = {name: client.jobs.get_run(run_id) for name, run_id in started.items()}
    setup.sandbox.ask("clock", offset_seconds=0)
    assert len(runs) == 3
    return {
        str(name): str(run.state.state_message)
        for name, run in runs.items()
        if run.state and run.state.result_state is not RunResultState.SUCCESS
    }


@pytest.mark.parametrize("target", SECRET_OF)
def test_with_the_token_and_the_guides_privileges_everything_works(
    target: str, setup: Deployment, runners: dict[str, Deployment], monkeypatch: pytest.MonkeyPatch
) -> None:
    enter(setup, monkeypatch)
    setup.sandbox.ask("restore")
    assert failures(setup, runners[target], target, HOSTS["prod" if target == "prod" else "staging"]) == {}


@pytest.mark.parametrize(("environment", "kind", "name", "privilege"), EVERYTHING)
def test_without_a_privilege_what_needs_it_fails_and_nothing_else(
    environment: str,
    kind: str,
    name: str,
    privilege: str,
    setup: Deployment,
    runners: dict[str, Deployment],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    enter(setup, monkeypatch)
    setup.sandbox.ask("restore")
    catalog = name.partition(".")[0]
    target = OF_TARGET.get(catalog, catalog)
    admin = administrator(setup, HOSTS[environment])
    principal = application_id(admin, f"taxi-fare-{environment}-ci")
    admin.grants.update(kind, name, changes=[PermissionsChange(principal=principal, remove=[Privilege(privilege)])])
    failed = failures(setup, runners[target], target, HOSTS[environment])
    assert set(failed) == expected(target, name, privilege)
    assert all(privilege.replace("_", " ") in words for words in failed.values()), failed
