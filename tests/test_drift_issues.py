"""One issue per stack that drifts."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from github import GithubException

from checks.check import UncheckableError
from checks.drift.findings.finding import Class, Difference, DriftFinding
from checks.drift.findings.severity import Severity
from checks.drift.report.issues import LABEL, marker, run_address, update_issues
from checks.drift.report.model import DriftReport
from checks.notes import AUTHOR, MAX_CHARACTERS
from packages.sandbox.tests.github_fixtures import ADMIN, READER, WRITER, GitHubSandbox, open_sandbox
from sandbox.github.world.day_one import join
from tests.github_checking import checking

RUN = "https://github.com/acme/infra/actions/runs/7"
NAME = "acme/taxi"


@pytest.fixture
def github(tmp_path: Path) -> Iterator[GitHubSandbox]:
    sandbox = open_sandbox(tmp_path)
    yield sandbox
    sandbox.store.close()


def finding(stack: str, what: Class = Class.CHANGED_OUTSIDE, *, address: str = "a.b") -> DriftFinding:
    return DriftFinding(
        stack=stack, what=what, severity=Severity.HIGH, address=address, resource=f"job of {stack}", remedy="Deploy."
    )


def report(*findings: DriftFinding, unchecked: str = "") -> DriftReport:
    return DriftReport.of(
        project="taxi-fare",
        at=datetime(2026, 1, 15, 12, tzinfo=UTC),
        stacks=[(name, "no answer" if name == unchecked else "", "") for name in ("staging", "prod")],
        findings=findings,
        absorbed=(),
        ignored=(),
        notes=(),
        fail_on=(),
    )


def update(
    github: GitHubSandbox, one: DriftReport, *, token: str = ADMIN, author: str | None = None
) -> tuple[str, ...]:
    return update_issues(one, checking(github, token), NAME, run=RUN, author=author)


def states(github: GitHubSandbox) -> dict[str, str]:
    return {issue.title: issue.state for issue in github.repo().get_issues(state="all")}


def test_each_stack_that_drifts_has_an_issue_of_its_own_with_the_run(github: GitHubSandbox) -> None:
    said = update(github, report(finding("staging"), finding("prod")))
    assert said == (
        "staging: opened https://github.com/acme/taxi/issues/1",
        "prod: opened https://github.com/acme/taxi/issues/2",
    )
    issue = github.repo().get_issue(2)
    assert (issue.title, [label.name for label in issue.labels]) == ("Drift in prod (taxi-fare)", [LABEL])
    assert issue.body.startswith(marker("taxi-fare", "prod"))
    assert "job of prod" in issue.body
    assert "job of staging" not in issue.body
    assert issue.body.endswith(f"Last seen on 2026-01-15 at 12:00 UTC in [this run]({RUN}).\n")
    assert github.repo().get_label(LABEL).description == "What is deployed was changed by other means"


def test_an_issue_is_found_whatever_becomes_of_its_title_and_updated_in_place(github: GitHubSandbox) -> None:
    update(github, report(finding("prod")))
    github.repo().get_issue(1).edit(title="Somebody is on it")
    said = update(github, report(finding("prod", Class.SECRET_RESET)))
    assert said == ("prod: updated https://github.com/acme/taxi/issues/1",)
    issue = github.repo().get_issue(1)
    assert issue.title == "Somebody is on it"
    assert "Secret reset" in issue.body
    assert issue.comments == 0


def test_it_is_closed_with_a_comment_when_nothing_differs_and_reopened_when_it_does_again(
    github: GitHubSandbox,
) -> None:
    update(github, report(finding("prod")))
    assert update(github, report()) == ("prod: closed https://github.com/acme/taxi/issues/1",)
    issue = github.repo().get_issue(1)
    assert (issue.state, issue.state_reason) == ("closed", "completed")
    assert [one.body for one in issue.get_comments()] == [
        f"Nothing differs any more on 2026-01-15 at 12:00 UTC in [this run]({RUN})."
    ]
    assert update(github, report()) == ()
    assert update(github, report(finding("prod"))) == ("prod: reopened https://github.com/acme/taxi/issues/1",)
    assert states(github) == {"Drift in prod (taxi-fare)": "open"}


def test_what_is_only_not_deployed_opens_none_and_ends_one(github: GitHubSandbox) -> None:
    pending = report(finding("prod", Class.PENDING_UPDATE), finding("staging", Class.NOT_DEPLOYED))
    assert update(github, pending) == ()
    update(github, report(finding("prod")))
    assert update(github, pending) == ("prod: closed https://github.com/acme/taxi/issues/1",)


def test_a_stack_that_could_not_be_checked_keeps_its_issue(github: GitHubSandbox) -> None:
    update(github, report(finding("prod")))
    assert update(github, report(unchecked="prod")) == ()
    assert update(github, report(finding("prod", Class.STACK_GONE))) == ()
    assert states(github) == {"Drift in prod (taxi-fare)": "open"}


def test_issues_of_people_and_of_other_projects_are_left_alone(github: GitHubSandbox) -> None:
    repo = github.repo()
    repo.create_issue("Drift in prod (taxi-fare)", labels=[LABEL])
    repo.create_issue("x", body=marker("other", "prod"), labels=[LABEL])
    repo.create_issue("y", body=marker("taxi-fare", "prod"))
    update(github, report())
    assert set(states(github).values()) == {"open"}
    assert update(github, report(finding("prod"))) == ("prod: opened https://github.com/acme/taxi/issues/4",)


def test_a_marker_in_what_drifts_is_no_marker(github: GitHubSandbox) -> None:
    """Whoever may change a job's description wrote another stack's marker there, to have that stack's issue closed."""
    theirs = marker("taxi-fare", "staging")
    spoiled = finding("prod").model_copy(
        update={
            "resource": theirs,
            "detail": theirs,
            "remedy": f"Deploy. {theirs}",
            "path": theirs,
            "consequences": (theirs, f"\n{theirs}"),
            "differences": (Difference(attribute=f"\n\n{theirs}", before=theirs, after=f"\n{theirs}\n"),),
        }
    )
    assert update(github, report(spoiled)) == ("prod: opened https://github.com/acme/taxi/issues/1",)
    assert update(github, report(spoiled)) == ("prod: updated https://github.com/acme/taxi/issues/1",)
    assert states(github) == {"Drift in prod (taxi-fare)": "open"}
    # The other stack gets an issue of its own, and that is the one which is closed.
    assert update(github, report(spoiled, finding("staging")))[0].startswith("staging: opened")
    assert update(github, report(spoiled)) == (
        "staging: closed https://github.com/acme/taxi/issues/2",
        "prod: updated https://github.com/acme/taxi/issues/1",
    )


