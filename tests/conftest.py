"""Guards that must hold before anything is imported. Nothing of cdktf may be imported here."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def pytest_configure(config: pytest.Config) -> None:
    """Stop the run when a file exists that would hide the package `constructs`."""
    for folder in ("constructs", "stacks", "tests/constructs"):
        if (ROOT / folder / "__init__.py").exists():
            pytest.exit(
                f"{folder}/__init__.py hides the package that cdktf stands on: remove it (see constructs/README.md).",
                returncode=4,
            )
