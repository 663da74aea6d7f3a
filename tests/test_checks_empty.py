"""From accounts that have nothing to a setup that works, by nothing but what preflight says."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from databricks.sdk.service.iam import WorkspacePermission

from tests.deployments import Deployment, account_administrator, as_owner, deployment_in, enter
from tests.followed_advice import follow, tools
from tests.synthesis import config

ADMIN = WorkspacePermission.ADMIN
SETUP = config(
    environments__prod__token_users_group="ci-principals",
    environments__staging__catalogs={"staging": {"create": True}, "test": {"create_schema": True}},
)


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Deployment]:
    with deployment_in(tmp_path / "project", SETUP, empty=True) as deployment:
        yield deployment


# Whoever owns data works in a workspace; on day one of an account, its owner has to go there first.
OWNERS_OF_DATA = ("a metastore admin", "the owner of the metastore", "the catalog's owner", "the owner of the catalog")


def enter_workspaces(owner: Deployment) -> None:
    """Give the account's owner a place in every workspace, as account admins may give themselves."""
    account = account_administrator(owner, SETUP["account"]["id"])
    (me,) = [one for one in account.service_principals_v2.list() if one.application_id == account.config.client_id]
    for workspace in account.workspaces.list():
        assert workspace.workspace_id is not None
        account.workspace_assignment.update(workspace.workspace_id, int(str(me.id)), permissions=[ADMIN])


def preflight(who: Deployment, *arguments: str) -> tuple[int, list[dict[str, Any]]]:
    """The exit code, and the lines."""
    file = who.sandbox.root.parent / "report.json"
    code, said = who.checks_outcome("preflight", *arguments, "--format", "json", "--output", str(file))
    assert file.exists(), said
    lines: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))["lines"]
    file.unlink()
    return code, lines


def test_preflight_names_each_missing_step_until_the_setup_deploys(
    empty: Deployment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter(empty, monkeypatch)
    (tmp_path / "bin").mkdir()
    path, owner = tools(tmp_path / "bin"), as_owner(empty)
    followed: list[str] = []

    def mend(lines: list[dict[str, Any]]) -> None:
        for line in lines:
            if line["status"] != "finding":
                continue
            assert line["id"] not in followed, f"{line['id']} was followed, and is found again: {line['detail']}"
            assert line["remedy"]["commands"], line
            if line["remedy"]["by"] in OWNERS_OF_DATA:
                enter_workspaces(owner)
            who = empty if line["remedy"]["by"] == "you" else owner
            follow(line["remedy"]["commands"], environ=who.environ, path=path)
            followed.append(line["id"])

    skipped: list[str] = []
    for _ in range(20):
        code, lines = preflight(empty, *skipped)
        if code == 0:
            break
        mend(lines)
        for line in lines:
            if line["status"] == "unchecked":
                # What only somebody else may see is looked at by them, as the line says.
                assert line["remedy"]["commands"] == ["python -m checks preflight repository"]
                mend(preflight(owner, "repository")[1])
                assert preflight(owner, "repository")[0] == 0
                skipped += ["--skip", line["id"]]
    assert {line["status"] for line in lines} == {"passed", "skipped"}
    assert [line["id"] for line in lines if line["status"] == "skipped"] == ["github.organisation-policy"]
    assert set(followed) == {
        "account.admin",
        "account.metastore",
        "github.administration",
        "github.organisation-policy",
        "github.repository",
        "prod.catalog.prod",
        "prod.grant.prod",
        "prod.login",
        "prod.metastore",
        "prod.schema.prod.taxi_fare",
        "prod.token-use",
        "prod.token-users-group",
        "staging.catalog.staging",
        "staging.catalog.test",
        "staging.grant.test",
        "staging.login",
        "staging.metastore",
        "staging.schema.test.taxi_fare",
        "staging.token-use",
    }

    empty.synth()
    for stack in ("repository", "staging", "prod"):
        empty.apply(stack)
        assert empty.pending(stack) == []
