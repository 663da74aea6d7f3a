"""What Actions may do in the repository, and the workflow token's rights."""

import pytest

from packages.sandbox.tests.github_fixtures import READER, REPOSITORY, WRITER, GitHubSandbox

PERMISSIONS = f"{REPOSITORY}/actions/permissions"
WORKFLOW = f"{PERMISSIONS}/workflow"
SELECTED = f"{PERMISSIONS}/selected-actions"


def test_a_new_repository_lets_workflows_only_read(github: GitHubSandbox) -> None:
    assert github.send("GET", WORKFLOW).json() == {
        "default_workflow_permissions": "read",
        "can_approve_pull_request_reviews": False,
    }


def test_the_workflow_token_can_be_given_write_and_taken_back(github: GitHubSandbox) -> None:
    before = github.store.dump()
    seed = github.send("GET", WORKFLOW).json()
    wanted = {"default_workflow_permissions": "write", "can_approve_pull_request_reviews": True}
    assert github.send("PUT", WORKFLOW, wanted).status_code == 204
    assert github.send("GET", WORKFLOW).json() == wanted
    assert github.send("PUT", WORKFLOW, seed).status_code == 204
    assert github.store.dump() == before


def test_an_unknown_workflow_permission_is_refused(github: GitHubSandbox) -> None:
    assert github.send("PUT", WORKFLOW, {"default_workflow_permissions": "admin"}).status_code == 422


def test_a_new_repository_allows_all_actions(github: GitHubSandbox) -> None:
    assert github.send("GET", PERMISSIONS).json() == {"enabled": True, "allowed_actions": "all"}


def test_selected_actions_exist_only_while_they_are_selected(github: GitHubSandbox) -> None:
    before = github.store.dump()
    assert github.send("GET", SELECTED).status_code == 409
    assert github.send("PUT", PERMISSIONS, {"enabled": True, "allowed_actions": "selected"}).status_code == 204
    wanted = {"github_owned_allowed": True, "patterns_allowed": ["databricks/*"], "verified_allowed": False}
    assert github.send("PUT", SELECTED, wanted).status_code == 204
    assert github.send("GET", SELECTED).json() == wanted
    assert github.send("GET", PERMISSIONS).json()["selected_actions_url"].endswith(SELECTED)
    assert github.send("PUT", PERMISSIONS, {"enabled": True, "allowed_actions": "all"}).status_code == 204
    assert github.store.dump() == before


def test_disabled_actions_have_no_allowed_ones(github: GitHubSandbox) -> None:
    github.send("PUT", PERMISSIONS, {"enabled": False})
    assert github.send("GET", PERMISSIONS).json() == {"enabled": False}


@pytest.mark.parametrize("body", [{}, {"enabled": "yes"}, {"enabled": True, "allowed_actions": ""}, []])
def test_what_is_no_permission_is_refused(github: GitHubSandbox, body: object) -> None:
    assert github.send("PUT", PERMISSIONS, body).status_code == 422


@pytest.mark.parametrize("token", [READER, WRITER])
def test_only_administrators_see_or_change_them(github: GitHubSandbox, token: str) -> None:
    for method in ("GET", "PUT"):
        answer = github.send(method, WORKFLOW, {}, token=token)
        assert (answer.status_code, answer.json()["message"]) == (403, "Must have admin rights to Repository.")
