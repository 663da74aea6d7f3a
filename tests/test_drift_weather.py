"""`python -m checks drift` in bad weather: what could not be looked at is an error that says why, and never drift."""

import os
import random
import re
from collections.abc import Iterator

import pytest

from checks.drift.report.model import State
from tests.deployments import enter
from tests.drift_setup import STACKS, Setup, deployed_in

# All hundred take minutes: WEATHER_RUNS=100.
RUNS = int(os.environ.get("WEATHER_RUNS", "12"))
SHARES = (0.01, 0.02, 0.05)
# What Terraform or a provider says when an answer did not come, or was a refusal.
REASON = re.compile(
    r"\b(cannot|failed|error|no answer|reset|refused|timeout|unavailable|limit|temporarily|bad gateway)\b",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Setup]:
    with deployed_in(tmp_path_factory.mktemp("weather") / "project") as setup:
        yield setup


@pytest.mark.parametrize("seed", range(RUNS))
def test_in_bad_weather_nothing_is_taken_for_drift(seed: int, deployed: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    enter(deployed.deployment, monkeypatch)
    chance = random.Random(seed)
    stacks = chance.sample(STACKS, 2)
    sandbox = deployed.deployment.sandbox
    sandbox.ask("weather", seed=seed, share=chance.choice(SHARES))
    try:
        ended = deployed.drift(*stacks)
    finally:
        sandbox.ask("weather", share=0)
    assert ended.code in (0, 1), ended
    assert ended.report.findings == ()
    states = {one.name: (one.state, one.problem) for one in ended.report.stacks}
    wrong = {name: problem for name, (state, problem) in states.items() if state is not State.CLEAN}
    assert bool(wrong) == (ended.code == 1)
    for name, problem in wrong.items():
        assert states[name][0] is State.UNCHECKED
        assert REASON.search(problem), problem
        assert "\n" not in problem
