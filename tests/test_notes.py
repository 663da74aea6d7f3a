"""The comment and the issue that workflows keep: found by who wrote them and by how they begin."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from checks.github_api import Ask
from checks.notes import MAX_CHARACTERS, Notes, fitted, marked
from packages.sandbox.tests.github_fixtures import ADMIN, STRANGER, WRITER, GitHubSandbox, open_sandbox
from tests.github_checking import checking

ROOT = Path(__file__).parent.parent
NAME = "acme/taxi"


@pytest.fixture
def github(tmp_path: Path) -> Iterator[GitHubSandbox]:
    sandbox = open_sandbox(tmp_path)
    sandbox.repo().edit(private=False)
    yield sandbox
    sandbox.store.close()


def asking(github: GitHubSandbox, token: str) -> Ask:
    return checking(github, token).repository(NAME).ask


def notes(github: GitHubSandbox) -> Notes:
    return Notes(asking(github, ADMIN), author="platform-admin")


def bodies(github: GitHubSandbox, number: int) -> list[str]:
    return [one.body for one in github.repo().get_issue(number).get_comments()]


def test_a_comment_is_written_once_and_then_anew(github: GitHubSandbox) -> None:
    number = github.repo().create_issue("a change").number
    assert notes(github).comment(number=number, marker="plan", text="one").startswith("wrote https://")
    assert notes(github).comment(number=number, marker="plan", text="two").startswith("updated ")
    assert notes(github).comment(number=number, marker="other", text="three").startswith("wrote ")
    assert bodies(github, number) == ["<!-- plan -->\ntwo", "<!-- other -->\nthree"]


@pytest.mark.parametrize("token", [WRITER, STRANGER])
def test_a_comment_of_somebody_else_is_left_alone_whatever_it_begins_with(github: GitHubSandbox, token: str) -> None:
    number = github.repo().create_issue("a change").number
    asking(github, token)("POST", f"issues/{number}/comments", {"body": "<!-- plan -->\ntheirs"})
    notes(github).comment(number=number, marker="plan", text="ours")
    notes(github).comment(number=number, marker="plan", text="ours")
    assert bodies(github, number) == ["<!-- plan -->\ntheirs", "<!-- plan -->\nours"]


def test_a_marker_inside_our_own_comment_is_none(github: GitHubSandbox) -> None:
    number = github.repo().create_issue("a change").number
    notes(github).comment(number=number, marker="plan", text=f"{marked('other')}\n{marked('plan')}")
    notes(github).comment(number=number, marker="other", text="b")
    assert len(bodies(github, number)) == 2


def test_an_issue_stays_open_as_long_as_something_fails(github: GitHubSandbox) -> None:
    def keep(failed: bool) -> str:
        return notes(github).issue(marker="rotation", title="@team\nfails", text="a", failed=failed)

    assert keep(False) == "nothing failed, and no issue is open"
    assert keep(True).startswith("opened ")
    assert keep(True).startswith("updated ")
    issue = github.repo().get_issue(1)
    assert (issue.title, issue.state) == ("@\u2060team fails", "open")
    assert keep(False).startswith("closed ")
    assert keep(True) == "opened https://github.com/acme/taxi/issues/2"


def test_an_issue_of_somebody_else_is_not_closed(github: GitHubSandbox) -> None:
    asking(github, STRANGER)("POST", "issues", {"title": "x", "body": marked("rotation")})
    said = notes(github).issue(marker="rotation", title="x", text="a", failed=False)
    assert said == "nothing failed, and no issue is open"
    assert github.repo().get_issue(1).state == "open"


def test_a_pull_request_or_a_ghost_is_no_issue_of_ours() -> None:
    ours = {"user": {"login": "bot"}, "body": marked("m")}
    one = Notes(lambda *_: None, author="bot")
    assert one.ours([{**ours, "pull_request": {}}, {**ours, "user": None}, {**ours, "body": None}], "m") is None
    assert one.ours([{**ours, "number": 2}], "m") == {**ours, "number": 2}


def test_it_needs_nothing_installed() -> None:
    path = [str(ROOT), str(ROOT / "packages" / "text" / "src")]
    command = [sys.executable, "-I", "-S", "-c", f"import sys; sys.path += {path!r}; import checks.notes"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_body_is_cut_at_a_line() -> None:
    body = fitted(marked("m"), "x" * 100 + "\n" + "y\n" * MAX_CHARACTERS)
    assert len(body) <= MAX_CHARACTERS
    assert body.startswith("<!-- m -->\n")
    assert "The rest is cut off" in body
