"""Who a CI principal is, only its workspace knows; what stands for it until then is told to nobody."""

import json
from pathlib import Path

import cdktf
import pytest

from settings.faults import FaultsError
from settings.placeholder import PLACEHOLDER_PRINCIPAL
from stacks.all_stacks import all_stacks
from tests.ml_project import project_config, write_project
from tests.synthesis import loaded

DEPLOYER = "${workspace.current_user.userName}"
NO_PERMISSION = "permissions: [{level: CAN_VIEW, group_name: users}]\n"
AS_ITSELF = f"""\
permissions:
  - {{level: CAN_MANAGE, service_principal_name: '{DEPLOYER}'}}
  - {{level: CAN_VIEW, group_name: users}}
"""
WARNED = (
    NO_PERMISSION,
    f"targets: {{staging: {{workspace: {{root_path: '/Workspace/Shared/{DEPLOYER}/x'}}}}}}\n",
    f"resources: {{jobs: {{value: {{name: x, tags: '{DEPLOYER}', none: 1}}}}}}\n",
    f"resources: {{jobs: {{key: {{name: x, '{DEPLOYER}': 1}}}}}}\n",
    f"sync: {{include: ['{DEPLOYER}/*.py']}}\n",
)


def warnings_of(folder: Path, *texts: str) -> str:
    """The warnings of every stack of a project with these files; nothing that is synthesized names the placeholder."""
    write_project(folder, {f"assets/warned{number}.yml": text for number, text in enumerate(texts)})
    settings = loaded(folder, project_config())
    app = cdktf.App(outdir=str(folder / "out"))
    stacks = all_stacks(app, settings)
    app.synth()
    for path in (folder / "out").rglob("*"):
        assert not path.is_file() or PLACEHOLDER_PRINCIPAL not in path.read_text(encoding="utf-8"), path
    manifest = json.loads((folder / "out" / "manifest.json").read_text(encoding="utf-8"))
    annotations = [one for stack in manifest["stacks"].values() for one in stack["annotations"]]
    assert sorted(one["message"] for one in annotations) == sorted(
        entry.data for stack in stacks.values() for entry in stack.node.metadata if entry.type == "@cdktf/warn"
    )
    return "\n".join(one["message"] for one in annotations)


def refusal(folder: Path, text: str, name: str = "assets/refused.yml", **changes: object) -> str:
    write_project(folder, {name: text})
    with pytest.raises(FaultsError) as refused:
        loaded(folder, project_config(**changes))
    return str(refused.value)


def test_the_advice_to_name_the_deployer_works_as_it_stands(tmp_path: Path) -> None:
    said = warnings_of(tmp_path, *WARNED)
    assert f"deployment identity '{DEPLOYER}'" in said
    assert f"- service_principal_name: {DEPLOYER}" in said
    assert f"/Workspace/Shared/{DEPLOYER}/x" in said
    assert f"{DEPLOYER}/*.py" in said
    assert "deployment identity" not in warnings_of(tmp_path, AS_ITSELF)


REFUSED = {
    "a library of its own": f"resources: {{jobs: {{j: {{name: x, tasks: [{{task_key: t, libraries: [{{whl: "
    f"'dbfs/{DEPLOYER}.whl'}}]}}]}}}}}}\n",
    "a file": f"resources: {{jobs: {{j: {{name: x, tasks: [{{task_key: t, notebook_task: {{notebook_path: "
    f"'../{DEPLOYER}'}}}}]}}}}}}\n",
    "a mode": "targets: {staging: {mode: development, presets: {name_prefix: nobody}}}\n",
    "whom it runs as": f"run_as: {{service_principal_name: '{DEPLOYER}', user_name: jane@example.com}}\n",
}


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED.keys())
def test_no_fault_names_the_placeholder(text: str, tmp_path: Path) -> None:
    assert PLACEHOLDER_PRINCIPAL not in refusal(tmp_path, text)


@pytest.mark.parametrize(
    "resource",
    [
        f"schemas: {{own: {{catalog_name: staging, name: 'of_{DEPLOYER}'}}}}",
        f"volumes: {{own: {{catalog_name: staging, schema_name: 'of_{DEPLOYER}', name: v}}}}",
        f"registered_models: {{own: {{catalog_name: '{DEPLOYER}', schema_name: s, name: m}}}}",
        f"quality_monitors: {{own: {{table_name: 'staging.{DEPLOYER}.t', output_schema_name: staging.s, "
        "assets_dir: /x}}",
    ],
)
def test_a_place_named_after_the_deployer_is_known_to_a_deploy_alone(resource: str, tmp_path: Path) -> None:
    said = refusal(tmp_path, f"resources:\n  {resource}\n", environments__staging__catalogs={"staging": {}})
    assert PLACEHOLDER_PRINCIPAL not in said
    assert f"{DEPLOYER}" in said
    assert "a name that only a deploy could tell" in said
