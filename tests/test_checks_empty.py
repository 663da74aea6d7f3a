"""From accounts that have nothing to a setup that works, by nothing but what preflight says."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.deployments import Deployment, as_owner, deployment_in
from tests.followed_advice import follow, tools
from tests.synthesis import config

SETUP = config(
    environments__prod__token_users_group="ci-principals",
    environments__staging__catalogs={"staging": {"create": True}, "test": {"create_schema": True}},
)


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Deployment]:
    with deployment_in(tmp_path / "project", SETUP, empty=True) as deployment:
        yield deployment


def preflight(deployment: Deployment) -> tuple[int, list[dict[str, Any]]]:
    """The exit code, and the lines."""
    file = deployment.sandbox.root.parent / "report.json"
    code, said = deployment.outcome("python", "-m", "checks", "preflight", "--format", "json", "--output", str(file))
    assert code in (0, 2), said
    lines: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))["lines"]
    return code, lines


def test_preflight_names_each_missing_step_until_the_setup_deploys(empty: Deployment, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    path, owner = tools(tmp_path / "bin"), as_owner(empty)
    followed: list[str] = []
    for _ in range(20):
        code, lines = preflight(empty)
        findings = [line for line in lines if line["status"] == "finding"]
        if code == 0:
            break
        assert findings, lines
        for line in findings:
            assert line["id"] not in followed, f"{line['id']} was followed, and is found again: {line['detail']}"
            assert line["remedy"]["commands"], line
            who = empty if line["remedy"]["by"] == "you" else owner
            follow(line["remedy"]["commands"], environ=who.environ, path=path)
            followed.append(line["id"])
    assert {line["status"] for line in lines} == {"passed"}
    assert set(followed) == {
        "account.admin",
        "account.metastore",
        "github.administration",
        "github.organisation-policy",
        "github.repository",
        "prod.catalog.prod",
        "prod.login",
        "prod.metastore",
        "prod.schema.prod.taxi_fare",
        "prod.token-use",
        "prod.token-users-group",
        "staging.catalog.staging",
        "staging.catalog.test",
        "staging.login",
        "staging.metastore",
        "staging.token-use",
    }

    empty.synth()
    for stack in ("repository", "staging", "prod"):
        empty.apply(stack)
        assert empty.pending(stack) == []
