"""The name `constructs` is shared by PyPI's package and our folder."""

import shutil
import subprocess
import sys
from pathlib import Path

import constructs
from constructs.ci_identity import CiIdentity

ROOT = Path(__file__).parent.parent


def test_both_parts_of_the_name_import() -> None:
    assert issubclass(CiIdentity, constructs.Construct)
    assert str(ROOT / "constructs") in list(constructs.__path__)


def test_the_app_imports_from_any_folder(tmp_path: Path) -> None:
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import constructs.ci_identity, cdktf"
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)


def test_a_test_run_stops_when_the_package_would_be_hidden(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "constructs").mkdir()
    (tmp_path / "constructs" / "__init__.py").touch()
    for name in ("conftest.py", "tests/quickness.py"):
        shutil.copy(ROOT / name, tmp_path / name)
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "tests"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert run.returncode == 4
    assert "constructs/__init__.py hides the package that cdktf stands on: remove it" in run.stdout + run.stderr
