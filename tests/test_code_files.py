"""The files of bundles beside their stacks: what a stack names lies there, and nothing that was there before."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import cdktf
import pytest

from settings.faults import FaultsError
from stacks.all_stacks import all_stacks
from stacks.code_files import put_code
from tests.ml_project import NOTEBOOK, project_config, write_project
from tests.synthesis import loaded

SOURCES = ("databricks_notebook", "databricks_workspace_file")


def sources(document: Mapping[str, object]) -> dict[str, str]:
    """What each uploaded file is read from, by its path in the workspace."""
    resources = document["resource"]
    assert isinstance(resources, dict)
    return {body["path"]: body["source"] for kind in SOURCES for body in resources[kind].values()}


def test_every_file_of_a_run_lies_where_its_stack_says_with_its_content(tmp_path: Path) -> None:
    root = write_project(tmp_path, {"code/same.py": NOTEBOOK, "code/Same again.PY": NOTEBOOK, "code/empty": ""})
    (tmp_path / "mlops.yaml").write_text(json.dumps(project_config()), encoding="utf-8")
    output = tmp_path / "out"
    stale = output / "stacks" / "bundle-staging" / "code" / "stale.py"
    stale.parent.mkdir(parents=True)
    stale.write_text("", encoding="utf-8")
    environ = {**os.environ, "MLOPS_CONFIG": str(tmp_path / "mlops.yaml"), "CDKTF_OUTDIR": str(output)}
    subprocess.run([sys.executable, "main.py"], env=environ, check=True, cwd=Path(__file__).parents[1])
    contents = {file.relative_to(root).as_posix(): file.read_bytes() for file in root.rglob("*") if file.is_file()}
    notebooks = {name for name, text in contents.items() if text == NOTEBOOK.encode() or name.endswith(".ipynb")}
    expected = {
        name.rpartition(".")[0] if name in notebooks else name: text
        for name, text in contents.items()
        if not name.startswith(".git/")
    }
    for target in ("staging", "test", "prod"):
        folder = output / "stacks" / f"bundle-{target}"
        read = sources(json.loads((folder / "cdk.tf.json").read_text(encoding="utf-8")))
        found = {path.partition("/files/")[2]: (folder / source).read_bytes() for path, source in read.items()}
        assert found == expected
    assert not stale.exists()


def test_a_file_that_changes_during_synthesis_is_a_fault(tmp_path: Path) -> None:
    root = write_project(tmp_path)
    app = cdktf.Testing.app(fake_cdktf_json_path=False)
    stacks = all_stacks(app, loaded(tmp_path, project_config()))
    (root / "ingest.py").write_text("print(2)\n", encoding="utf-8")
    for name in stacks:
        (tmp_path / "out" / "stacks" / name).mkdir(parents=True)
    with pytest.raises(FaultsError, match=r"(?s)ingest\.py.*changed since synthesis began"):
        put_code(str(tmp_path / "out"), stacks)
