"""The client of checks, in front of a GitHub in this process."""

from checks.github_client import GitHub
from packages.sandbox.tests.github_fixtures import ADMIN, GitHubSandbox


def checking(github: GitHubSandbox, token: str = ADMIN) -> GitHub:
    """The client of checks, logged in."""
    return GitHub(token, transport=github.transport())
