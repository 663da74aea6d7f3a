"""What holds for every test, the app's and those of each package. Nothing of cdktf may be imported here."""

import os
from collections.abc import Generator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests import quickness

# A machine that is busy with Terraform is slow, which is no fault of what is generated.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")

ROOT = Path(__file__).parent
# What the runner of a CI, or somebody's shell, sets and settings, providers and clients read.
AMBIENT = ("MLOPS_", "DATABRICKS_", "GITHUB_")


def pytest_configure() -> None:
    """Stop the run when a file exists that would hide the package `constructs`; run as if nothing were set."""
    for name in [name for name in os.environ if name == "CI" or name.startswith(AMBIENT)]:
        del os.environ[name]
    for folder in ("constructs", "stacks", "tests/constructs"):
        if (ROOT / folder / "__init__.py").exists():
            pytest.exit(
                f"{folder}/__init__.py hides the package that cdktf stands on: remove it (see constructs/README.md).",
                returncode=4,
            )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes minutes, and end with quick files: at the end, workers would wait for one another."""
    for item in items:
        if quickness.is_slow(item):
            item.add_marker("slow")
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: (item.path.stem != "test_workflow_runs", item.path not in slow))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, object, object]:
    """Hold a quick test to what it is taken for."""
    with _watched(item):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """The same. What is torn down after it may be what slow tests of its module have started."""
    with _watched(item):
        return (yield)


def _watched(item: pytest.Item) -> AbstractContextManager[None]:
    return nullcontext() if item.get_closest_marker("slow") else quickness.only_quick_programs(item.name)
