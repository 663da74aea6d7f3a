"""Targets of a bundle deployed into a sandbox by their CI tokens, with real Terraform."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from checks.drift.guard import stops
from tests.deployments import ENVIRON, NO_CHANGES, Deployment, as_ci, deployment_in
from tests.ml_project import FROM_GIT, UPLOADED, check_out, project_config, write_project

CONFIG = project_config()
# Which environment's secret deploys a target, and from which branch.
SECRETS = {
    "staging": ("STAGING_WORKSPACE_TOKEN", "main"),
    "test": ("STAGING_WORKSPACE_TOKEN", "main"),
    "prod": ("PROD_WORKSPACE_TOKEN", "release"),
}


@pytest.fixture(scope="module")
def setup(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """Both environments, deployed by the administrator."""
    folder = tmp_path_factory.mktemp("bundle") / "project"
    write_project(folder, {"assets/all.yml": UPLOADED})
    with deployment_in(folder, CONFIG) as deployment:
        deployment.synth()
        for environment in ("staging", "prod"):
            deployment.apply(environment)
        yield deployment


def project(deployment: Deployment, **files: str) -> Path:
    """The project as it was, and mlops.yaml with it."""
    deployment.configure(CONFIG)
    return write_project(deployment.configuration.parent, {"assets/all.yml": UPLOADED, **files})


def existing(deployment: Deployment) -> dict[str, set[str]]:
    """What exists, without the folders of all bundles, which the Databricks CLI leaves as well."""
    found = {
        kind: {name for name in items if not name.endswith((".bundle", ".bundle/fares"))}
        for kind, items in deployment.dump().items()
    }
    return {kind: names for kind, names in found.items() if names}


def changes(deployment: Deployment, stack: str) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """What a plan would change, by address: before and after."""
    return {
        change["address"]: (change["change"]["before"], change["change"]["after"])
        for change in deployment.plan(stack)["resource_changes"]
        if change["change"]["actions"] not in (["no-op"], ["read"])
    }


@pytest.mark.parametrize("code", ["upload", "git"])
@pytest.mark.parametrize("target", SECRETS)
def test_a_target_is_deployed_settles_changes_by_task_and_leaves_nothing(
    target: str, code: str, setup: Deployment
) -> None:
    assets = UPLOADED if code == "upload" else FROM_GIT
    access = "permissions: [{level: CAN_VIEW, group_name: users}]\n"
    root = project(setup, **{"assets/all.yml": assets, "assets/access.yml": access})
    setup.configure({**CONFIG, "ml_project": {"path": "ml", "code": code}})
    stack, ci = f"bundle-{target}", as_ci(setup, *SECRETS[target])
    before = existing(setup)

    ci.synth()
    ci.apply(stack)
    assert changes(ci, stack) == {}

    changed = assets.replace(
        "python_file: ../training/prepare.py", "python_file: ../training/prepare.py, parameters: [x]"
    )
    (root / "assets" / "all.yml").write_text(changed, encoding="utf-8")
    ci.synth()
    found = changes(ci, stack)
    files = {address for address in found if address.startswith("databricks_workspace_file.assets_all_yml")}
    assert set(found) - files == {"databricks_job.train"}
    assert len(files) == (code == "upload")
    old, new = found["databricks_job.train"]
    assert {key for key in old if old[key] != new[key]} == {"task"}
    assert [a["task_key"] for a, b in zip(old["task"], new["task"], strict=True) if a != b] == ["prepare"]
    ci.apply(stack)
    assert changes(ci, stack) == {}

    ci.destroy(stack)
    assert existing(setup) == before


def test_a_branch_deploys_its_own_targets_and_refuses_the_others(setup: Deployment) -> None:
    root = project(setup)
    for branch, mine, other in (("main", "staging", "prod"), ("release", "prod", "staging")):
        check_out(root, branch)
        setup.synth(MLOPS_BRANCH="")
        setup.terraform(mine, "plan", "-input=false")
        ci = as_ci(setup, *SECRETS[mine])
        assert ci.terraform(f"bundle-{mine}", "plan", "-input=false")
        refused = as_ci(setup, *SECRETS[other]).terraform(f"bundle-{other}", "plan", "-input=false", code=1)
        assert refused.count("Error:") == 1
        assert f"bundle-{other} is deployed from branch" in refused


def test_cdktf_says_no_changes_and_why_it_refuses(setup: Deployment) -> None:
    project(setup)
    ci = as_ci(setup, *SECRETS["test"])
    ci.synth()
    ci.cdktf("deploy", "bundle-test", "--auto-approve", "--skip-synth")
    assert NO_CHANGES in ci.cdktf("diff", "bundle-test", "--skip-synth")
    assert "Check out release" in ci.cdktf("deploy", "bundle-prod", "--auto-approve", "--skip-synth", code=1)
    ci.destroy("bundle-test")


def test_what_holds_data_stops_the_deploy_that_would_take_it(setup: Deployment) -> None:
    kept = "lifecycle: {prevent_destroy: true}, tags: [{key: team, value: ml}]"
    resources = (
        f"resources: {{experiments: {{kept: {{name: /Shared/kept, artifact_location: dbfs:/LOCATION, {kept}}}}}}}\n"
    )
    stack, ci = "bundle-test", as_ci(setup, *SECRETS["test"])
    before = existing(setup)
    project(setup, **{"assets/kept.yml": resources.replace("LOCATION", "a")})
    ci.synth()
    ci.apply(stack)

    project(setup, **{"assets/kept.yml": resources.replace("LOCATION", "b")})
    ci.synth()
    refused = ci.terraform(stack, "plan", "-input=false", code=1)
    assert "prevent_destroy" in refused
    assert "databricks_mlflow_experiment.kept" in refused

    without = UPLOADED[: UPLOADED.index("  pipelines:")] + UPLOADED[UPLOADED.index("  apps:") :]
    project(setup, **{"assets/kept.yml": "", "assets/all.yml": without})
    ci.synth()
    reasons = [one.reason for one in stops(ci.plan(stack))]
    assert [reason for reason in reasons if "with it go" in reason] == [
        "the deploy would destroy experiment /Shared/kept (databricks_mlflow_experiment.kept); "
        "with it go its runs, with their parameters, metrics and tags",
        "the deploy would destroy pipeline test-ingest (databricks_pipeline.ingest); "
        "with it go its streaming tables and materialized views",
    ]
    ci.destroy(stack)
    assert existing(setup) == before
    (setup.configuration.parent / "ml" / "assets" / "kept.yml").unlink()


def test_a_person_deploys_a_target_of_their_own_and_nobody_elses(setup: Deployment) -> None:
    # She may make no clusters, nor what needs one.
    project(setup, **{"assets/all.yml": UPLOADED[: UPLOADED.index("  clusters:")]})
    jane, before = "jane.doe@example.com", existing(setup)
    inside = json.loads(setup.sandbox("run", "--as-user", jane, "--", sys.executable, "-c", ENVIRON).stdout)
    person = Deployment(setup.sandbox, inside)
    person.synth()
    person.apply("bundle-dev")
    assert changes(person, "bundle-dev") == {}
    jobs = [job["settings"]["name"] for job in setup.dump()["databricks.job"].values()]
    assert sorted(jobs) == ["[dev jane_doe] dev-again", "[dev jane_doe] dev-train"]
    states = setup.sandbox.folder.terraform_state
    assert (states / jane / "bundle-dev.tfstate").exists()
    assert not (states / "bundle-dev.tfstate").exists()
    person.destroy("bundle-dev")
    left = existing(setup)
    assert left.pop("databricks.user") - before.pop("databricks.user")
