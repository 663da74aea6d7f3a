"""What a plan leaves out of private repositories."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from github import GithubException

from packages.sandbox.tests.github_fixtures import REPOSITORY, WORLD, GitHubSandbox, open_sandbox
from sandbox.github.world.accounts.accounts import ENTERPRISE, FREE, set_plan
from sandbox.github.world.accounts.memberships import role_of
from sandbox.github.world.day_one import ADMIN_LOGIN

UPGRADE = "Upgrade to GitHub Pro or make this repository public to enable this feature."
PROTECTION = f"{REPOSITORY}/branches/main/protection"
NOTHING = {
    "required_status_checks": None,
    "enforce_admins": True,
    "required_pull_request_reviews": None,
    "restrictions": None,
}
CREATE = (
    "mutation($input: CreateBranchProtectionRuleInput!){createBranchProtectionRule(input: $input){clientMutationId}}"
)


@pytest.fixture
def github(tmp_path: Path) -> Iterator[GitHubSandbox]:
    sandbox = open_sandbox(tmp_path)
    set_plan(sandbox.store, WORLD.owner, FREE)
    yield sandbox
    sandbox.store.close()


def test_the_plan_is_shown_to_members(github: GitHubSandbox) -> None:
    assert role_of(github.store, WORLD.owner, ADMIN_LOGIN) == "member"
    for plan in (FREE, ENTERPRISE):
        set_plan(github.store, WORLD.owner, plan)
        assert github.client().get_organization(WORLD.owner).plan.name == plan


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", PROTECTION, None),
        ("PUT", PROTECTION, NOTHING),
        ("GET", f"{REPOSITORY}/rulesets", None),
        ("GET", f"{REPOSITORY}/rules/branches/main", None),
        ("GET", f"{REPOSITORY}/environments/prod/secrets/public-key", None),
        ("POST", f"{REPOSITORY}/environments/prod/deployment-branch-policies", {"name": "release"}),
    ],
)
def test_a_private_repository_on_the_free_plan_asks_for_another(
    github: GitHubSandbox, method: str, path: str, body: object
) -> None:
    github.send("PUT", f"{REPOSITORY}/environments/prod")
    answer = github.send(method, path, body)
    assert (answer.status_code, answer.json()["message"]) == (403, UPGRADE)
    github.repo().edit(private=False)
    assert github.send(method, path, body).status_code in (200, 404)


def test_graphql_asks_for_another_plan_as_well(github: GitHubSandbox) -> None:
    given = {"input": {"repositoryId": github.repo().node_id, "pattern": "main"}}
    answer = github.graphql(CREATE, given)
    assert answer["errors"][0]["message"] == UPGRADE
    github.repo().edit(private=False)
    assert "errors" not in github.graphql(CREATE, given)


def test_rules_of_a_plan_that_ended_protect_nothing_until_it_is_back(github: GitHubSandbox) -> None:
    set_plan(github.store, WORLD.owner, "team")
    github.send("PUT", PROTECTION, NOTHING | {"required_pull_request_reviews": {}})
    with pytest.raises(GithubException):
        github.repo().create_file("a.txt", "x", "x")
    set_plan(github.store, WORLD.owner, FREE)
    assert not github.repo().get_branch("main").protected
    github.repo().create_file("a.txt", "x", "x")
    set_plan(github.store, WORLD.owner, "team")
    assert github.repo().get_branch("main").protected


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ({"wait_timer": 30}, "wait timer"),
        ({"prevent_self_review": True}, "required reviewers"),
        (
            {"deployment_branch_policy": {"protected_branches": False, "custom_branch_policies": True}},
            "branch policy",
        ),
    ],
)
def test_an_environment_has_no_rules_on_the_free_plan(github: GitHubSandbox, body: object, rule: str) -> None:
    path = f"{REPOSITORY}/environments/prod"
    answer = github.send("PUT", path, body)
    assert (answer.status_code, answer.json()["message"]) == (
        422,
        f"Failed to create the environment protection rule. Please ensure the billing plan supports the {rule} "
        "protection rule.",
    )
    assert github.send("PUT", path, {}).status_code == 200
    github.repo().edit(private=False)
    assert github.send("PUT", path, body).status_code == 200
