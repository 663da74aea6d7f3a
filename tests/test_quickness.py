"""Quick tests start no program, and which tests are quick follows from what they call."""

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from packages.sandbox.tests.sandbox_processes import Sandbox
from tests import quickness
from tests.deployments import deployment_in
from tests.ml_project import write_project
from tests.synthesis import synthesize


@pytest.fixture
def by_hand() -> None:
    subprocess.run(["true"], check=True)


def test_what_comes_to_a_process_is_slow() -> None:
    def directly() -> None:
        subprocess.run(["true"], check=True)

    def by_a_sandbox(sandbox: Sandbox) -> None:
        Sandbox(Path()).shell("true")

    def inside_of_another() -> None:
        def inner() -> object:
            return deployment_in(Path(), {})

        inner()

    def not_at_all(tmp_path: Path) -> None:
        synthesize(write_project(tmp_path), {})

    found = [quickness.starts_programs(one) for one in (directly, by_a_sandbox, inside_of_another, not_at_all)]
    assert found == [True, True, True, False]


@pytest.mark.usefixtures("by_hand")
def test_a_test_with_such_a_fixture_is_slow(request: pytest.FixtureRequest) -> None:
    assert request.node.get_closest_marker("slow")


def test_a_test_without_one_is_quick(request: pytest.FixtureRequest) -> None:
    assert not request.node.get_closest_marker("slow")


@pytest.mark.parametrize("program", [sys.executable, "terraform", "sh"])
def test_a_quick_test_that_starts_a_program_fails(program: str) -> None:
    starting = importlib.import_module("subprocess")
    with pytest.raises(pytest.fail.Exception, match=f"starts {Path(program).name}: mark it with pytest.mark.slow"):
        starting.run([program, "--version"])


def test_git_is_quick() -> None:
    importlib.import_module("subprocess").run(["git", "--version"], check=True, capture_output=True)
