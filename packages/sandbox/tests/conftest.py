"""The services in this process, freshly seeded, for the tests of one request at a time."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from packages.sandbox.tests import databricks_sandbox, github_fixtures
from packages.sandbox.tests.databricks_projects import Project, make_project
from packages.sandbox.tests.databricks_sandbox import DatabricksSandbox
from packages.sandbox.tests.github_fixtures import GitHubSandbox


@pytest.fixture
def github(tmp_path: Path) -> Iterator[GitHubSandbox]:
    """GitHub, as day one leaves it."""
    sandbox = github_fixtures.open_sandbox(tmp_path)
    yield sandbox
    sandbox.store.close()


@pytest.fixture
def databricks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DatabricksSandbox]:
    """Databricks, as day one leaves it."""
    with databricks_sandbox.open_sandbox(tmp_path, monkeypatch) as opened:
        yield opened


@pytest.fixture
def project(databricks: DatabricksSandbox) -> Project:
    """What a project's CI principal has in a workspace."""
    return make_project(databricks)
