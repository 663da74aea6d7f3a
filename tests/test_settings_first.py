"""What is wrong with mlops.yaml is told before anything slow begins."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.ml_project import project_config, write_project

ROOT = Path(__file__).parent.parent
FAULT = "mlops.yaml:1:2: colour"
SLOW = ("cdktf", "jsii", "databricks.sdk")


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """A command of the app with the mlops.yaml of `folder`; stderr lists every module that it imports."""
    environ = {"MLOPS_CONFIG": str(folder / "mlops.yaml"), "CDKTF_OUTDIR": str(folder / "out")}
    return subprocess.run(
        [sys.executable, "-X", "importtime", *command],
        cwd=ROOT,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("command", [("main.py",), ("-m", "settings", "check")], ids=["synthesis", "check"])
def test_a_wrong_key_is_told_before_anything_slow_is_imported(command: tuple[str, ...], tmp_path: Path) -> None:
    write_project(tmp_path)
    (tmp_path / "mlops.yaml").write_text(json.dumps({"colour": "red", **project_config()}), encoding="utf-8")
    done = run(tmp_path, *command)
    assert done.returncode == 1
    assert FAULT in done.stderr
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}
    assert "settings.loading" in imported
    assert not imported & set(SLOW)
    assert not (tmp_path / "out").exists()


def test_a_check_without_faults_names_the_stacks(tmp_path: Path) -> None:
    write_project(tmp_path)
    (tmp_path / "mlops.yaml").write_text(json.dumps(project_config()), encoding="utf-8")
    done = run(tmp_path, "-m", "settings", "check")
    assert done.returncode == 0
    assert done.stdout == ("no faults; 6 stacks: repository, staging, prod, bundle-staging, bundle-test, bundle-prod\n")
    assert not (tmp_path / "out").exists()


def test_a_check_tells_of_the_ml_project_too(tmp_path: Path) -> None:
    write_project(tmp_path, {"assets/all.yml": "resources: {jobs: {a: {name: '${var.none}'}}}\n"})
    (tmp_path / "mlops.yaml").write_text(json.dumps(project_config()), encoding="utf-8")
    done = run(tmp_path, "-m", "settings", "check")
    assert done.returncode == 1
    assert "reference does not exist: ${var.none}" in done.stderr
