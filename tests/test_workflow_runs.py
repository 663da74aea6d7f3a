"""A setup's life as its workflows live it: each job's own shell, with that job's own credentials, against the sandbox."""

import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from sandbox.folder import PROJECT
from sandbox.github.authentication import issue_token
from sandbox.github.day_one import ADMIN_LOGIN
from sandbox.state import open_state
from tests.deployments import Deployment, deployment_in
from tests.workflow_expressions import Scope, UnknownExpressionError, evaluate, filled, holds
from tests.workflow_runs import SETUP, GitHub, Ran, make_ml_repository, parsed

WORKFLOWS = PROJECT / ".github" / "workflows"
# What docs/workflows.md says that the token of each environment must be able to do with the ML repository.
TOKENS = {
    "plan": {"administration": "read", "secrets": "read", "contents": "read"},
    "repository": {"administration": "write", "secrets": "read", "contents": "write"},
    "staging": {"secrets": "write", "contents": "read"},
    "production": {"secrets": "write", "contents": "read"},
    "rotation": {"secrets": "write", "contents": "read"},
    "drift": {"administration": "read", "actions": "read", "secrets": "read", "contents": "read"},
}
# The token of a job itself, in the infrastructure repository.
JOB_TOKEN = {"issues": "write", "pull_requests": "write"}
STATE = "TF_HTTP_USERNAME=state\nTF_HTTP_PASSWORD=the password of the state\n"


@dataclass(slots=True)
class Life:
    """GitHub and the sandbox; every word that the jobs have said so far."""

    github: GitHub
    said: str = ""

    @property
    def deployment(self) -> Deployment:
        return self.github.deployment

    def run(self, name: str, **how: Any) -> dict[str, Ran]:
        done = self.github.run(WORKFLOWS / f"{name}.yml", **how)
        self.said += "".join(one.said + one.summary for one in done.values())
        return done

    def succeeds(self, name: str, **how: Any) -> dict[str, Ran]:
        done = self.run(name, **how)
        for key, one in done.items():
            assert one.result == "success", f"{name}/{key}\n{one.said[-6000:]}\n{one.summary[-3000:]}"
        return done

    def known_secrets(self) -> set[str]:
        """Every credential that a job could have said."""
        given = {value for named in self.github.secrets.values() for value in named.values() if value}
        opened = {self.deployment.secret(f"{name}_WORKSPACE_TOKEN") for name in ("STAGING", "PROD")}
        return {*given, *STATE.split("=")[1:], *opened, self.github.job_token} - {STATE}


@pytest.fixture
def life(tmp_path: Path) -> Iterator[Life]:
    data = yaml.safe_load((PROJECT / "mlops.yaml").read_text(encoding="utf-8"))
    data["ml_project"]["path"] = str(PROJECT / data["ml_project"]["path"])
    with deployment_in(tmp_path / "project", data) as deployment:
        yield Life(github_of(deployment, make_ml_repository(tmp_path / "ml")))


def github_of(deployment: Deployment, ml_origin: Path) -> GitHub:
    """The settings of the infrastructure repository, as docs/workflows.md has them made."""
    environ = deployment.environ
    secret = {"DATABRICKS_CLIENT_SECRET": environ["DATABRICKS_CLIENT_SECRET"], "STATE_CREDENTIALS": STATE}
    tokens = {name: f"github_pat_{secrets.token_hex(16)}" for name in TOKENS}
    job_token = f"ghs_{secrets.token_hex(16)}"
    store = open_state(deployment.sandbox.folder)
    try:
        with store.transaction():
            for name, permissions in TOKENS.items():
                issue_token(store, login=ADMIN_LOGIN, token=tokens[name], permissions=permissions)
            issue_token(store, login=ADMIN_LOGIN, token=job_token, permissions=JOB_TOKEN)
    finally:
        store.close()
    variables = {
        "ML_PROJECT_FOLDER": "",
        "STATE_AWS_ROLE": "",
        "STATE_AWS_REGION": "",
        # Only an owner of the organisation may look.
        "PREFLIGHT_SKIP": "github.organisation-policy",
        "DATABRICKS_CLIENT_ID": environ["DATABRICKS_CLIENT_ID"],
    }
    return GitHub(
        deployment=deployment,
        ml_origin=ml_origin,
        secrets={"": {}, **{name: {"ML_REPOSITORY_TOKEN": tokens[name], **secret} for name in TOKENS}},
        variables={name: variables for name in ("", *TOKENS)},
        job_token=job_token,
    )


def test_deploys_drift_rotation_and_a_bundle_go_as_the_workflows_say(life: Life) -> None:
    deployment = life.deployment
    life.succeeds("deploy", event="push")
    first = deployment.secret("PROD_WORKSPACE_TOKEN")

    call = parsed(PROJECT / "examples/taxi_fare/.github/workflows/taxi-fare-bundle-cd-staging.yml")["jobs"]["test"]
    life.succeeds("bundle", event="push", **called(call, deployment))
    assert "databricks.job" in deployment.dump()

    looked = life.succeeds("drift", event="schedule", payload={"schedule": "23 5 * * *"}, only={"drift": {}})
    assert "drift" in looked["drift"].summary

    # Somebody changes what a stack manages.
    deployment.sandbox("tamper", "privilege-granted", "--stack", "prod")
    looked = life.run("drift", event="schedule", payload={"schedule": "23 5 * * *"}, only={"drift": {}})
    assert looked["drift"].result == "failure"
    assert "changed outside" in looked["drift"].summary.lower()

    # A month later tokens are due, but nobody has approved that the grant is taken back.
    life.github = at(life.github, "+31d")
    turned = life.run("rotate", event="schedule", only={"rotate": {"environment": "prod"}, "report": {}})
    assert (turned["rotate"].result, turned["report"].result) == ("failure", "success")
    assert deployment.secret("PROD_WORKSPACE_TOKEN") == first

    life.succeeds("deploy", event="workflow_dispatch", inputs={"stacks": "prod"}, only={"prod": {}})
    second = deployment.secret("PROD_WORKSPACE_TOKEN")
    life.github = at(life.github, "+30d")
    life.succeeds("rotate", event="schedule", only={"rotate": {"environment": "prod"}, "report": {}})
    assert len({first, second, deployment.secret("PROD_WORKSPACE_TOKEN")}) == 3

    assert [secret for secret in life.known_secrets() if secret in life.said] == []


def called(job: dict[str, Any], deployment: Deployment) -> dict[str, Any]:
    """What the bundle workflow gets of a job of the example that calls it."""
    declared = parsed(WORKFLOWS / "bundle.yml")["on"]["workflow_call"]
    opened = {"STAGING_WORKSPACE_TOKEN": deployment.secret("STAGING_WORKSPACE_TOKEN")}
    given = {name: filled(value, Scope({"secrets": opened})) for name, value in job["secrets"].items()}
    return {
        "inputs": {name: job["with"].get(name, one.get("default")) for name, one in declared["inputs"].items()},
        "called_by": {**dict.fromkeys(declared["secrets"], ""), "state_credentials": STATE, **given},
    }


def at(github: GitHub, change: str) -> GitHub:
    """The same, so much later."""
    return replace(github, now=github.deployment.sandbox("clock", change).stdout.strip())
