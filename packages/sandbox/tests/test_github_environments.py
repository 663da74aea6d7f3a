"""Environments with their policies, secrets and variables; the repository's variables, rulesets and OIDC subject."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from github import GithubException

from packages.sandbox.tests.github_fixtures import READER, REPOSITORY, WORLD, WRITER, GitHubSandbox
from sandbox.github.world.actions.secrets import open_secret
from sandbox.github.world.branches.rulesets import add_ruleset
from sandbox.github.world.repositories.repositories import find_repository, save_repository

PROD = f"{REPOSITORY}/environments/prod"
POLICIES = f"{PROD}/deployment-branch-policies"
CUSTOM = {"protected_branches": False, "custom_branch_policies": True}


def as_provider(github: GitHubSandbox, policy: dict[str, bool] | None = None, **changes: Any) -> dict[str, Any]:
    """PUT an environment with the body of the Terraform provider."""
    body = {
        "wait_timer": 0,
        "reviewers": None,
        "can_admins_bypass": True,
        "deployment_branch_policy": policy,
        "prevent_self_review": False,
    }
    answer = github.send("PUT", PROD, body | changes)
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


def test_an_environment_reads_back_as_it_was_written(github: GitHubSandbox) -> None:
    assert as_provider(github) == github.send("GET", PROD).json()
    shown = github.send("GET", PROD).json()
    assert (shown["name"], shown["can_admins_bypass"], shown["protection_rules"]) == ("prod", True, [])
    assert shown["deployment_branch_policy"] is None
    writer = github.client().get_user("writer").id
    shown = as_provider(
        github,
        CUSTOM,
        wait_timer=5,
        reviewers=[{"type": "User", "id": writer}],
        prevent_self_review=True,
        can_admins_bypass=False,
    )
    rules = {rule["type"]: rule for rule in shown["protection_rules"]}
    assert set(rules) == {"wait_timer", "required_reviewers", "branch_policy"}
    assert rules["wait_timer"]["wait_timer"] == 5
    assert rules["required_reviewers"]["prevent_self_review"] is True
    assert [one["reviewer"]["id"] for one in rules["required_reviewers"]["reviewers"]] == [writer]
    assert (shown["deployment_branch_policy"], shown["can_admins_bypass"]) == (CUSTOM, False)


def test_an_environment_goes_with_all_that_is_in_it(github: GitHubSandbox) -> None:
    before = github.store.dump()
    as_provider(github, CUSTOM)
    github.send("POST", POLICIES, {"name": "release", "type": "branch"})
    environment = github.repo().get_environment("prod")
    environment.create_secret("TOKEN", "x")
    environment.create_variable("HOST", "y")
    github.repo().delete_environment("prod")
    assert github.store.dump() == before
    assert github.send("DELETE", PROD).status_code == 404


def test_pygithub_makes_and_lists_environments(github: GitHubSandbox) -> None:
    github.repo().create_environment("prod", wait_timer=3)
    (environment,) = github.repo().get_environments()
    assert (environment.name, [rule.wait_timer for rule in environment.protection_rules]) == ("prod", [3])


def test_names_of_environments_may_have_slashes_and_know_no_case(github: GitHubSandbox) -> None:
    github.repo().create_environment("team/prod")
    assert github.repo().get_environment("Team/Prod").name == "team/prod"
    assert github.send("PUT", f"{REPOSITORY}/environments/TEAM%2FPROD").json()["name"] == "team/prod"
    github.repo().get_environment("team/prod").create_secret("TOKEN", "x")
    assert open_secret(github.store, WORLD, name="TOKEN", environment="team/prod") == "x"


@pytest.mark.parametrize(
    "body",
    [
        {"wait_timer": 43_201},
        {"reviewers": [{"type": "User", "id": 1}]},
        {"deployment_branch_policy": {"protected_branches": True, "custom_branch_policies": True}},
        {"deployment_branch_policy": {"protected_branches": True}},
    ],
)
def test_what_is_no_environment_is_refused(github: GitHubSandbox, body: dict[str, Any]) -> None:
    assert github.send("PUT", PROD, body).status_code == 422
    assert github.send("GET", PROD).status_code == 404


def test_timestamps_move_on_writes_only(github: GitHubSandbox) -> None:
    first = as_provider(github)
    github.clock.offset += timedelta(hours=1)
    assert github.send("GET", PROD).json() == first
    second = as_provider(github)
    assert (second["created_at"], second["id"]) == (first["created_at"], first["id"])
    assert second["updated_at"] > first["updated_at"]


def test_branch_policies_live_in_environments_with_policies_of_their_own(github: GitHubSandbox) -> None:
    wanted = {"name": "release", "type": "branch"}
    assert github.send("POST", POLICIES, wanted).status_code == 404
    as_provider(github)
    assert github.send("POST", POLICIES, wanted).status_code == 404
    as_provider(github, CUSTOM)
    made = github.send("POST", POLICIES, wanted).json()
    policy = f"{POLICIES}/{made['id']}"
    assert github.send("GET", policy).json() == made
    assert (made["name"], made["type"]) == ("release", "branch")
    assert github.send("POST", POLICIES, wanted).status_code == 303
    assert github.send("PUT", policy, {"name": "release/*"}).json() == made | {"name": "release/*"}
    assert github.send("GET", POLICIES).json()["total_count"] == 1
    as_provider(github, CUSTOM, wait_timer=1)
    assert github.send("GET", policy).status_code == 200
    assert github.send("DELETE", policy).status_code == 204
    assert github.send("GET", policy).status_code == 404


def test_policies_go_when_the_environment_admits_all_branches_again(github: GitHubSandbox) -> None:
    as_provider(github)
    before = github.send("GET", POLICIES).json()
    as_provider(github, CUSTOM)
    github.send("POST", POLICIES, {"name": "release"})
    as_provider(github)
    assert github.send("GET", POLICIES).json() == before


def test_a_job_sees_the_secrets_of_its_environment_before_the_repositorys(github: GitHubSandbox) -> None:
    as_provider(github)
    github.repo().create_secret("TOKEN", "repository's")
    assert open_secret(github.store, WORLD, name="TOKEN", environment="prod") == "repository's"
    github.repo().get_environment("prod").create_secret("TOKEN", "prod's")
    assert open_secret(github.store, WORLD, name="TOKEN", environment="prod") == "prod's"
    assert open_secret(github.store, WORLD, name="TOKEN") == "repository's"


def test_a_branch_that_may_not_deploy_sees_no_secret_of_the_environment(github: GitHubSandbox) -> None:
    as_provider(github, CUSTOM)
    github.send("POST", POLICIES, {"name": "release"})
    github.repo().get_environment("prod").create_secret("TOKEN", "x")
    assert open_secret(github.store, WORLD, name="TOKEN", environment="prod", branch="release") == "x"
    with pytest.raises(PermissionError, match="branch feature is not allowed to deploy to prod"):
        open_secret(github.store, WORLD, name="TOKEN", environment="prod", branch="feature")
    github.send("POST", POLICIES, {"name": "hotfix/*"})
    github.send("POST", POLICIES, {"name": "v*", "type": "tag"})
    with pytest.raises(PermissionError, match=r"environment prod admits jobs on release, hotfix/\* only"):
        open_secret(github.store, WORLD, name="TOKEN", environment="prod")


def test_only_protected_branches_deploy_where_the_environment_says_so(github: GitHubSandbox) -> None:
    as_provider(github, {"protected_branches": True, "custom_branch_policies": False})
    github.repo().get_environment("prod").create_secret("TOKEN", "x")
    with pytest.raises(PermissionError):
        open_secret(github.store, WORLD, name="TOKEN", environment="prod", branch="main")
    with pytest.raises(PermissionError, match="environment prod admits jobs on protected branches only"):
        open_secret(github.store, WORLD, name="TOKEN", environment="prod")
    github.repo().get_branch("main").edit_protection(enforce_admins=True)
    assert open_secret(github.store, WORLD, name="TOKEN", environment="prod", branch="main") == "x"


def test_the_providers_way_to_an_environments_secret_is_the_repositorys_number(github: GitHubSandbox) -> None:
    as_provider(github)
    numbered = f"/repositories/{github.repository['id']}/environments/prod/secrets"
    github.repo().get_environment("prod").create_secret("TOKEN", "x")
    assert github.send("GET", f"{numbered}/TOKEN").json() == github.send("GET", f"{PROD}/secrets/TOKEN").json()
    keys = [github.send("GET", f"{path}/public-key").json() for path in (numbered, f"{PROD}/secrets")]
    assert keys[0] == keys[1] != github.send("GET", f"{REPOSITORY}/actions/secrets/public-key").json()
    assert github.send("DELETE", f"{numbered}/TOKEN").status_code == 204
    assert github.send("GET", "/repositories/1/environments/prod/secrets").status_code == 404


@pytest.mark.parametrize("path", [f"{REPOSITORY}/actions/variables", f"{PROD}/variables"])
def test_variables_are_made_once_and_then_changed(github: GitHubSandbox, path: str) -> None:
    as_provider(github)
    before = github.store.dump()
    assert github.send("POST", path, {"name": "host", "value": "a"}).status_code == 201
    first = github.send("GET", f"{path}/HOST").json()
    assert (first["name"], first["value"]) == ("HOST", "a")
    assert github.send("POST", path, {"name": "HOST", "value": "b"}).status_code == 409
    github.clock.offset += timedelta(minutes=1)
    assert github.send("GET", f"{path}/HOST").json() == first
    assert github.send("PATCH", f"{path}/HOST", {"name": "HOST", "value": "b"}).status_code == 204
    second = github.send("GET", f"{path}/HOST").json()
    assert (second["value"], second["created_at"]) == ("b", first["created_at"])
    assert second["updated_at"] > first["updated_at"]
    assert github.send("PATCH", f"{path}/HOST", {"name": "URL"}).status_code == 204
    assert github.send("GET", path).json()["variables"][0]["name"] == "URL"
    assert github.send("DELETE", f"{path}/URL").status_code == 204
    assert github.send("DELETE", f"{path}/URL").status_code == 404
    assert github.store.dump() == before


def test_pygithub_manages_variables(github: GitHubSandbox) -> None:
    variable = github.repo().create_variable("HOST", "a")
    assert variable.edit("b")
    assert github.repo().get_variable("HOST").value == "b"
    for n in range(12):
        github.repo().create_variable(f"V{n:02}", "x")
    assert len(list(github.repo().get_variables())) == 13
    with pytest.raises(GithubException):
        github.repo(READER).create_variable("X", "y")


def test_writers_see_environments_and_only_administrators_change_them(github: GitHubSandbox) -> None:
    as_provider(github)
    assert github.repo(READER).get_environment("prod").name == "prod"
    for method in ("PUT", "DELETE"):
        answer = github.send(method, PROD, {}, token=WRITER)
        assert (answer.status_code, answer.json()["message"]) == (403, "Must have admin rights to Repository.")


def test_rulesets_can_be_read_with_the_branches_that_they_cover(github: GitHubSandbox) -> None:
    number = add_ruleset(
        github.store,
        github.clock,
        github.repository,
        name="no force pushes",
        include=["~DEFAULT_BRANCH", "refs/heads/rel/**/*"],
        rules=[{"type": "non_fast_forward"}],
    )
    add_ruleset(
        github.store,
        github.clock,
        github.repository,
        name="off",
        include=["~ALL"],
        rules=[{"type": "deletion"}],
        enforcement="disabled",
    )
    listed = github.send("GET", f"{REPOSITORY}/rulesets", token=READER).json()
    assert [(one["name"], "rules" in one) for one in listed] == [("no force pushes", False), ("off", False)]
    one = github.send("GET", f"{REPOSITORY}/rulesets/{number}", query={"includes_parents": "false"}).json()
    assert one["rules"] == [{"type": "non_fast_forward"}]
    assert github.send("GET", f"{REPOSITORY}/rulesets/1").status_code == 404
    for branch, expected in (("main", ["non_fast_forward"]), ("rel/1", ["non_fast_forward"]), ("other", [])):
        rules = github.send("GET", f"{REPOSITORY}/rules/branches/{branch}", token=READER).json()
        assert [rule["type"] for rule in rules] == expected


def test_administrators_make_rulesets(github: GitHubSandbox) -> None:
    ruleset = {
        "name": "signed",
        "target": "branch",
        "enforcement": "active",
        "conditions": {"ref_name": {"include": ["~DEFAULT_BRANCH"], "exclude": []}},
        "rules": [{"type": "required_signatures"}],
    }
    assert github.send("POST", f"{REPOSITORY}/rulesets", ruleset, token=WRITER).status_code == 403
    made = github.send("POST", f"{REPOSITORY}/rulesets", ruleset)
    assert (made.status_code, {name: made.json()[name] for name in ruleset}) == (201, ruleset)
    rules = github.send("GET", f"{REPOSITORY}/rules/branches/main").json()
    assert [(rule["type"], rule["ruleset_id"]) for rule in rules] == [("required_signatures", made.json()["id"])]
    assert github.send("POST", f"{REPOSITORY}/rulesets", {**ruleset, "target": "tag"}).status_code == 422


def test_new_repositories_have_subjects_that_survive_a_rename(github: GitHubSandbox) -> None:
    path = f"{REPOSITORY}/actions/oidc/customization/sub"
    repository = github.repository
    owner = github.client().get_organization(WORLD.owner).id
    assert datetime.now().isoformat() > "2026-07-15"
    shown = github.send("GET", path).json()
    assert shown["use_immutable_subject"] is True
    assert shown["sub_claim_prefix"] == f"repo:acme@{owner}/taxi@{repository['id']}"
    save_repository(github.store, repository | {"created_at": "2025-01-01T00:00:00Z"})
    assert find_repository(github.store, "ACME", "Taxi") is not None
    shown = github.send("GET", path).json()
    assert (shown["use_immutable_subject"], shown["sub_claim_prefix"]) == (False, "repo:acme/taxi")
