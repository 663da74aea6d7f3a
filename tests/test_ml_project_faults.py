"""Wrong pairs of mlops.yaml and bundle and, word for word, what their author is told."""

import json
from pathlib import Path

import pytest
from yaml import safe_load as read_yaml

from deployed_kinds import KINDS
from settings import load
from settings.faults import FaultsError
from tests.ml_project import ASSETS, BUNDLE, JUPYTER, check_out, write_project

YAML = """\
project: taxi-fare
account:
  id: 3f6c1c52-8f0e-4b0d-9a46-2d8f4f0b7c11
github:
  owner: acme
  repository: taxi-fare
ml_project:
  path: ml
environments:
  staging:
    host: https://acme-staging.cloud.databricks.com
    targets: [staging, test]
    catalogs: {staging: {may_create_schemas: true}, test: {may_create_schemas: true}}
  prod:
    host: https://acme-prod.cloud.databricks.com
    branch: release
    catalogs: {prod: {may_create_schemas: true}}
"""
NO_HOSTS = BUNDLE.replace("    workspace: {host: https://acme-staging.cloud.databricks.com}\n", "").replace(
    "  staging:\n  test:\n", "  staging: {}\n  test: {}\n"
)


def edit(text: str, *edits: tuple[str, str]) -> str:
    for old, new in edits:
        assert old in text, f"there is no {old!r} to replace"
        text = text.replace(old, new)
    return text


def yaml(*edits: tuple[str, str]) -> str:
    return edit(YAML, *edits)


def bundle(*edits: tuple[str, str]) -> dict[str, str]:
    return {"databricks.yml": edit(BUNDLE, *edits)}


def assets(*edits: tuple[str, str]) -> dict[str, str]:
    return {"assets/all.yml": edit(ASSETS, *edits)}


DECLARED = ", ".join(
    sorted(f"resources.{kind}.{key}" for kind, named in read_yaml(ASSETS)["resources"].items() for key in named)
)

