"""A setup's life as its workflows live it: each job's own shell and credentials, against the sandbox."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from checks.notes import AUTHOR
from checks.synthesized import PROJECT
from sandbox.clock import Clock
from sandbox.github.world.accounts.tokens import issue_token
from sandbox.github.world.actions.organization_policies import READ_ONLY
from sandbox.github.world.day_one import ADMIN_LOGIN, join
from sandbox.github.world.repositories.founding import found_repository
from sandbox.state import open_state
from sandbox.tampering import choosing
from tests.ci_principals import workspace_admin
from tests.deployments import Deployment, as_ci, deployment_in
from tests.drift_setup import git
from tests.tampered_scene import console_of
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
CLIENT_ID, CLIENT_SECRET = "DATABRICKS_CLIENT_ID", "DATABRICKS_CLIENT_SECRET"
# The two schedules of drift.yml.
DAILY, WEEKLY = "23 5 * * *", "41 6 * * 1"
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

    def leaks(self) -> list[str]:
        """Every credential that a job has said."""
        given = {value for named in self.github.secrets.values() for value in named.values() if value}
        opened = {self.deployment.secret(f"{name}_WORKSPACE_TOKEN") for name in ("STAGING", "PROD")}
        known = {*given, *STATE.split("=")[1:], *opened, self.github.job_token} - {STATE}
        return [secret for secret in known if secret in self.said]


@pytest.fixture
def life(tmp_path: Path) -> Iterator[Life]:
    data = yaml.safe_load((PROJECT / "mlops.yaml").read_text(encoding="utf-8"))
    data["ml_project"]["path"] = str(PROJECT / data["ml_project"]["path"])
    with deployment_in(tmp_path / "project", data) as deployment:
        yield Life(github_of(deployment, make_ml_repository(tmp_path / "ml")))


def github_of(deployment: Deployment, ml_origin: Path) -> GitHub:
    """The infrastructure repository and its settings, as docs/workflows.md has them made."""
    environ = deployment.environ
    secret = {CLIENT_SECRET: environ[CLIENT_SECRET], "STATE_CREDENTIALS": STATE}
    tokens = {name: f"github_pat_{secrets.token_hex(16)}" for name in TOKENS}
    job_token = f"ghs_{secrets.token_hex(16)}"
    owner, name = SETUP.split("/")
    store = open_state(deployment.sandbox.folder)
    try:
        with store.transaction():
            clock = Clock()
            setup = found_repository(store, clock, owner=owner, name=name, private=True, workflow=READ_ONLY)
            join(store, clock, setup, login=AUTHOR, permission="write", token=job_token)
            issue_token(store, login=AUTHOR, token=job_token, permissions=JOB_TOKEN)
            for environment, permissions in TOKENS.items():
                issue_token(store, login=ADMIN_LOGIN, token=tokens[environment], permissions=permissions)
    finally:
        store.close()
    variables = {
        "ML_PROJECT_FOLDER": "",
        "STATE_AWS_ROLE": "",
        "STATE_AWS_REGION": "",
        # Only an owner of the organisation may look.
        "PREFLIGHT_SKIP": "github.organisation-policy",
        "TERRAFORM_REFRESH": "",
        "DRIFT_STACKS": "",
        CLIENT_ID: environ[CLIENT_ID],
    }
    return GitHub(
        deployment=deployment,
        ml_origin=ml_origin,
        secrets={"": {}, **{name: {"ML_REPOSITORY_TOKEN": tokens[name], **secret} for name in TOKENS}},
        variables=dict.fromkeys(("", *TOKENS), variables),
        job_token=job_token,
    )


def test_a_setup_is_deployed_and_proved_by_its_workflows(life: Life) -> None:
    """Of the jobs of deploy.yml that deploy, and differ in a name and in what they may do, `prod` is run."""
    deployment = life.deployment
    deployment.synth()
    for stack in ("repository", "staging"):
        deployment.apply(stack)
    life.succeeds("plan", event="pull_request", payload=pull_request(life.github), only={"check": {}})
    turn: dict[str, Any] = {"event": "workflow_dispatch", "inputs": {"stacks": "prod", "allow": ""}}
    planned = life.succeeds("deploy", **turn, only={"plan": {}})["plan"]
    approved = planned.outputs["prod-commit"]
    assert approved == head(life.github.ml_origin, "release")
    assert f"`{approved}`" in planned.summary
    assert f"`{planned.outputs['prod-digest']}`" in planned.summary
    # While the run waits for its approval, somebody merges.
    merge(life.github.ml_origin, "release")
    deployed = life.succeeds("deploy", **turn, only={"prod": {}}, earlier={"plan": planned})["prod"]
    assert f"\n{approved}\n" in deployed.said
    assert "prod: the plan is the one that was approved" in deployed.said
    assert "::warning::the environments prod and drift share one principal" in deployed.said
    life.succeeds("deploy", event="push", only={"prove": {}})
    call = parsed(PROJECT / "examples/taxi_fare/.github/workflows/taxi-fare-bundle-cd-staging.yml")["jobs"]["test"]
    life.succeeds("bundle", event="push", **called(call, deployment))
    assert {job["settings"]["name"].split("-")[0] for job in deployment.dump()["databricks.job"].values()} == {"test"}
    life.succeeds("drift", event="schedule", payload={"schedule": WEEKLY}, only={"audit": {}})
    assert life.leaks() == []


def test_a_setup_is_watched_and_its_tokens_rotated_by_its_workflows(life: Life) -> None:
    """Of rotate.yml, which does the same for each environment, prod is run."""
    deployment = life.deployment
    deployment.synth(MLOPS_BRANCH="main")
    for stack in ("repository", "staging", "prod"):
        deployment.apply(stack)
    as_ci(deployment, "STAGING_WORKSPACE_TOKEN", "main").apply("bundle-test")
    # Somebody changes what prod's stack manages.
    with console_of(deployment) as (console, objects):
        grant = next(one for one in objects if one.stack == "prod" and one.attributes.get("catalog"))
        choosing.do_named(console, [grant], ["grant-widened"])
    drifted = life.run("drift", event="schedule", payload={"schedule": DAILY}, only={"drift": {}})["drift"]
    assert drifted.result == "failure"
    assert "changed outside" in drifted.summary.lower()
    assert "clean" in drifted.summary
    assert "`bundle-prod`: compared with branch release" in drifted.summary
    assert titles(deployment, "open") == {"Drift in prod (taxi-fare)"}

    # A pull request is told of it, and told anew.
    proposed = pull_request(life.github)
    life.succeeds("plan", event="pull_request", payload=proposed, only={"plan": {}, "comment": {}})
    (comment,) = deployment.dump()["github.issue_comment"].values()
    assert "changed outside" in comment["body"].lower()
    life.run("plan", event="pull_request", payload=proposed, only={"comment": {}}, given={"plan": "failure"})
    (comment,) = deployment.dump()["github.issue_comment"].values()
    assert "There is no plan to show." in comment["body"]

    # What somebody changes after a plan was approved, is not changed back by that approval.
    turn: dict[str, Any] = {"event": "workflow_dispatch", "inputs": {"stacks": "repository", "allow": ""}}
    planned = life.succeeds("deploy", **turn, only={"plan": {}})
    with console_of(deployment) as (console, objects):
        choosing.do_named(console, [one for one in objects if one.stack == "repository"], ["protection-weakened"])
    stopped = life.run("deploy", **turn, only={"repository": {}}, earlier=planned)["repository"]
    assert stopped.result == "failure"
    assert "repository: stop: this is not the plan that was approved." in stopped.said

    # A month later tokens are due, but nobody has approved what mlops.yaml says since. Who rotates, administers the
    # workspaces and nothing else.
    life.github = at(life.github, "+30d")
    narrow = workspace_admin(deployment)
    life.github = replace(
        life.github,
        variables={**life.github.variables, "rotation": {**life.github.variables["rotation"], CLIENT_ID: narrow[0]}},
        secrets={**life.github.secrets, "rotation": {**life.github.secrets["rotation"], CLIENT_SECRET: narrow[1]}},
    )
    life.github = replace(life.github, files={"mlops.yaml": with_entitlements(allow_cluster_create=False)})
    turn = {"event": "schedule", "only": {"rotate": {"environment": "prod"}, "report": {}}}
    before = deployment.secret("PROD_WORKSPACE_TOKEN")
    turned = life.run("rotate", **turn)
    assert (turned["rotate"].result, turned["report"].result) == ("failure", "success")
    assert "prod: stop: the deploy would do more than rotate tokens" in turned["rotate"].said
    assert deployment.secret("PROD_WORKSPACE_TOKEN") == before
    assert titles(deployment, "open") & {"Tokens are not rotated"}

    # Without it, the next day's run rotates, and leaves what was changed outside to whoever approves.
    life.github = replace(life.github, files={})
    life.succeeds("rotate", **turn)
    assert deployment.secret("PROD_WORKSPACE_TOKEN") != before
    credentials_of = dict(zip((CLIENT_ID, CLIENT_SECRET), narrow, strict=True))
    # To look at all of it takes rights over the account.
    deployment.synth()
    said = deployment.terraform("prod", "plan", "-input=false", "-no-color", code=1, **credentials_of)
    assert f"{narrow[0]} is not an account admin" in said
    assert titles(deployment, "closed") & {"Tokens are not rotated"}
    assert life.leaks() == []


def head(repository: Path, branch: str) -> str:
    return git(repository, "rev-parse", branch).strip()


def merge(repository: Path, branch: str) -> None:
    """A commit more on a branch of the ML repository, as on main before."""
    for one in dict.fromkeys(("main", branch)):
        git(repository, "checkout", "--quiet", one)
        (repository / "NEWS.md").write_text("News.\n", encoding="utf-8")
        git(repository, "add", ".")
        git(repository, "commit", "--quiet", "-m", "News")


def with_entitlements(**entitlements: bool) -> str:
    """mlops.yaml with other entitlements of prod's principal."""
    data = yaml.safe_load((PROJECT / "mlops.yaml").read_text(encoding="utf-8"))
    data["environments"]["prod"]["entitlements"] = entitlements
    return yaml.safe_dump(data)


