"""The subject of a workflow's identity token."""

from datetime import UTC, datetime, timedelta

import pytest

from packages.sandbox.tests.github_fixtures import READER, REPOSITORY, WORLD, GitHubSandbox
from sandbox.github.world.accounts.accounts import find_account

SUBJECT = f"{REPOSITORY}/actions/oidc/customization/sub"


def immutable(github: GitHubSandbox) -> str:
    owner = find_account(github.store, WORLD.owner)
    assert owner is not None
    return f"repo:acme@{owner['id']}/taxi@{github.repository['id']}"


def test_the_age_of_a_repository_says_how_its_subjects_begin(github: GitHubSandbox) -> None:
    github.clock.offset = datetime(2026, 7, 1, tzinfo=UTC) - datetime.now(UTC)
    names = {"name": "old", "auto_init": True}
    github.send("POST", "/user/repos", names)
    github.clock.offset = datetime(2026, 8, 1, tzinfo=UTC) - datetime.now(UTC)
    github.send("POST", "/user/repos", names | {"name": "new"})
    for name, survives in (("old", False), ("new", True)):
        path = f"/repos/platform-admin/{name}"
        shown = github.send("GET", f"{path}/actions/oidc/customization/sub").json()
        assert (shown["use_default"], shown["use_immutable_subject"]) == (True, survives)
        assert ("@" in shown["sub_claim_prefix"]) is survives
    github.clock.offset = timedelta()


def test_a_repository_can_be_given_subjects_that_survive_a_rename_or_not(github: GitHubSandbox) -> None:
    for survives, prefix in ((True, immutable(github)), (False, "repo:acme/taxi")):
        answer = github.send("PUT", SUBJECT, {"use_default": True, "use_immutable_subject": survives})
        assert answer.status_code == 201
        assert github.send("GET", SUBJECT).json() == {
            "use_default": True,
            "use_immutable_subject": survives,
            "sub_claim_prefix": prefix,
        }


def test_claims_of_ones_own_read_back_and_the_default_forgets_them(github: GitHubSandbox) -> None:
    claims = ["repo", "context", "job_workflow_ref"]
    assert github.send("PUT", SUBJECT, {"use_default": False, "include_claim_keys": claims}).status_code == 201
    shown = github.send("GET", SUBJECT, token=READER).json()
    assert (shown["use_default"], shown["include_claim_keys"]) == (False, claims)
    assert github.send("PUT", SUBJECT, {"use_default": True}).status_code == 201
    assert "include_claim_keys" not in github.send("GET", SUBJECT).json()


@pytest.mark.parametrize("body", [{}, {"use_default": False}, {"use_default": False, "include_claim_keys": [1]}])
def test_a_template_that_says_nothing_is_refused(github: GitHubSandbox, body: object) -> None:
    assert github.send("PUT", SUBJECT, body).status_code == 422