# mlops.yaml, files of the project that differ, environment; the message.
WRONG: dict[str, tuple[str, dict[str, str], dict[str, str], str]] = {
    "no_such_folder": (
        yaml(("path: ml", "path: mlx")),
        {},
        {},
        """\
mlops.yaml:8:3: ml_project.path
  found    mlx, where no databricks.yml is
  allowed  the folder of a checkout with databricks.yml, relative to this file
  to do    correct the path, or check the ML repository out there

1 fault; nothing was changed.""",
    ),
    "a_path_that_is_a_number": (
        yaml(("path: ml", "path: 7")),
        {},
        {},
        """\
mlops.yaml:8:3: ml_project.path
  found    7
  allowed  text: the folder with databricks.yml, relative to this file
  to do    write text; a number or a date needs quotes

1 fault; nothing was changed.""",
    ),
    "an_unknown_way_to_get_code": (
        yaml(("path: ml", "path: ml\n  code: uplaod")),
        {},
        {},
        """\
mlops.yaml:9:3: ml_project.code
  found    "uplaod"
  allowed  upload, git
  to do    write upload

1 fault; nothing was changed.""",
    ),
    "a_misspelt_key": (
        yaml(("path: ml", "path: ml\n  git_metdata: none")),
        {},
        {},
        """\
mlops.yaml:9:3: ml_project.git_metdata
  found    a key that does not exist
  allowed  path, code, git_metadata, personal_hosts
  to do    write git_metadata

1 fault; nothing was changed.""",
    ),
    "a_target_that_the_bundle_does_not_have": (
        yaml(("[staging, test]", "[staging, tset]")),
        {},
        {},
        """\
mlops.yaml:12:24: environments.staging.targets[1]
  found    target tset, which ml/databricks.yml does not have
  allowed  dev, staging, test, prod
  to do    correct the name

1 fault; nothing was changed.""",
    ),
    "an_environment_whose_name_is_no_target": (
        yaml(("  prod:", "  production:")),
        {},
        {},
        """\
mlops.yaml:14:3: environments.production
  found    target production, which ml/databricks.yml does not have
  allowed  dev, staging, test, prod
  to do    add `targets:` with one or more of these

1 fault; nothing was changed.""",
    ),
    "a_host_that_the_bundle_contradicts": (
        yaml(("https://acme-prod", "https://acme-production")),
        {},
        {},
        """\
mlops.yaml:15:5: environments.prod.host
  found    https://acme-production.cloud.databricks.com, and https://acme-prod.cloud.databricks.com for target prod in ml/databricks.yml:17:23
  allowed  one workspace for all targets of an environment
  to do    correct one of the two; credentials go to the one that stands here

1 fault; nothing was changed.""",
    ),
    "targets_of_one_environment_in_two_workspaces": (
        yaml(("    host: https://acme-staging.cloud.databricks.com\n", "")),
        bundle(
            ("  test:\n    workspace: {host: https://acme-staging", "  test:\n    workspace: {host: https://acme-test")
        ),
        {},
        """\
mlops.yaml:10:3: environments.staging.host
  found    nothing; https://acme-staging.cloud.databricks.com is that of target staging in ml/databricks.yml:12:23; https://acme-test.cloud.databricks.com is that of target test in ml/databricks.yml:14:23
  allowed  one workspace for all targets of an environment
  to do    add `host:` here

1 fault; nothing was changed.""",
    ),
    "a_host_that_nobody_knows": (
        yaml(("    host: https://acme-staging.cloud.databricks.com\n", "")),
        {"databricks.yml": NO_HOSTS},
        {},
        """\
mlops.yaml:10:3: environments.staging.host
  found    nothing
  allowed  The workspace's address.
  to do    add `host:` here

1 fault; nothing was changed.""",
    ),
    "a_host_without_scheme_in_the_bundle": (
        yaml(("    host: https://acme-prod.cloud.databricks.com\n", "")),
        bundle(("https://acme-prod", "acme-prod")),
        {},
        """\
mlops.yaml:14:3: environments.prod.host
  found    nothing; https://acme-prod.cloud.databricks.com is that of target prod in ml/databricks.yml:17:23
  allowed  The workspace's address.
  to do    add `host: https://acme-prod.cloud.databricks.com` here, if an administrator agrees that credentials go there; `python -m checks preflight --write-declared` adds it

1 fault; nothing was changed.""",
    ),
    "an_error_of_the_bundle_is_said_once_and_in_the_cli_s_words": (
        YAML,
        assets(("/Train.py", "/Trian.py")),
        {},
        """\
ml/assets/all.yml:65:28
  found    notebook training/Trian.py not found
  to do    correct the bundle; docs/bundles.md says how it is read

1 fault; nothing was changed.""",
    ),
    "an_unknown_variable": (
        YAML,
        assets(("name: fares\n      catalog_name", "name: ${var.nmae}\n      catalog_name")),
        {},
        """\
ml/assets/all.yml:8:13
  found    reference does not exist: ${var.nmae}
  to do    correct the bundle; docs/bundles.md says how it is read

1 fault; nothing was changed.""",
    ),
    "clusters_that_nobody_may_create": (
        yaml(("    branch: release\n", "    branch: release\n    entitlements: {allow_cluster_create: false}\n")),
        {},
        {},
        """\
mlops.yaml:17:20: environments.prod.entitlements.allow_cluster_create
  found    false; and resources.clusters.shared of ml/assets/all.yml:76 can only be made with it
  allowed  true, where a bundle of the environment needs it
  to do    write `allow_cluster_create: true`, if the principal may do that, or remove the resource from the bundle

mlops.yaml:17:20: environments.prod.entitlements.allow_cluster_create
  found    false; and resources.sql_warehouses.queries of ml/assets/all.yml:87 can only be made with it
  allowed  true, where a bundle of the environment needs it
  to do    write `allow_cluster_create: true`, if the principal may do that, or remove the resource from the bundle

2 faults; nothing was changed.""",
    ),
    "a_kind_that_only_newer_releases_know": (
        YAML,
        {"assets/more.yml": "resources: {genie_spaces: {g: {title: g}}, catalogs: {c: {name: c}}}\n"},
        {},
        f"""\
ml/assets/more.yml:1:13: resources.genie_spaces
  found    genie_spaces, which the Databricks CLI knows since 1.3.0 and no stack deploys
  allowed  {", ".join(KINDS)}
  to do    leave them out of this bundle; beside `databricks bundle deploy`, nothing else deploys them

ml/assets/more.yml:1:44: resources.catalogs
  found    catalogs, which the Databricks CLI knows since 0.287.0 and no stack deploys
  allowed  {", ".join(KINDS)}
  to do    leave them out of this bundle; beside `databricks bundle deploy`, the environment's stack, with `create: true` for the catalog in mlops.yaml deploys them

2 faults; nothing was changed.""",
    ),
    "a_key_that_is_no_address": (
        YAML,
        {"assets/more.yml": "resources: {models: {1st: {name: s}}}\n"},
        {},
        """\
ml/assets/more.yml:1:27: resources.models.1st
  found    1st
  allowed  letters, digits, _ and -, no digit first: the key is the resource's address in Terraform
  to do    rename the key

1 fault; nothing was changed.""",
    ),
    "a_reference_to_nothing": (
        YAML,
        assets(("resources.jobs.train.id}; ", "resources.jobs.trian.id}; ")),
        {},
        f"""\
ml/assets/all.yml:11:16: resources.registered_models.model.comment
  found    resources.jobs.trian, which the bundle does not have
  allowed  {DECLARED}
  to do    correct the reference

1 fault; nothing was changed.""",
    ),
    "a_lookup": (
        YAML,
        {
            "databricks.yml": BUNDLE.replace(
                "variables:\n", "variables:\n  policy: {lookup: {cluster_policy: small}}\n"
            ),
            "assets/more.yml": "resources: {jobs: {j: {name: '${var.policy}'}}}\n",
        },
        {},
        """\
ml/databricks.yml:5:11: variables.policy
  found    a lookup, which only the workspace can answer
  allowed  a value that is known before Terraform runs
  to do    give it one: `default:` in the bundle, or BUNDLE_VAR_policy in the environment

1 fault; nothing was changed.""",
    ),
    "a_wheel": (
        YAML,
        assets(("existing_cluster_id: c-1,", "existing_cluster_id: c-1, libraries: [{whl: ./dist/*.whl}],")),
        {},
        """\
ml/assets/all.yml:68:75: resources.jobs.train.tasks[1].libraries[0].whl
  found    assets/dist/*.whl, which the Databricks CLI would build or upload as a library
  allowed  packages, and files that exist in the workspace
  to do    publish the library, or import the code from beside the notebooks

1 fault; nothing was changed.""",
    ),
    "two_files_at_one_place": (
        YAML,
        {"ingest.ipynb": JUPYTER},
        {},
        """\
ml/databricks.yml: sync
  found    ingest.ipynb and ingest.py, which both become ingest in the workspace
  allowed  one file for each path: notebooks lose their extension
  to do    rename one of the two, or list it under sync.exclude

1 fault; nothing was changed.""",
    ),
    "a_pipeline_with_code_from_git": (
        yaml(("path: ml", "path: ml\n  code: git")),
        assets(("source_code_path: ../ui", "source_code_path: /Workspace/Shared/ui")),
        {},
        """\
ml/assets/all.yml:51:37: resources.pipelines.ingest.libraries[0].notebook.path
  found    ingest, a file that `code: git` does not upload
  allowed  with `code: git` only the code of tasks, which jobs read from the repository
  to do    set ml_project.code: upload in mlops.yaml, or name a file that exists in the workspace

1 fault; nothing was changed.""",
    ),
    "a_requirements_file_with_code_from_git": (
        yaml(("path: ml", "path: ml\n  code: git")),
        {
            **assets(
                ("[{notebook: {path: ../ingest.py}}]", "[]"),
                ("source_code_path: ../ui", "source_code_path: /Workspace/Shared/ui"),
                (
                    "existing_cluster_id: c-1,",
                    "existing_cluster_id: c-1, libraries: [{requirements: ../requirements.txt}],",
                ),
            ),
            "requirements.txt": "",
        },
        {},
        """\
ml/assets/all.yml:68:84: resources.jobs.train.tasks[1].libraries[0].requirements
  found    requirements.txt, a file that `code: git` does not upload
  allowed  with `code: git` only the code of tasks, which jobs read from the repository
  to do    set ml_project.code: upload in mlops.yaml, or name a file that exists in the workspace

1 fault; nothing was changed.""",
    ),
    "a_schema_that_both_create": (
        yaml(
            (
                "prod: {may_create_schemas: true}",
                "prod: {schema: scratch, create_schema: true, may_create_schemas: true}",
            )
        ),
        assets(("schema_name: taxi_fare", "schema_name: scratch"), (".taxi_fare", ".scratch")),
        {},
        """\
mlops.yaml:17:16: environments.prod.catalogs.prod
  found    schema prod.scratch, which resources.schemas.scratch of ml/assets/all.yml:18:14 declares as well
  allowed  each schema made by one of the two
  to do    set `create_schema: false` here with an existing catalog, or remove it from the bundle

1 fault; nothing was changed.""",
    ),
    "a_catalog_that_is_not_listed": (
        yaml(("catalogs: {prod: {may_create_schemas: true}}", "catalogs: {main: {}}")),
        {},
        {},
        """\
mlops.yaml:17:5: environments.prod.catalogs
  found    main; and resources.registered_models.model of ml/assets/all.yml:8:7 lies in prod.taxi_fare; resources.schemas.scratch of ml/assets/all.yml:18:14 makes schema prod.scratch
  allowed  every catalog and schema in which a target of the environment works
  to do    add `prod: {may_create_schemas: true}` here, if an administrator agrees that its principal works there, or correct the bundle; `python -m checks preflight --write-declared` adds it

1 fault; nothing was changed.""",
    ),
    "another_schema_than_the_bundle_s": (
        yaml(("prod: {may_create_schemas: true}", "prod: {schema: fares, may_create_schemas: true}")),
        {},
        {},
        """\
mlops.yaml:17:16: environments.prod.catalogs.prod
  found    schema fares; and resources.registered_models.model of ml/assets/all.yml:8:7 lies in prod.taxi_fare; resources.schemas.scratch of ml/assets/all.yml:18:14 makes schema prod.scratch
  allowed  every catalog and schema in which a target of the environment works, and what it makes there
  to do    add `schemas: [taxi_fare]` here, if an administrator agrees, or correct the bundle; `python -m checks preflight --write-declared` adds it

1 fault; nothing was changed.""",
    ),
    "a_person_in_ci": (
        YAML,
        {},
        {"MLOPS_DEPLOYER": "jane.doe@example.com", "CI": "true"},
        """\
$MLOPS_DEPLOYER
  found    jane.doe@example.com, with CI set in the environment
  allowed  nobody in CI, which deploys the targets of environments alone
  to do    unset MLOPS_DEPLOYER

1 fault; nothing was changed.""",
    ),
    "a_person_without_address": (
        YAML,
        {},
        {"MLOPS_DEPLOYER": "jane"},
        """\
$MLOPS_DEPLOYER
  found    jane
  allowed  a user name such as jane.doe@example.com
  to do    write the name that you log in to Databricks with

1 fault; nothing was changed.""",
    ),
    "a_person_s_target_without_workspace": (
        YAML,
        bundle(
            (
                "    default: true\n    workspace: {host: https://acme-staging.cloud.databricks.com}\n",
                "    default: true\n",
            )
        ),
        {"MLOPS_DEPLOYER": "jane.doe@example.com"},
        """\
ml/databricks.yml: targets.dev.workspace.host
  found    nothing
  allowed  The workspace's address.
  to do    add it: target dev belongs to no environment that could tell

1 fault; nothing was changed.""",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_project_is_answered_with_place_finding_and_remedy(name: str, tmp_path: Path) -> None:
    text, files, environ, message = WRONG[name]
    write_project(tmp_path, files)
    (tmp_path / "mlops.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(FaultsError) as caught:
        load(folder=tmp_path, environ=environ)
    assert str(caught.value) == message


def test_the_good_project_has_no_faults(tmp_path: Path) -> None:
    write_project(tmp_path)
    (tmp_path / "mlops.yaml").write_text(YAML, encoding="utf-8")
    assert len(load(folder=tmp_path, environ={"MLOPS_DEPLOYER": "jane.doe@example.com"}).bundles) == 4


# Each as JSON writes it, and the character that a plan would send to the terminal.
OBEYED = {
    "an_escape_sequence": ("a\n\x1b[2J", "U+001B"),
    "an_escape_sequence_of_one_byte": ("a\n\x9b2J", "U+009B"),
    "a_carriage_return": ("a\nb\rc", "U+000D"),
    "another_direction": ("a\n\u202eb", "U+202E"),
    "within_json": ('{"a": ["b\\n\\u001b[2J"]}', "U+001B"),
    "within_json_within_json": (json.dumps([json.dumps(["b\n\x1b[2J"])]), "U+001B"),
    "within_json_that_is_deep": ("[" * 3000 + '"b\\n\\u001b[2J"' + "]" * 3000, "U+001B"),
}


@pytest.mark.parametrize("name", OBEYED)
def test_what_a_terminal_would_obey_in_a_plan_is_refused(name: str, tmp_path: Path) -> None:
    text, character = OBEYED[name]
    job = {"name": "x", "description": text}
    write_project(tmp_path, {"assets/more.yml": json.dumps({"resources": {"jobs": {"more": job}}})})
    (tmp_path / "mlops.yaml").write_text(YAML, encoding="utf-8")
    with pytest.raises(FaultsError, match=r"resources\.jobs\.more\.description\n  found    several lines") as caught:
        load(folder=tmp_path, environ={})
    assert f"the control character {character}" in str(caught.value)


def test_a_file_name_that_a_terminal_would_obey_is_refused(tmp_path: Path) -> None:
    write_project(tmp_path, {"training/a\n\x1b[2J.txt": "x"})
    (tmp_path / "mlops.yaml").write_text(YAML, encoding="utf-8")
    with pytest.raises(FaultsError, match=r"several lines with the control character U\+001B"):
        load(folder=tmp_path, environ={})


@pytest.mark.parametrize(
    "text",
    [
        "a\n\tb\n",
        "a\r\nb",
        "caf\u00e9\n\u05d0\u200f \U0001f469\u200d\U0001f4bb",
        "\x01",
        "\x1b[31m",
        '{"a": "\\u0001"}',
        '{"a\nb',
    ],
)
def test_prose_and_what_terraform_escapes_are_not_refused(text: str, tmp_path: Path) -> None:
    job = {"name": "x", "description": text, "tags": {"a\n\x1b": "b"}}
    written = json.dumps({"resources": {"jobs": {"more": job}}}, ensure_ascii=False)
    write_project(tmp_path, {"assets/more.yml": written, "a\nb": ""})
    (tmp_path / "mlops.yaml").write_text(YAML, encoding="utf-8")
    assert load(folder=tmp_path, environ={}).bundles


def test_a_person_s_target_with_the_state_of_another_stack_is_refused(tmp_path: Path) -> None:
    """Otherwise deploying the one would destroy what the other has made."""
    personal = "  te:\n    workspace: {host: https://acme-staging.cloud.databricks.com}\n  prod:\n"
    write_project(tmp_path, bundle(("  prod:\n", personal), ("  test:\n", "  te-st:\n")))
    text = yaml(("targets: [staging, test]", "targets: [staging, te-st]"), ("test: {", "te-st: {"))
    (tmp_path / "mlops.yaml").write_text(text, encoding="utf-8")
    assert len(load(folder=tmp_path, environ={"MLOPS_DEPLOYER": "jane.doe@example.com"}).bundles) == 5
    with pytest.raises(FaultsError, match="bundle-te-st, the name of the state of bundle-te for you"):
        load(folder=tmp_path, environ={"MLOPS_DEPLOYER": "st@example.com"})


def test_code_from_git_needs_a_checkout(tmp_path: Path) -> None:
    """The files' place in the repository is unknown without one."""
    root = write_project(tmp_path)
    (root / ".git").rename(root / "git")
    (tmp_path / "mlops.yaml").write_text(yaml(("path: ml", "path: ml\n  code: git")), encoding="utf-8")
    with pytest.raises(FaultsError, match="git, and ml lies in no checkout"):
        load(folder=tmp_path, environ={})


def test_a_person_s_code_from_git_needs_a_branch(tmp_path: Path) -> None:
    check_out(write_project(tmp_path), "")
    (tmp_path / "mlops.yaml").write_text(yaml(("path: ml", "path: ml\n  code: git")), encoding="utf-8")
    with pytest.raises(FaultsError, match="git, and ml has no branch checked out"):
        load(folder=tmp_path, environ={"MLOPS_DEPLOYER": "jane.doe@example.com"})
