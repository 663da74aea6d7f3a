"""The ML repository as a check of its own, which everything about it needs."""

from checks.check import Check, Finding, Outcome, Remedy, Skipped
from checks.github_api import GitHubError
from checks.live import Live
from checks.refusals import said

REPOSITORY = "github.repository"


def repository_check(live: Live, *, docs: str, may_be_absent: bool) -> Check:
    """GITHUB_TOKEN sees the repository; with `may_be_absent`, without a token nothing of it is looked at."""
    github = live.settings.github
    return Check(
        id=REPOSITORY,
        about=f"GITHUB_TOKEN sees the repository {github.owner}/{github.repository}",
        needs=(),
        run=lambda: _seen(live, may_be_absent=may_be_absent),
        remedy=Remedy("set GITHUB_TOKEN to the token of somebody who administers the repository"),
        docs=docs,
    )


def _seen(live: Live, *, may_be_absent: bool) -> Outcome:
    if not live.has_github_token:
        return Skipped("not looked at: no GITHUB_TOKEN") if may_be_absent else Finding("there is no GITHUB_TOKEN")
    try:
        return live.repository.full_name
    except GitHubError as error:
        if error.status in (401, 404):
            return Finding(said(error))
        raise