def titles(deployment: Deployment, state: str) -> set[str]:
    return {issue["title"] for issue in deployment.dump()["github.issue"].values() if issue["state"] == state}


def pull_request(github: GitHub) -> dict[str, Any]:
    """The event of one from a branch of the repository; for its comments, GitHub takes it for an issue."""
    environ = github.deployment.environ
    answer = requests.post(
        f"https://api.github.com/repos/{SETUP}/issues",
        json={"title": "Change something"},
        headers={"Authorization": f"Bearer {github.job_token}"},
        proxies={"https": environ["HTTPS_PROXY"]},
        verify=environ["SSL_CERT_FILE"],
        timeout=10,
    )
    return {
        "pull_request": {
            "number": str(answer.json()["number"]),
            "user": {"login": "jane"},
            "head": {"repo": {"full_name": SETUP}},
            "base": {"sha": "of main"},
        }
    }


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


# What runs them


SCOPE = Scope(
    {
        "github": {"event": {"pull_request": {"number": "7"}}, "ref": "refs/heads/main"},
        "inputs": {"stacks": "all", "preflight": False, "empty": ""},
    }
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("github.ref == 'refs/heads/main'", True),
        ("github.ref == 'REFS/heads/main' && inputs.stacks", "all"),
        ("inputs.stacks != 'all' || !inputs.preflight", True),
        ("inputs.empty || 'it''s'", "it's"),
        ("(inputs.empty || inputs.preflight) && 'x'", False),
        ("github.event.schedule != '1 2 * * *'", True),
        ("github.event.schedule == ''", True),
        ("always() && !failure()", True),
    ],
)
def test_expressions_mean_what_github_says(text: str, value: object) -> None:
    assert evaluate(text, SCOPE) == value


@pytest.mark.parametrize(
    "text", ["inputs.stack", "contains(github.ref, 'main')", "github.event", "a || ", "1 + 1", "secrets[inputs.stacks]"]
)
def test_what_the_workflows_have_not_used_so_far_is_an_error(text: str) -> None:
    with pytest.raises(UnknownExpressionError):
        evaluate(text, SCOPE)


def test_after_a_failure_only_what_asks_for_the_status_goes_on() -> None:
    failed = Scope(SCOPE.contexts, failed=True)
    assert not holds("inputs.stacks == 'all'", failed)
    assert not holds(None, failed)
    assert holds("always()", failed)
    assert holds("failure() && inputs.stacks == 'all'", failed)
