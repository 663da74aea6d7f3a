"""The stacks, deployed into the sandbox as a user would deploy them."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import PermissionDenied, Unauthenticated

from tests.deployments import NO_CHANGES, Deployment, deployment_in, enter, run_app
from tests.synthesis import config

ENVIRONMENTS = ("staging", "prod")
STACKS = ("repository", *ENVIRONMENTS)
HOSTS = {name: section["host"] for name, section in config()["environments"].items()}


@pytest.fixture
def deployment(tmp_path: Path) -> Iterator[Deployment]:
    with deployment_in(tmp_path / "project", config()) as deployment:
        yield deployment


def test_environments_deploy_alone_and_leave_nothing_behind(deployment: Deployment) -> None:
    seed = deployment.dump()
    assert deployment.requests() == []
    for stack, synthesized in zip(ENVIRONMENTS, ((), ("--skip-synth",)), strict=True):
        assert "Apply complete!" in deployment.cdktf("deploy", stack, "--auto-approve", *synthesized)
        assert NO_CHANGES in deployment.terraform(stack, "plan", "-input=false", "-no-color")
    assert {entry.stack for entry in deployment.requests()} == set(ENVIRONMENTS)
    assert deployment.secret("STAGING_WORKSPACE_TOKEN") != deployment.secret("PROD_WORKSPACE_TOKEN")
    deployment.cdktf("destroy", *ENVIRONMENTS, "--auto-approve", "--skip-synth")
    assert deployment.dump() == seed


def test_environments_deploy_in_the_other_order(deployment: Deployment) -> None:
    seed = deployment.dump()
    deployment.synth()
    for stack in reversed(ENVIRONMENTS):
        deployment.apply(stack)
        assert deployment.pending(stack) == []
    for stack in ENVIRONMENTS:
        deployment.destroy(stack)
    assert deployment.dump() == seed


def test_the_token_works_in_its_workspace_alone(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    deployment.synth()
    deployment.apply("staging")
    enter(deployment, monkeypatch)
    token = deployment.secret("STAGING_WORKSPACE_TOKEN")
    me = WorkspaceClient(host=HOSTS["staging"], token=token, auth_type="pat").current_user.me()
    assert me.display_name == "taxi-fare-staging-ci"
    with pytest.raises((PermissionDenied, Unauthenticated)):
        WorkspaceClient(host=HOSTS["prod"], token=token, auth_type="pat").current_user.me()


def outside(folder: Path, **environ: str) -> dict[str, str]:
    """The environment of a run outside the sandbox."""
    return {**os.environ, "MLOPS_CONFIG": str(folder / "mlops.yaml"), "CHECKPOINT_DISABLE": "1", **environ}


def test_the_synthesized_json_is_the_same_inside_and_outside_and_names_production_hosts_only(
    deployment: Deployment, tmp_path: Path
) -> None:
    output = tmp_path / "outside"
    project = deployment.configuration.parent
    run_app(outside(project, CDKTF_OUTDIR=str(output)))
    deployment.synth()
    for stack in STACKS:
        inside = (deployment.output / "stacks" / stack / "cdk.tf.json").read_bytes()
        assert inside == (output / "stacks" / stack / "cdk.tf.json").read_bytes()
        hosts = {provider["host"] for provider in json.loads(inside)["provider"].get("databricks", [])}
        assert hosts <= {"https://accounts.cloud.databricks.com", *HOSTS.values()}
        assert b"127.0.0.1" not in inside
        assert b"localhost" not in inside
        assert b"base_url" not in inside


MARKER_PROVIDER = """\
#!/bin/sh
echo "$0" >> "{marker}"
exit 1
"""


def test_after_a_deploy_into_the_sandbox_a_plan_outside_starts_empty_and_runs_no_stand_in(
    deployment: Deployment, tmp_path: Path
) -> None:
    deployment.synth()
    deployment.apply("staging")

    # Outside, another mirror stands in for the registry; its providers only say that they were started.
    output, marker = tmp_path / "outside", tmp_path / "started"
    platform = json.loads(
        subprocess.run(["terraform", "version", "-json"], capture_output=True, check=True, text=True).stdout
    )["platform"]
    for source, name, version in (
        ("databricks/databricks", "databricks", "1.99.0"),
        ("integrations/github", "github", "6.9.0"),
    ):
        folder = tmp_path / "mirror" / "registry.terraform.io" / source / version / platform
        folder.mkdir(parents=True)
        binary = folder / f"terraform-provider-{name}_v{version}"
        binary.write_text(MARKER_PROVIDER.format(marker=marker), encoding="utf-8")
        binary.chmod(0o755)
    configuration = tmp_path / "terraform.tfrc"
    configuration.write_text(
        f'provider_installation {{\n  filesystem_mirror {{\n    path = "{tmp_path / "mirror"}"\n  }}\n}}\n',
        encoding="utf-8",
    )
    environ = outside(deployment.configuration.parent, CDKTF_OUTDIR=str(output), TF_CLI_CONFIG_FILE=str(configuration))
    run_app(environ)
    folder = output / "stacks" / "staging"
    assert not (folder / "backend_override.tf.json").exists()

    def terraform(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(["terraform", *arguments], cwd=folder, env=environ, capture_output=True, text=True)

    init = terraform("init", "-input=false", "-no-color")
    assert init.returncode == 0, init.stderr
    state = terraform("state", "list")
    assert "No state file was found" in state.stderr
    plan = terraform("plan", "-input=false", "-no-color")
    assert plan.returncode == 1
    started = marker.read_text(encoding="utf-8").split()
    assert started
    assert all(path.startswith((str(tmp_path / "mirror"), str(folder), ".terraform/")) for path in started)


def test_what_terraform_writes_is_closed_to_other_users(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "mlops.yaml").write_text(json.dumps(config()), encoding="utf-8")
    output = project / "cdktf.out"
    run_app(outside(project, CDKTF_OUTDIR=str(output)))
    assert output.stat().st_mode & 0o077 == 0
    assert (project / "state").stat().st_mode & 0o077 == 0


def test_a_failed_synth_leaves_what_was_synthesized_as_it_was(deployment: Deployment) -> None:
    deployment.synth()
    before = {path: path.read_bytes() for path in deployment.output.rglob("cdk.tf.json")}
    assert before
    deployment.configure(config(project="Taxi Fare"))
    said = deployment.cdktf("synth", code=1)
    assert "mlops.yaml:1:" in said
    assert "Traceback" not in said
    assert {path: path.read_bytes() for path in deployment.output.rglob("cdk.tf.json")} == before
