"""Issues, their comments and labels."""

import pytest
from github import GithubException, UnknownObjectException

from packages.sandbox.tests.github_fixtures import READER, REPOSITORY, GitHubSandbox


def test_an_issue_is_opened_changed_commented_closed_and_reopened(github: GitHubSandbox) -> None:
    repo = github.repo()
    issue = repo.create_issue("Something is wrong", body="Look", labels=["drift"])
    assert (issue.state, issue.user.login) == ("open", "platform-admin")
    assert issue.html_url == f"https://github.com/acme/taxi/issues/{issue.number}"
    issue.create_comment("Looking")
    issue.create_comment("Found")
    issue.edit(body="Found it", state="closed", state_reason="completed")
    again = repo.get_issue(issue.number)
    assert (again.state, again.state_reason, again.body, again.comments) == ("closed", "completed", "Found it", 2)
    assert [comment.body for comment in again.get_comments()] == ["Looking", "Found"]
    assert again.closed_at is not None
    again.edit(state="open")
    last = repo.get_issue(issue.number)
    assert (last.state, last.state_reason, last.closed_at) == ("open", "reopened", None)
    assert last.title == "Something is wrong"


def test_issues_are_listed_by_state_and_by_labels(github: GitHubSandbox) -> None:
    repo = github.repo()
    one = repo.create_issue("one", labels=["drift"])
    two = repo.create_issue("two", labels=["drift", "urgent"])
    three = repo.create_issue("three")
    two.edit(state="closed")

    def numbers(**query: object) -> list[int]:
        return [issue.number for issue in repo.get_issues(**query)]  # type: ignore[arg-type]

    assert numbers() == [three.number, one.number]
    assert numbers(state="closed") == [two.number]
    assert numbers(state="all", direction="asc") == [one.number, two.number, three.number]
    assert numbers(state="all", labels=["DRIFT"]) == [two.number, one.number]
    assert numbers(state="all", labels=["drift", "urgent"]) == [two.number]
    assert numbers(labels=["nothing"]) == []


def test_issues_and_pull_requests_share_their_numbers(github: GitHubSandbox) -> None:
    repo = github.repo()
    issue = repo.create_issue("one")
    repo.create_git_ref("refs/heads/feature", repo.get_branch("main").commit.sha)
    repo.create_file("a.txt", "Add a file", "a", branch="feature")
    pull = repo.create_pull(base="main", head="feature", title="Add a file", body="")
    assert pull.number == issue.number + 1
    with pytest.raises(UnknownObjectException):
        repo.get_issue(pull.number)


def test_a_label_is_made_once_and_known_in_any_case(github: GitHubSandbox) -> None:
    repo = github.repo()
    with pytest.raises(UnknownObjectException):
        repo.get_label("drift")
    made = repo.create_label("drift", "d93f0b", "Changed by other means")
    assert repo.get_label("Drift").color == made.color == "d93f0b"
    with pytest.raises(GithubException) as refused:
        repo.create_label("DRIFT", "ffffff")
    assert refused.value.status == 422
    assert refused.value.data["errors"][0]["code"] == "already_exists"
    assert [label.name for label in repo.get_labels()] == ["drift"]


def test_a_label_that_is_not_there_is_made_with_its_issue(github: GitHubSandbox) -> None:
    repo = github.repo()
    issue = repo.create_issue("one", labels=["new"])
    assert [label.name for label in issue.labels] == ["new"]
    assert repo.get_label("new").color == "ededed"


def test_who_may_only_read_opens_issues_without_labels_and_changes_none(github: GitHubSandbox) -> None:
    issue = github.repo(READER).create_issue("one", labels=["drift"])
    assert issue.labels == []
    issue.create_comment("Please look")
    with pytest.raises(GithubException) as refused:
        issue.edit(state="closed")
    assert refused.value.status == 403


def test_a_body_that_is_too_long_is_refused(github: GitHubSandbox) -> None:
    repo = github.repo()
    repo.create_issue("fits", body="x" * 65_536)
    with pytest.raises(GithubException) as refused:
        repo.create_issue("too long", body="x" * 65_537)
    assert refused.value.data["errors"][0]["message"] == "body is too long (maximum is 65536 characters)"


@pytest.mark.parametrize("body", [{}, {"title": 1}, {"title": "x", "labels": [1]}, {"title": "x", "body": []}])
def test_an_issue_that_is_malformed_gets_422(github: GitHubSandbox, body: object) -> None:
    assert github.send("POST", f"{REPOSITORY}/issues", body).status_code == 422
