"""The example ML project: its bundle, its own tests and its workflows."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from bundle import Git, Identity, ResolvedBundle, resolve

ROOT = Path(__file__).parent.parent
PROJECT = ROOT / "examples" / "taxi_fare"
WORKFLOWS = sorted((PROJECT / ".github" / "workflows").glob("*.yml"))
TARGETS = ("dev", "staging", "test", "prod")
# The parameters that name a table.
TABLES = ("input_table_name", "output_table_name", "pickup_features_table", "dropoff_features_table")
APPLICATION_ID = "b9c7f1de-0000-4000-8000-00000000abcd"
PRINCIPAL = Identity.service_principal(APPLICATION_ID, display_name="taxi-fare-ci")
USER = Identity.user("jane.doe@example.com")

every_target = pytest.mark.parametrize("target", TARGETS)
every_workflow = pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)


def bundle_of(target: str, identity: Identity = PRINCIPAL) -> ResolvedBundle:
    git = Git(origin_url="https://github.com/acme-ml/taxi-fare.git", branch="main", commit="0" * 40)
    return resolve(PROJECT, target=target, identity=identity, git=git)


def settings_of(resolved: ResolvedBundle, kind: str) -> dict[str, Any]:
    return {resource.key: resource.settings for resource in resolved.of(kind)}


def run(*command: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    environ = {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1", **environment}
    return subprocess.run(command, cwd=cwd, env=environ, capture_output=True, text=True, check=False, timeout=300)


# The bundle


@every_target
@pytest.mark.parametrize("identity", [PRINCIPAL, USER], ids=["principal", "user"])
def test_the_bundle_resolves_without_a_word(target: str, identity: Identity) -> None:
    assert [str(one) for one in bundle_of(target, identity).diagnostics] == []


@every_target
def test_the_command_has_nothing_to_say_about_the_bundle(target: str) -> None:
    command = ("-m", "bundle", str(PROJECT), "-t", target, "--service-principal", APPLICATION_ID)
    done = run(sys.executable, *command, "--display-name", "taxi-fare-ci", cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_default_target_is_that_of_a_person() -> None:
    assert bundle_of("").name == "taxi-fare"
    assert bundle_of("").workspace == bundle_of("dev").workspace


def test_the_targets_are_those_of_the_settings() -> None:
    settings = yaml.safe_load((ROOT / "mlops.yaml").read_text(encoding="utf-8"))
    for environment in settings["environments"].values():
        for target in environment.get("targets", []):
            assert bundle_of(target).workspace["host"] == environment["host"]
    prod = settings["environments"]["prod"]
    assert bundle_of("prod").workspace["host"] == prod["host"]


@every_target
def test_models_and_tables_live_in_the_catalog_of_their_target(target: str) -> None:
    named: dict[str, set[str]] = {name: set() for name in (*TABLES, "model_name")}
    for _, name, value in parameters(bundle_of(target)):
        if name in named:
            named[name].add(value.rpartition(".")[0])
    assert named == {name: {f"{target}.taxi_fare"} for name in named}


@every_target
@pytest.mark.parametrize("identity", [PRINCIPAL, USER], ids=["principal", "user"])
def test_jobs_are_told_the_names_of_what_the_bundle_makes(target: str, identity: Identity) -> None:
    resolved = bundle_of(target, identity)
    (model,) = settings_of(resolved, "registered_models").values()
    (experiment,) = settings_of(resolved, "experiments").values()
    full_name = f"{model['catalog_name']}.{model['schema_name']}.{model['name']}"
    assert {value for _, name, value in parameters(resolved) if name == "model_name"} == {full_name}
    assert {value for _, name, value in parameters(resolved) if name == "experiment_name"} == {experiment["name"]}


def test_tables_are_written_before_they_are_read() -> None:
    resolved = bundle_of("staging")
    jobs = settings_of(resolved, "jobs")
    hours = {key: int(job["schedule"]["quartz_cron_expression"].split()[2]) for key, job in jobs.items()}
    assert hours == {"write_feature_table_job": 7, "model_training_job": 9, "batch_inference_job": 11}
    written = {value for _, name, value in parameters(resolved) if name == "output_table_name"}
    read = {value for _, name, value in parameters(resolved) if name in TABLES and name != "output_table_name"}
    assert read <= written


def test_training_is_validated_before_it_is_deployed() -> None:
    tasks = {task["task_key"]: task for task in settings_of(bundle_of("prod"), "jobs")["model_training_job"]["tasks"]}
    after = {key: [one["task_key"] for one in task.get("depends_on", ())] for key, task in tasks.items()}
    assert after == {"Train": [], "ModelValidation": ["Train"], "ModelDeployment": ["ModelValidation"]}


@pytest.mark.parametrize(
    ("target", "status", "run_mode"),
    [
        ("dev", "PAUSED", "dry_run"),
        ("test", "PAUSED", "dry_run"),
        ("staging", "UNPAUSED", "enabled"),
        ("prod", "UNPAUSED", "enabled"),
    ],
)
def test_only_staging_and_production_run_by_themselves_and_hold_back_bad_models(
    target: str, status: str, run_mode: str
) -> None:
    resolved = bundle_of(target)
    assert {job["schedule"]["pause_status"] for job in settings_of(resolved, "jobs").values()} == {status}
    assert [value for _, name, value in parameters(resolved) if name == "run_mode"] == [run_mode]


def test_two_people_have_two_models() -> None:
    other = Identity.user("john.roe@example.com")
    models = [settings_of(bundle_of("dev", person), "registered_models")["model"]["name"] for person in (USER, other)]
    assert models == ["jane_doe-taxi-fare-model", "john_roe-taxi-fare-model"]


@every_target
def test_everybody_may_look_and_load_the_model(target: str) -> None:
    resolved = bundle_of(target)
    (model,) = settings_of(resolved, "registered_models").values()
    assert [(grant["principal"], list(grant["privileges"])) for grant in model["grants"]] == [
        ("account users", ["EXECUTE"])
    ]
    for kind, level in (("jobs", "CAN_VIEW"), ("experiments", "CAN_READ")):
        for settings in settings_of(resolved, kind).values():
            assert {"level": level, "group_name": "users"} in [dict(one) for one in settings["permissions"]]


@every_target
def test_every_task_has_a_cluster_that_can_use_unity_catalog(target: str) -> None:
    for job in settings_of(bundle_of(target), "jobs").values():
        shared = {one["job_cluster_key"]: one["new_cluster"] for one in job.get("job_clusters", ())}
        for task in job["tasks"]:
            cluster = task.get("new_cluster") or shared[task["job_cluster_key"]]
            assert cluster["data_security_mode"] == "SINGLE_USER"


def test_tests_and_workflows_stay_out_of_the_workspace() -> None:
    folders = {file.partition("/")[0] for file in bundle_of("prod").files if "/" in file}
    assert folders == {"assets", "data", "deployment", "feature_engineering", "training", "validation"}


def parameters(resolved: ResolvedBundle) -> Iterator[tuple[str, str, str]]:
    """Task, name and value of all notebook parameters."""
    for job in settings_of(resolved, "jobs").values():
        for task in job["tasks"]:
            for name, value in task["notebook_task"]["base_parameters"].items():
                yield task["task_key"], name, value


# The notebooks


@every_target
def test_every_parameter_is_read_by_its_notebook_and_no_other(target: str) -> None:
    for job in settings_of(bundle_of(target), "jobs").values():
        for task in job["tasks"]:
            path = task["notebook_task"]["notebook_path"].rpartition("/files/")[2]
            code = (PROJECT / f"{path}.py").read_text(encoding="utf-8")
            declared = re.findall(r'dbutils\.widgets\.\w+\(\s*"(\w+)",', code)
            assert sorted(declared) == sorted(task["notebook_task"]["base_parameters"]), path


# The project's own checks


def test_the_projects_own_tests_pass() -> None:
    done = run(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", cwd=PROJECT)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "command", [("check", "--no-cache"), ("format", "--check", "--no-cache")], ids=lambda one: one[0]
)
def test_the_projects_code_is_tidy(command: tuple[str, ...]) -> None:
    done = run(sys.executable, "-m", "ruff", *command, ".", cwd=PROJECT)
    assert done.returncode == 0, done.stdout + done.stderr


# The workflows


def workflow(name: str) -> dict[str, Any]:
    return parsed(PROJECT / ".github" / "workflows" / f"taxi-fare-{name}.yml")


def parsed(file: Path) -> dict[str, Any]:
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    # YAML 1.1 takes the key `on` for true.
    return {"on" if key is True else key: value for key, value in content.items()}


def test_the_workflows_are_the_guides() -> None:
    names = ["bundle-cd-prod", "bundle-cd-staging", "bundle-ci", "run-tests"]
    assert [file.stem for file in WORKFLOWS] == [f"taxi-fare-{name}" for name in names]


@every_workflow
def test_actions_and_workflows_are_pinned_by_commit(file: Path) -> None:
    uses = re.findall(r"uses: *(.*)", file.read_text(encoding="utf-8"))
    assert uses
    for one in uses:
        assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # \S+", one), one


@every_workflow
def test_jobs_may_read_the_code_and_nothing_else(file: Path) -> None:
    assert parsed(file)["permissions"] == {}
    for job in parsed(file)["jobs"].values():
        assert job["permissions"] == {"contents": "read"}


@every_workflow
def test_pull_requests_see_no_secret(file: Path) -> None:
    events = parsed(file)["on"]
    assert "pull_request_target" not in events
    if "pull_request" in events:
        assert "secrets" not in file.read_text(encoding="utf-8")


@every_workflow
def test_no_checkout_leaves_a_token_behind(file: Path) -> None:
    for job in parsed(file)["jobs"].values():
        for step in job.get("steps", ()):
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False


@pytest.mark.parametrize(
    ("name", "branch", "secret", "targets"),
    [
        ("bundle-cd-staging", "main", "STAGING_WORKSPACE_TOKEN", ["staging", "test"]),
        ("bundle-cd-prod", "release", "PROD_WORKSPACE_TOKEN", ["prod"]),
    ],
)
def test_a_push_deploys_the_targets_of_its_branch(name: str, branch: str, secret: str, targets: list[str]) -> None:
    content = workflow(name)
    assert content["on"]["push"] == {"branches": [branch]}
    assert list(content["jobs"]) == targets
    for target, job in content["jobs"].items():
        assert job["uses"].startswith("acme-ml/databricks-mlops-setup/.github/workflows/bundle.yml@")
        assert job["with"] == {"target": target, "branch": branch}
        assert job["secrets"] == {"workspace_token": f"${{{{ secrets.{secret} }}}}"}
        # A dispatch on another branch must not deploy that branch's code.
        assert job["if"] == f"github.ref == 'refs/heads/{branch}'"
        assert job["concurrency"] == {"group": f"bundle-{target}", "cancel-in-progress": False}


def test_the_workflows_deploy_with_the_secrets_and_branches_of_the_settings() -> None:
    settings = yaml.safe_load((ROOT / "mlops.yaml").read_text(encoding="utf-8"))
    for name, environment in settings["environments"].items():
        jobs = workflow(f"bundle-cd-{name}")["jobs"]
        assert list(jobs) == environment.get("targets", [name])
        for job in jobs.values():
            assert job["with"]["branch"] == environment["branch"]
            assert f"secrets.{name.upper()}_WORKSPACE_TOKEN " in job["secrets"]["workspace_token"]


def test_a_pull_request_validates_every_target() -> None:
    assert workflow("bundle-ci")["jobs"]["validate"]["strategy"]["matrix"]["target"] == list(TARGETS)


@pytest.fixture
def checkouts(tmp_path: Path) -> Path:
    """The two repositories side by side, as the validating job has them."""
    shutil.copytree(PROJECT, tmp_path / "project", ignore=shutil.ignore_patterns("__pycache__", ".*_cache"))
    for name in ("bundle", "text"):
        source = Path("packages") / name / "src"
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / source, tmp_path / "setup" / source, ignore=ignored)
    return tmp_path


def validate(checkouts: Path, target: str) -> subprocess.CompletedProcess[str]:
    """Runs the shell of the validating step as a runner does."""
    (step,) = [one for one in workflow("bundle-ci")["jobs"]["validate"]["steps"] if one.get("name") == "Validate"]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    folder = checkouts / step["working-directory"]
    return run("bash", "-e", "-c", step["run"], cwd=folder, TARGET=target, PATH=path)


@every_target
def test_the_validating_step_passes(checkouts: Path, target: str) -> None:
    done = validate(checkouts, target)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("timezone_id: UTC", "timezone: UTC", "Warning: unknown field: timezone"),
        (
            "BatchInference.py",
            "BatchInferenze.py",
            "Error: notebook deployment/batch_inference/notebooks/BatchInferenze.py",
        ),
    ],
    ids=["warning", "error"],
)
def test_the_validating_step_fails_and_says_why(checkouts: Path, before: str, after: str, message: str) -> None:
    asset = checkouts / "project" / "assets" / "batch-inference-workflow-asset.yml"
    asset.write_text(asset.read_text(encoding="utf-8").replace(before, after), encoding="utf-8")
    done = validate(checkouts, "staging")
    assert done.returncode == 1
    assert message in done.stdout