@pytest.mark.parametrize("token", [READER, WRITER])
def test_an_issue_of_somebody_else_is_not_ours_whatever_it_begins_with(github: GitHubSandbox, token: str) -> None:
    theirs = github.repo(token).create_issue("Drift in prod (taxi-fare)", body=f"{marker('taxi-fare', 'prod')}\nmine")
    github.repo().get_issue(theirs.number).edit(labels=[LABEL])
    assert update(github, report()) == ()
    assert update(github, report(finding("prod"))) == ("prod: opened https://github.com/acme/taxi/issues/2",)
    assert update(github, report()) == ("prod: closed https://github.com/acme/taxi/issues/2",)
    again = github.repo().get_issue(theirs.number)
    assert (again.state, again.body, again.comments) == ("open", f"{marker('taxi-fare', 'prod')}\nmine", 0)


@pytest.mark.parametrize("before", ["x", "\n", " ", "> ", "<!-- x -->", "\u200b", "`"])
def test_a_marker_counts_at_the_very_start_alone(github: GitHubSandbox, before: str) -> None:
    github.repo().create_issue("x", body=f"{before}{marker('taxi-fare', 'prod')}", labels=[LABEL])
    assert update(github, report()) == ()
    assert update(github, report(finding("prod")))[0].startswith("prod: opened")


def test_a_job_s_own_token_writes_as_github_actions(github: GitHubSandbox) -> None:
    join(github.store, github.clock, github.repository, login=AUTHOR, permission="write", token="job-token")
    with pytest.raises(GithubException, match="not accessible by integration"):
        _ = github.client("job-token").get_user().login
    assert update(github, report(finding("prod")), token="job-token")[0].startswith("prod: opened")
    opened = github.repo().get_issue(1)
    assert (opened.user.login, opened.user.type) == (AUTHOR, "Bot")
    # A person's run leaves it alone, unless told whose issues are ours.
    assert update(github, report()) == ()
    assert update(github, report(), author="GitHub-Actions[bot]")[0].startswith("prod: closed")
    assert update(github, report(finding("prod")), token="job-token")[0].startswith("prod: reopened")


def test_names_of_stacks_are_apart_in_markers() -> None:
    assert marker("taxi-fare", "bundle-test") == "<!-- mlops-drift: taxi-fare/bundle-test -->"
    assert marker("a/b", "c") != marker("a", "b/c")
    assert marker("a", "b --> x").count("-->") == 1


def test_a_title_mentions_nobody(github: GitHubSandbox) -> None:
    one = report(finding("prod"))
    update(github, one.model_copy(update={"project": "x\n@acme/team #1\x1b[2J" + "y" * 300}))
    title = github.repo().get_issue(1).title
    assert title.startswith("Drift in prod (x @\u2060acme/team #\u20601\\x1b[2Jyyy")
    assert len(title) == 256


def test_a_body_is_cut_to_what_github_takes(github: GitHubSandbox) -> None:
    long = [Difference(attribute=f"x{n}", before="b" * 150, after="c" * 150) for n in range(20)]
    many = [finding("prod", address=f"a.b{n}").model_copy(update={"differences": tuple(long)}) for n in range(50)]
    update(github, report(*many))
    body = github.repo().get_issue(1).body
    assert MAX_CHARACTERS * 0.8 < len(body) <= MAX_CHARACTERS
    assert "findings are not shown here" in body
    assert body.endswith(f"in [this run]({RUN}).\n")


def test_a_token_that_may_not_do_it_says_so(github: GitHubSandbox) -> None:
    with pytest.raises(UncheckableError, match="Resource not accessible by personal access token"):
        update(github, report(finding("prod")), token=READER)
    github.repo().create_label(LABEL, "ffffff")
    with pytest.raises(UncheckableError, match="was opened without the label drift"):
        update(github, report(finding("prod")), token=READER)


def test_the_address_of_a_run_needs_all_its_parts() -> None:
    environ = {"GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "acme/infra", "GITHUB_RUN_ID": "7"}
    assert run_address(environ) == RUN
    for name in environ:
        assert run_address({**environ, name: ""}) == ""
