"""What names the bundle's folder in the workspace waits for its files, however it names it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from settings.code_folder import below, names_folder
from tests.ml_project import BUNDLE, NOTEBOOK, project_config, write_project
from tests.synthesis import synthesize

ME = "/Users/${workspace.current_user.userName}"
NOWHERE = "notebook_task: {notebook_path: /Shared/run"
ENVIRONMENT = "environments: [{environment_key: e, spec: {environment_version: '3', dependencies: [DEPENDENCY]}}]"
HAND_WRITTEN = "${workspace.current_user.userName}/.bundle/fares/${bundle.target}/files"
DBT = "commands: [dbt run], warehouse_id: w"

# Tasks of a job, each of which needs what is uploaded.
WAITING: Mapping[str, str] = {
    "a_dbt_project_at_the_root": f"environment_key: e, dbt_task: {{project_directory: ., {DBT}}}",
    "a_dbt_project_below_it": f"environment_key: e, dbt_task: {{project_directory: ./sub, {DBT}}}",
    "a_dbt_project_in_a_loop": (
        "for_each_task: {inputs: '[1]', task: {task_key: i, environment_key: e, "
        f"dbt_task: {{project_directory: ., {DBT}}}}}}}"
    ),
    "a_parameter": NOWHERE + ", base_parameters: {root: '${workspace.file_path}'}}",
    "a_parameter_with_more": NOWHERE + ", base_parameters: {root: '--root=${workspace.file_path}; --dry'}}",
    "a_folder_above_the_files": NOWHERE + ", base_parameters: {root: '${workspace.root_path}'}}",
    "a_path_without_prefix": NOWHERE + f", base_parameters: {{root: '/Users/{HAND_WRITTEN}'}}}}",
    "a_path_with_prefix": NOWHERE + f", base_parameters: {{root: '/Workspace/Users/{HAND_WRITTEN}'}}}}",
    "a_path_with_empty_steps": NOWHERE + f", base_parameters: {{root: '/Workspace//Users/./{HAND_WRITTEN}'}}}}",
    "a_url": NOWHERE + f", base_parameters: {{root: 'file:///Workspace/Users/{HAND_WRITTEN}'}}}}",
    "a_sentence": NOWHERE + ", base_parameters: {root: 'see ${workspace.file_path}.'}}",
    "a_list_of_arguments": (
        "existing_cluster_id: c, spark_python_task: {python_file: /Shared/x.py, parameters: ['${workspace.file_path}']}"
    ),
    "a_file_of_sql": "sql_task: {warehouse_id: w, file: {path: ./q.sql}}",
    "a_requirements_file": NOWHERE + "}, libraries: [{requirements: ./requirements.txt}], existing_cluster_id: c",
    "an_init_script": (
        NOWHERE + "}, new_cluster: {num_workers: 1, spark_version: 15.4.x-scala2.12, node_type_id: i3.xlarge, "
        "init_scripts: [{workspace: {destination: '${workspace.file_path}/init.sh'}}]}"
    ),
}
# Others, which do not.
FREE: Mapping[str, str] = {
    "a_notebook_elsewhere": NOWHERE + "}",
    "another_folder_beside_the_bundle": NOWHERE + ", base_parameters: {root: '${workspace.root_path}2'}}",
    "another_bundle_of_a_longer_name": NOWHERE + f", base_parameters: {{root: '{ME}/.bundle/fares-old/files'}}}}",
    "a_backup_of_it": NOWHERE + ", base_parameters: {root: '${workspace.root_path}.old/files'}}",
}
DEPENDENCIES = {"requirements": "-r ./requirements.txt", "editable": "--editable ${workspace.file_path}"}
OTHERS = """\
  pipelines:
    root: {name: root, catalog: '${bundle.target}', root_path: ., libraries: [{notebook: {path: /Shared/x}}]}
    glob: {name: glob, catalog: '${bundle.target}', libraries: [{glob: {include: ./sub/**}}]}
    environment:
      name: environment
      catalog: '${bundle.target}'
      environment: {dependencies: ['-e .']}
      libraries: [{notebook: {path: /Shared/x}}]
    configured:
      name: configured
      catalog: '${bundle.target}'
      configuration: {bundle.root: '${workspace.file_path}'}
      libraries: [{notebook: {path: /Shared/x}}]
    elsewhere: {name: elsewhere, catalog: '${bundle.target}', libraries: [{notebook: {path: /Shared/x}}]}
  experiments:
    inside: {name: '${workspace.root_path}/runs'}
    outside: {name: /Shared/runs}
"""


def jobs() -> str:
    plain = ENVIRONMENT.replace("DEPENDENCY", "numpy")
    lines = [
        f"    {name}: {{name: {name}, {plain}, tasks: [{{task_key: t, {task}}}]}}\n"
        for name, task in {**WAITING, **FREE}.items()
    ]
    for name, dependency in DEPENDENCIES.items():
        environment = ENVIRONMENT.replace("DEPENDENCY", f"'{dependency}'")
        lines.append(f"    {name}: {{name: {name}, {environment}, tasks: [{{task_key: t, {NOWHERE}}}}}]}}\n")
    return "  jobs:\n" + "".join(lines)


SOURCES = {
    "databricks.yml": BUNDLE.replace("include: [assets/*.yml]\n", ""),
    "sub/a.py": "x = 1\n",
    "q.sql": "SELECT 1\n",
    "requirements.txt": "numpy\n",
    "nb.py": NOTEBOOK,
}


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("folder")
    text = f"{SOURCES['databricks.yml']}resources:\n{jobs()}{OTHERS}"
    write_project(folder, {**SOURCES, "databricks.yml": text}, only=True)
    found: dict[str, Any] = synthesize(folder, project_config())["bundle-staging"]["resource"]
    return found


def code(resources: Mapping[str, Any]) -> set[str]:
    return {
        f"{kind}.{name}" for kind in ("databricks_notebook", "databricks_workspace_file") for name in resources[kind]
    }


@pytest.mark.parametrize("job", [*WAITING, *DEPENDENCIES])
def test_a_job_that_names_the_folder_waits_for_its_code(job: str, deployed: dict[str, Any]) -> None:
    assert set(deployed["databricks_job"][job].get("depends_on", ())) == code(deployed)


@pytest.mark.parametrize("job", FREE)
def test_a_job_that_does_not_waits_for_nothing(job: str, deployed: dict[str, Any]) -> None:
    assert "depends_on" not in deployed["databricks_job"][job]


def test_so_does_everything_else_that_lies_there(deployed: dict[str, Any]) -> None:
    waiting = {
        f"{kind}.{name}"
        for kind in ("databricks_pipeline", "databricks_mlflow_experiment")
        for name, body in deployed[kind].items()
        if body.get("depends_on")
    }
    assert waiting == {
        "databricks_mlflow_experiment.inside",
        *(f"databricks_pipeline.{name}" for name in ("configured", "environment", "glob", "root")),
    }


ODD = ["/Workspace/Shared/b/", "/Shared//b", "/Workspace/Shared/./b", "/Shared/x/../b"]


@pytest.mark.parametrize("written", ODD)
def test_a_folder_is_the_same_however_its_path_is_written(written: str, tmp_path: Path) -> None:
    jobs = "".join(
        f"    {name}: {{name: {name}, tasks: [{{task_key: t, {NOWHERE}, base_parameters: {parameters}}}}}]}}\n"
        for name, parameters in (("value", "{a: /Shared/b/x}"), ("key", "{/Shared/b: a}"), ("other", "{a: /Shared/bb}"))
    )
    before, after = "staging:\n    workspace: {", f"staging:\n    workspace: {{file_path: {written}, "
    assert before in SOURCES["databricks.yml"]
    where = SOURCES["databricks.yml"].replace(before, after)
    write_project(tmp_path, {**SOURCES, "databricks.yml": f"{where}resources:\n  jobs:\n{jobs}"}, only=True)
    found = synthesize(tmp_path, project_config())["bundle-staging"]["resource"]
    (notebook,) = found["databricks_notebook"].values()
    # As it is written, but for a slash at the end, which would stand twice before the file.
    assert notebook["path"] == f"{written.removeprefix('/Workspace').rstrip('/')}/nb"
    waiting = {name: set(body.get("depends_on", ())) for name, body in found["databricks_job"].items()}
    assert waiting == {"value": code(found), "key": code(found), "other": set()}


GIT = {
    "at_the_root": ("dbt_task", "project_directory: .", None),
    "by_its_own_path": ("dbt_task", "project_directory: '${workspace.file_path}/'", None),
    "below": ("dbt_task", "project_directory: ./sub", "sub"),
    "without_prefix": ("notebook_task", f"notebook_path: '/Users/{HAND_WRITTEN}/nb'", "nb"),
    "elsewhere": ("notebook_task", "notebook_path: /Shared/nb", "/Shared/nb"),
}


def test_with_git_a_path_to_the_folder_is_one_into_the_repository(tmp_path: Path) -> None:
    tasks = "".join(
        f"        - {{task_key: {name}, environment_key: e, {block}: {{{path}"
        f"{f', {DBT}' if block == 'dbt_task' else ''}}}}}\n"
        for name, (block, path, _) in GIT.items()
    )
    job = f"  jobs:\n    j:\n      name: j\n      {ENVIRONMENT.replace('DEPENDENCY', 'numpy')}\n      tasks:\n{tasks}"
    write_project(tmp_path, {**SOURCES, "databricks.yml": f"{SOURCES['databricks.yml']}resources:\n{job}"}, only=True)
    stack = synthesize(tmp_path, project_config(ml_project__code="git"))["bundle-staging"]
    blocks = {task["task_key"]: task for task in stack["resource"]["databricks_job"]["j"]["task"]}
    for name, (block, path, moved) in GIT.items():
        told = blocks[name][block]
        assert told.get(path.partition(":")[0]) == moved, name
        assert told["source"] == ("WORKSPACE" if name == "elsewhere" else "GIT"), name


@pytest.mark.parametrize(
    ("path", "inside"),
    [
        ("/Workspace/Users/x/files", ""),
        ("/Users/x/files/", ""),
        ("/Users/x//files/./a/b.py", "a/b.py"),
        ("/Workspace/Users/x/files2", None),
        ("/Users/x", None),
        ("files", None),
        ("", None),
        ("/Users/x/files/../secret", None),
    ],
)
def test_what_lies_in_a_folder_has_a_way_there(path: str, inside: str | None) -> None:
    assert below(path, "/Workspace/Users/x/files") == inside


def test_a_folder_s_name_is_no_pattern() -> None:
    assert names_folder("/Shared/a+b", "/Workspace/Shared/a+b")
    assert not names_folder("/Shared/aab", "/Workspace/Shared/a+b")
