"""Fine-grained tokens: their owner may more than they may."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from github import GithubException

from packages.sandbox.tests.github_fixtures import REPOSITORY, STRANGER, GitHubSandbox, open_sandbox
from sandbox.github.routes import ROUTES
from sandbox.github.world.accounts.tokens import issue_token
from sandbox.github.world.day_one import ADMIN_LOGIN
from sandbox.rules import Authenticated

TOKEN = "fine-grained-token"
REFUSAL = "Resource not accessible by personal access token"
CREATE = (
    "mutation($input: CreateBranchProtectionRuleInput!){createBranchProtectionRule(input: $input){clientMutationId}}"
)
RULES = "query($id: ID!){node(id: $id){... on Repository{branchProtectionRules(first: 9){nodes{pattern}}}}}"


@pytest.fixture
def github(tmp_path: Path) -> Iterator[GitHubSandbox]:
    sandbox = open_sandbox(tmp_path)
    sandbox.send("PUT", f"{REPOSITORY}/environments/prod")
    yield sandbox
    sandbox.store.close()


def allow(github: GitHubSandbox, **permissions: str) -> None:
    """Let the administrator's fine-grained token do so much."""
    issue_token(github.store, login=ADMIN_LOGIN, token=TOKEN, permissions=permissions)


@pytest.mark.parametrize(
    ("permission", "method", "path", "body"),
    [
        ("administration", "GET", "/actions/permissions/workflow", None),
        ("administration", "PUT", "/actions/permissions/workflow", {"default_workflow_permissions": "write"}),
        ("administration", "PATCH", "", {"default_branch": "main"}),
        ("administration", "PUT", "/environments/prod", {}),
        ("administration", "PUT", "/collaborators/onlooker", {}),
        ("secrets", "GET", "/actions/secrets/public-key", None),
        ("secrets", "GET", "/actions/secrets", None),
        ("variables", "POST", "/actions/variables", {"name": "A", "value": "b"}),
        ("environments", "GET", "/environments/prod/secrets/public-key", None),
        ("environments", "POST", "/environments/prod/variables", {"name": "A", "value": "b"}),
        ("actions", "GET", "/environments/prod", None),
        ("actions", "PUT", "/actions/oidc/customization/sub", {"use_default": True}),
        ("contents", "GET", "/branches/main", None),
        ("contents", "PUT", "/contents/a.txt", {"message": "x", "content": ""}),
        ("statuses", "GET", "/commits/main/status", None),
        ("pull_requests", "GET", "/pulls", None),
    ],
)
def test_each_permission_is_needed_where_the_reference_says_so(
    github: GitHubSandbox, permission: str, method: str, path: str, body: object
) -> None:
    access = "read" if method == "GET" else "write"
    allow(github, contents="read" if permission != "contents" else "none")
    if (permission, access) == ("contents", "write"):
        allow(github, contents="read")
    answer = github.send(method, REPOSITORY + path, body, token=TOKEN)
    assert (answer.status_code, answer.json()["message"]) == (403, REFUSAL)
    assert answer.headers["X-Accepted-GitHub-Permissions"] == f"{permission}={access}"
    allow(github, **{permission: access})
    assert github.send(method, REPOSITORY + path, body, token=TOKEN).status_code < 300


def test_write_includes_read(github: GitHubSandbox) -> None:
    allow(github, administration="write")
    assert github.send("GET", f"{REPOSITORY}/actions/permissions", token=TOKEN).status_code == 200


def test_a_token_cannot_do_more_than_its_owner(github: GitHubSandbox) -> None:
    issue_token(github.store, login="stranger", token=TOKEN, permissions={"administration": "write"})
    for token in (TOKEN, STRANGER):
        assert github.send("GET", f"{REPOSITORY}/actions/permissions", token=token).status_code == 404
    issue_token(github.store, login="onlooker", token=TOKEN, permissions={"administration": "write"})
    assert github.send("GET", f"{REPOSITORY}/actions/permissions", token=TOKEN).status_code == 403


def test_metadata_can_be_read_by_every_token_and_public_content_as_well(github: GitHubSandbox) -> None:
    allow(github)
    repository = github.repo(TOKEN)
    assert repository.default_branch == "main"
    with pytest.raises(GithubException) as refusal:
        repository.get_contents("README.md")
    assert (refusal.value.status, refusal.value.data["message"]) == (403, REFUSAL)
    github.repo().edit(private=False)
    assert repository.get_contents("README.md").decoded_content
    with pytest.raises(GithubException):
        repository.create_file("a.txt", "x", "x")


def test_graphql_asks_for_administration(github: GitHubSandbox) -> None:
    node = github.repo().node_id
    given = {"input": {"repositoryId": node, "pattern": "main"}}
    allow(github, contents="write")
    assert github.graphql(CREATE, given, token=TOKEN)["errors"][0]["message"] == REFUSAL
    allow(github, administration="write")
    assert "errors" not in github.graphql(CREATE, given, token=TOKEN)
    found = github.graphql(RULES, {"id": node}, token=TOKEN)["data"]["node"]["branchProtectionRules"]["nodes"]
    assert found == [{"pattern": "main"}]
    allow(github, contents="write")
    assert github.graphql(RULES, {"id": node}, token=TOKEN)["data"]["node"]["branchProtectionRules"]["nodes"] == []


def test_making_a_repository_needs_administration(github: GitHubSandbox) -> None:
    allow(github, contents="write")
    with pytest.raises(GithubException) as refusal:
        github.client(TOKEN).get_user().create_repo("notes")
    assert refusal.value.data["message"] == REFUSAL
    allow(github, administration="write")
    github.client(TOKEN).get_user().create_repo("notes")


def test_every_row_that_asks_for_a_right_names_the_permission_of_a_token() -> None:
    rules: list[Any] = [route.rule for route in ROUTES if not isinstance(route.rule, Authenticated)]
    needed = {rule.needs for rule in rules}
    assert needed == {
        "actions",
        "administration",
        "contents",
        "environments",
        "issues",
        "metadata",
        "organization_administration",
        "pull_requests",
        "secrets",
        "statuses",
        "variables",
    }
