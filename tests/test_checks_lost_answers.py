"""An answer that is lost while a principal or a token is made: the provider makes a second one, and audit finds it."""

import itertools
from collections.abc import Iterator

import pytest

from checks.audit import audit_checks
from checks.check import Line, Status, perform
from checks.live import Live
from checks.synthesized import read_stack
from sandbox.weather import Kind, Schedule
from settings import load
from tests.checks_scene import States
from tests.deployments import Deployment, deployment_in, enter
from tests.existing_objects import begin_anew, objects
from tests.synthesis import config

SHARE = 0.01


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with deployment_in(tmp_path_factory.mktemp("lost") / "project", config()) as deployment:
        deployment.sandbox.ask("save")
        deployment.synth()
        yield deployment


def apply(deployment: Deployment) -> None:
    """One resource at a time, so that requests come in the same order every time."""
    deployment.terraform("staging", "apply", "-auto-approve", "-input=false", "-parallelism=1")


def seed_that_loses(request: int, *, among: int) -> int:
    """A seed by which the answer to that request is lost after its effect, and nothing else happens."""
    for seed in itertools.count():
        schedule = Schedule(seed=seed, share=SHARE, kinds=(Kind.RESET_AFTER,))
        if [number for number in range(1, among) if schedule.disturbance(number)] == [request]:
            return seed
    raise AssertionError


def audited(deployment: Deployment) -> dict[str, Line]:
    settings = load(folder=deployment.configuration.parent, environ={"MLOPS_SANDBOX": "1"})
    live = Live(settings, {"GITHUB_TOKEN": deployment.environ["GITHUB_TOKEN"]})
    stacks = {"staging": read_stack(deployment.output, "staging")}
    states = States(deployment.sandbox.folder.terraform_state)
    return {line.id: line for line in perform(audit_checks(live, states, stacks, stacks))}


@pytest.mark.parametrize(
    ("path", "line"), [("/ServicePrincipals", "staging.principals"), ("/on-behalf-of/tokens", "staging.tokens")]
)
def test_what_a_lost_answer_leaves_behind_is_found_and_removed(
    path: str, line: str, deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter(
        deployment,
        monkeypatch,
        DATABRICKS_CLIENT_ID=deployment.environ["DATABRICKS_CLIENT_ID"],
        DATABRICKS_CLIENT_SECRET=deployment.environ["DATABRICKS_CLIENT_SECRET"],
    )
    begin_anew(deployment)
    before = len(deployment.requests())
    apply(deployment)
    undisturbed = objects(deployment.dump())
    sent = deployment.requests()[before:]
    number = next(n for n, one in enumerate(sent, 1) if one.method == "POST" and one.path.endswith(path))

    begin_anew(deployment)
    seed = seed_that_loses(number, among=2 * len(sent))
    deployment.sandbox.ask("weather", seed=seed, share=SHARE, kinds=[Kind.RESET_AFTER.value])
    apply(deployment)  # it ends well: Terraform does not know
    deployment.sandbox.ask("weather", seed=0, share=0)
    assert sum((objects(deployment.dump()) - undisturbed).values()) == 1
    assert deployment.pending("staging") == []

    found = audited(deployment)
    assert [one.id for one in found.values() if one.status is not Status.PASSED] == [line]
    (fix,) = found[line].fixes
    fix.act()
    assert {one.status for one in audited(deployment).values()} == {Status.PASSED}
    assert objects(deployment.dump()) == undisturbed
    assert deployment.pending("staging") == []
