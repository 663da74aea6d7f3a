"""What the stack of a bundle's target asks Terraform for."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import cdktf
import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from packages.text.tests.media import commands, unseen
from settings import load
from settings.placeholder import PLACEHOLDER_PRINCIPAL
from tests.ml_project import ASSETS, BUNDLE, MAKES_SCHEMAS, NOTEBOOK, check_out, project_config, write_project
from tests.synthesis import config, loaded, resources, stacks_of, synthesize

ME = "${data.databricks_current_user.deployer.user_name}"
# A pipeline and an app take no code from Git.
CODE_IN_GIT = ASSETS.replace("[{notebook: {path: ../ingest.py}}]", "[]").replace(
    "source_code_path: ../ui", "source_code_path: /Workspace/Shared/ui"
)
FILES = f"/Workspace/Users/{ME}/.bundle/fares/staging/files"


@pytest.fixture
def json_snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(JSONSnapshotExtension)


def job(stack: dict[str, Any], key: str = "train") -> dict[str, Any]:
    found: dict[str, Any] = stack["resource"]["databricks_job"][key]
    return found


def tasks(stack: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {task["task_key"]: task for task in job(stack)["task"]}


def warnings(stack: cdktf.TerraformStack) -> list[str]:
    return [str(entry.data) for entry in stack.node.metadata if entry.type == "@cdktf/warn"]


def test_without_an_ml_project_there_is_no_such_stack(tmp_path: Path) -> None:
    write_project(tmp_path)
    assert list(stacks_of(tmp_path, config())) == ["repository", "staging", "prod"]


@pytest.mark.parametrize("code", ["upload", "git"])
def test_a_target_synthesizes_as_before(code: str, tmp_path: Path, json_snapshot: SnapshotAssertion) -> None:
    files = {"assets/pipeline.yml": ""}
    if code == "git":
        files["assets/all.yml"] = CODE_IN_GIT
    write_project(tmp_path, files)
    stacks = synthesize(tmp_path, project_config(ml_project__code=code))
    assert stacks["bundle-staging"] == json_snapshot


def test_every_target_of_an_environment_becomes_a_stack(tmp_path: Path) -> None:
    write_project(tmp_path)
    settings = stacks_of(tmp_path, project_config())
    assert list(settings) == ["repository", "staging", "prod", "bundle-staging", "bundle-test", "bundle-prod"]


def test_the_settings_name_every_stack_with_what_it_is(tmp_path: Path) -> None:
    write_project(tmp_path)
    settings = loaded(tmp_path, project_config(), MLOPS_DEPLOYER="jane.doe@example.com")
    staging, prod = settings.environments
    assert [
        (name, one.environment, one.bundle and (one.bundle.target, one.bundle.environment), one.branch, one.personal)
        for name, one in settings.stacks.items()
    ] == [
        ("repository", None, None, "main", False),
        ("staging", staging, None, "main", False),
        ("prod", prod, None, "release", False),
        ("bundle-staging", None, ("staging", staging), "main", False),
        ("bundle-test", None, ("test", staging), "main", False),
        ("bundle-prod", None, ("prod", prod), "release", False),
        ("bundle-dev", None, ("dev", None), None, True),
    ]
    assert [one.bundle.state for one in settings.stacks.values() if one.bundle] == [
        *("bundle-staging", "bundle-test", "bundle-prod", "bundle-dev-jane_doe"),
    ]


def test_it_proves_itself_with_the_token_alone(tmp_path: Path) -> None:
    write_project(tmp_path)
    stacks = synthesize(tmp_path, project_config())
    for target, host in (("test", "staging"), ("prod", "prod")):
        (provider,) = stacks[f"bundle-{target}"]["provider"]["databricks"]
        assert provider == {
            "alias": "workspace",
            "auth_type": "pat",
            "host": f"https://acme-{host}.cloud.databricks.com",
            "rate_limit": 30,
            "retry_timeout_seconds": 300,
        }


def test_the_stand_in_for_the_principal_leaves_no_trace(tmp_path: Path) -> None:
    write_project(tmp_path)
    for stack in synthesize(tmp_path, project_config()).values():
        assert PLACEHOLDER_PRINCIPAL not in json.dumps(stack)
    stack = synthesize(tmp_path, project_config())["bundle-staging"]
    assert resources(stack, "databricks_mlflow_experiment")[0]["name"] == f"/Users/{ME}/staging-fares"
    owner = resources(stack, "databricks_permissions")[0]["access_control"][-1]
    assert owner["service_principal_name"] == ME


def test_files_go_where_the_cli_puts_them_and_notebooks_lose_their_extension(tmp_path: Path) -> None:
    write_project(tmp_path)
    stack = synthesize(tmp_path, project_config())["bundle-staging"]
    files = FILES.removeprefix("/Workspace")
    notebooks = {
        item["path"]: (item.get("language"), item["format"]) for item in resources(stack, "databricks_notebook")
    }
    assert notebooks == {
        f"{files}/ingest": ("PYTHON", "SOURCE"),
        f"{files}/training/Check": (None, "JUPYTER"),
        f"{files}/training/Train": ("PYTHON", "SOURCE"),
    }
    plain = {item["path"].removeprefix(f"{files}/") for item in resources(stack, "databricks_workspace_file")}
    assert plain == {
        *("assets/all.yml", "databricks.yml", "fares.lvdash.json", "training/my data.csv", "training/prepare.py"),
        "ui/app.py",
    }


def test_paths_of_uploads_are_those_that_the_workspace_answers(tmp_path: Path) -> None:
    """It leaves /Workspace out, and a path that differs from the answer would be replaced at every plan."""
    write_project(tmp_path)
    stack = synthesize(tmp_path, project_config())["bundle-staging"]
    for kind in ("databricks_directory", "databricks_notebook", "databricks_workspace_file"):
        assert all(item["path"].startswith(f"/Users/{ME}/.bundle/fares/staging") for item in resources(stack, kind))


def test_what_runs_code_waits_for_it_and_what_does_not_does_not(tmp_path: Path) -> None:
    write_project(tmp_path)
    stack = synthesize(tmp_path, project_config())["bundle-staging"]
    code = {
        f"{kind}.{name}"
        for kind in ("databricks_notebook", "databricks_workspace_file")
        for name in stack["resource"][kind]
    }
    assert set(job(stack)["depends_on"]) == code
    assert set(stack["resource"]["databricks_pipeline"]["ingest"]["depends_on"]) == code
    assert "depends_on" not in job(stack, "again")


def test_the_json_is_the_same_wherever_the_checkout_lies(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "somewhere" / "else").mkdir(parents=True)
    texts = []
    for folder in (tmp_path / "here", tmp_path / "somewhere" / "else"):
        write_project(folder)
        texts.append(json.dumps(synthesize(folder, project_config()), sort_keys=True))
    assert texts[0] == texts[1]
    assert str(tmp_path) not in texts[0]


def test_resources_have_the_addresses_of_the_cli(tmp_path: Path) -> None:
    write_project(tmp_path)
    stack = synthesize(tmp_path, project_config())["bundle-staging"]
    uploads = {"databricks_directory", "databricks_notebook", "databricks_workspace_file"}
    assert {f"{kind}.{name}" for kind, named in stack["resource"].items() if kind not in uploads for name in named} == {
        "databricks_alert_v2.late",
        "databricks_app.ui",
        "databricks_cluster.shared",
        "databricks_dashboard.overview",
        "databricks_database_database_catalog.online",
        "databricks_database_instance.store",
        "databricks_database_synced_database_table.predictions",
        "databricks_grants.registered_model_model",
        "databricks_job.again",
        "databricks_job.train",
        "databricks_mlflow_experiment.runs",
        "databricks_mlflow_model.legacy",
        "databricks_model_serving.fares",
        "databricks_permissions.alert_late",
        "databricks_permissions.app_ui",
        "databricks_permissions.dashboard_overview",
        "databricks_permissions.database_instance_store",
        "databricks_permissions.job_train",
        "databricks_permissions.mlflow_experiment_runs",
        "databricks_permissions.model_serving_fares",
        "databricks_pipeline.ingest",
        "databricks_quality_monitor.drift",
        "databricks_registered_model.model",
        "databricks_schema.scratch",
        "databricks_secret_acl.secret_acl_keys_0",
        "databricks_secret_scope.keys",
        "databricks_sql_endpoint.queries",
        "databricks_volume.landing",
    }


def test_permissions_of_the_whole_bundle_count_for_its_folder(tmp_path: Path) -> None:
    access = (
        "permissions:\n"
        "  - {level: CAN_VIEW, group_name: users}\n"
        "  - {level: CAN_MANAGE, group_name: ml}\n"
        "  - {level: CAN_RUN, group_name: ml}\n"
    )
    write_project(tmp_path, {"assets/access.yml": access})
    stack = synthesize(tmp_path, project_config())["bundle-staging"]
    granted = stack["resource"]["databricks_permissions"]["bundle_root"]
    assert granted["directory_path"] == "${databricks_directory.bundle_root.path}"
    assert granted["access_control"] == [
        {"group_name": "users", "permission_level": "CAN_READ"},
        {"group_name": "ml", "permission_level": "CAN_MANAGE"},
    ]


def test_no_metadata_of_the_cli_is_promised(tmp_path: Path) -> None:
    write_project(tmp_path)
    stack = synthesize(tmp_path, project_config())["bundle-staging"]
    assert '"deployment"' not in json.dumps(stack)
    assert job(stack)["edit_mode"] == "UI_LOCKED"


def test_tasks_and_their_dependencies_stand_in_the_order_in_which_they_are_read(tmp_path: Path) -> None:
    write_project(tmp_path)
    stack = synthesize(tmp_path, project_config())["bundle-staging"]
    assert [task["task_key"] for task in job(stack)["task"]] == ["check", "prepare", "shared", "train"]
    assert tasks(stack)["train"]["depends_on"] == [{"task_key": "check"}, {"task_key": "prepare"}]


def test_grants_are_one_for_each_principal_in_the_service_s_spelling(tmp_path: Path) -> None:
    write_project(tmp_path)
    stack = synthesize(tmp_path, project_config())["bundle-staging"]
    assert resources(stack, "databricks_grants")[0]["grant"] == [
        {"principal": "account users", "privileges": ["APPLY_TAG", "EXECUTE"]}
    ]


def test_references_become_addresses_and_other_templates_stay_text(tmp_path: Path) -> None:
    comment = "${resources.jobs.train.id} 100%{sure} ${upper(x)} ${databricks_job.train.id == file(x)}"
    write_project(
        tmp_path, {"assets/all.yml": ASSETS.replace("Trained by ${resources.jobs.train.id}; 100%{sure}", comment)}
    )
    stack = synthesize(tmp_path, project_config())["bundle-staging"]
    assert resources(stack, "databricks_registered_model")[0]["comment"] == (
        "${databricks_job.train.id} 100%%{sure} $${upper(x)} $${databricks_job.train.id == file(x)}"
    )


@pytest.mark.parametrize(
    ("changes", "target", "lost"),
    [
        ({}, "staging", True),
        ({}, "test", True),
        ({}, "prod", False),
        ({"environments__staging__branch": "develop"}, "staging", False),
        ({"environments__prod__branch": "main"}, "prod", False),
    ],
)
def test_schemas_lose_their_data_only_outside_production(
    changes: dict[str, Any], target: str, lost: bool, tmp_path: Path
) -> None:
    write_project(tmp_path)
    stack = synthesize(tmp_path, project_config(**changes))[f"bundle-{target}"]
    assert resources(stack, "databricks_schema")[0].get("force_destroy", False) is lost


def test_prevent_destroy_is_kept(tmp_path: Path) -> None:
    write_project(
        tmp_path, {"assets/more.yml": "resources: {models: {kept: {name: k, lifecycle: {prevent_destroy: true}}}}\n"}
    )
    stack = synthesize(tmp_path, project_config())["bundle-prod"]
    assert stack["resource"]["databricks_mlflow_model"]["kept"]["lifecycle"] == {"prevent_destroy": True}


def guard(stack: dict[str, Any]) -> tuple[str, str, str]:
    precondition = stack["output"]["deployed_branch"]["precondition"]
    return stack["locals"]["branch"], precondition["condition"], precondition["error_message"]


def test_every_target_of_an_environment_is_bound_to_its_branch(tmp_path: Path) -> None:
    write_project(tmp_path)
    stacks = synthesize(tmp_path, project_config())
    assert guard(stacks["bundle-staging"])[:2] == ("main", '${local.branch == "main"}')
    assert guard(stacks["bundle-prod"]) == (
        "main",
        '${local.branch == "release"}',
        "bundle-prod is deployed from branch release, and ml has main checked out. Check out release; where Git knows "
        "no branch, as in CI, set MLOPS_BRANCH to the branch of the commit.",
    )


def test_a_detached_head_is_no_branch_until_it_is_named(tmp_path: Path) -> None:
    check_out(write_project(tmp_path), "")
    branch, _, refusal = guard(synthesize(tmp_path, project_config())["bundle-prod"])
    assert (branch, "no branch checked out" in refusal) == ("", True)
    assert guard(synthesize(tmp_path, project_config(), MLOPS_BRANCH="release")["bundle-prod"])[0] == "release"


def test_a_person_gets_the_targets_of_no_environment_with_a_state_of_their_own(tmp_path: Path) -> None:
    write_project(tmp_path)
    stack = synthesize(tmp_path, project_config(), MLOPS_DEPLOYER="Jane.Doe@example.com")["bundle-dev"]
    assert stack["terraform"]["backend"] == {"local": {"path": "../../../state/bundle-dev-jane_doe.tfstate"}}
    assert "output" not in stack
    assert "data" not in stack
    assert job(stack)["name"] == "[dev jane_doe] dev-train"
    own = "/Users/Jane.Doe@example.com/.bundle/fares/dev"
    assert {folder["path"] for folder in resources(stack, "databricks_directory")} == {own, f"{own}/resources"}


def test_a_remote_state_is_kept_apart_by_stack_and_person(tmp_path: Path) -> None:
    write_project(tmp_path)
    state = {"type": "gcs", "config": {"bucket": "acme", "prefix": "taxi/{stack}"}}
    stacks = synthesize(tmp_path, project_config(state=state), MLOPS_DEPLOYER="jane.doe@example.com")
    prefixes = [stacks[f"bundle-{name}"]["terraform"]["backend"]["gcs"]["prefix"] for name in ("test", "dev")]
    assert prefixes == ["taxi/bundle-test", "taxi/bundle-dev-jane_doe"]


def with_code_in_git(folder: Path) -> None:
    write_project(folder, {"assets/all.yml": CODE_IN_GIT})


def test_with_git_nothing_is_uploaded_and_jobs_name_the_environment_s_branch(tmp_path: Path) -> None:
    with_code_in_git(tmp_path)
    stacks = synthesize(tmp_path, project_config(ml_project__code="git"))
    for target, branch in (("staging", "main"), ("test", "main"), ("prod", "release")):
        stack = stacks[f"bundle-{target}"]
        kinds = set(stack["resource"])
        assert not kinds & {"databricks_notebook", "databricks_workspace_file"}
        assert job(stack)["git_source"] == {
            "url": "https://github.com/acme/taxi-fare",
            "provider": "gitHub",
            "branch": branch,
        }
        assert "git_source" not in job(stack, "again")


def test_with_git_paths_begin_at_the_repository_s_root(tmp_path: Path) -> None:
    with_code_in_git(tmp_path)
    shutil.move(tmp_path / "ml" / ".git", tmp_path / ".git")
    found = tasks(synthesize(tmp_path, project_config(ml_project__code="git"))["bundle-staging"])
    assert found["train"]["notebook_task"]["notebook_path"] == "ml/training/Train"
    assert found["train"]["notebook_task"]["source"] == "GIT"
    assert found["prepare"]["spark_python_task"] == {"python_file": "ml/training/prepare.py", "source": "GIT"}
    assert found["shared"]["notebook_task"] == {"notebook_path": "/Shared/Report", "source": "WORKSPACE"}


def test_git_facts_can_be_left_out_so_that_a_commit_changes_no_job(tmp_path: Path) -> None:
    write_project(tmp_path)
    sources = {
        choice: tasks(synthesize(tmp_path, project_config(ml_project__git_metadata=choice))["bundle-staging"])["train"][
            "notebook_task"
        ]["base_parameters"]["source"]
        for choice in ("commit", "none")
    }
    assert sources == {
        "commit": "https://github.com/acme/taxi-fare.git main 8abca425566663dc2f0e61f2747e868ead9b60b4",
        "none": "  ",
    }


def test_values_of_variables_come_from_the_environment_as_for_the_cli(tmp_path: Path) -> None:
    write_project(tmp_path)
    shared = {"other": {**MAKES_SCHEMAS, "shared_with": ["prod"]}}
    prod = {"other": MAKES_SCHEMAS}
    data = project_config(environments__staging__catalogs=shared, environments__prod__catalogs=prod)
    stack = synthesize(tmp_path, data, BUNDLE_VAR_catalog="other")["bundle-staging"]
    assert resources(stack, "databricks_registered_model")[0]["catalog_name"] == "other"


def test_what_the_cli_warns_of_is_said_on_the_stack(tmp_path: Path) -> None:
    write_project(
        tmp_path, {"databricks.yml": BUNDLE, "assets/odd.yml": "resources: {jobs: {odd: {colour: red}}}\n"}, only=True
    )
    stacks = stacks_of(tmp_path, project_config())
    assert warnings(stacks["bundle-staging"]) == ["ml/assets/odd.yml:1:26: resources.jobs.odd: unknown field: colour"]
    assert warnings(stacks["staging"]) == []


def test_what_the_cli_warns_of_is_one_line_whatever_it_holds(tmp_path: Path) -> None:
    """cdktf prints it to the CI's log."""
    evil = "x\n::add-mask::y\u001b7\u202e"
    name = "x\n::add-mask::y##[error]z"
    files = {f"assets/{name}.yml": json.dumps({"resources": {"jobs": {"odd": {evil: 1, f"::{evil}": {}}}}})}
    write_project(tmp_path, {"databricks.yml": BUNDLE, **files}, only=True)
    said = warnings(stacks_of(tmp_path, project_config())["bundle-staging"])
    assert len(said) == 2
    for warning in said:
        assert unseen(warning, allowed="") == set()
        assert commands(f"  {warning}") == commands(warning) == []


def test_hosts_are_those_of_mlops_yaml_where_databricks_yml_is_silent(tmp_path: Path) -> None:
    silent = (
        re.sub(r"\n +workspace: .*", "", BUNDLE).replace("staging:\n", "staging: {}\n").replace("test:\n", "test: {}\n")
    )
    write_project(tmp_path, {"databricks.yml": silent})
    stacks = synthesize(tmp_path, project_config())
    hosts = {name: stacks[name]["provider"]["databricks"][-1]["host"] for name in ("staging", "prod", "bundle-prod")}
    assert hosts == {
        "staging": "https://acme-staging.cloud.databricks.com",
        "prod": "https://acme-prod.cloud.databricks.com",
        "bundle-prod": "https://acme-prod.cloud.databricks.com",
    }


def catalogs(folder: Path, **changes: Any) -> list[tuple[str, str | None, bool]]:
    (folder / "mlops.yaml").write_text(json.dumps(project_config(**changes)), encoding="utf-8")
    staging = load(folder=folder, environ={}).environments[0]
    return [(catalog.name, catalog.schema, catalog.may_create_schemas) for catalog in staging.catalogs]


def test_catalogs_and_schemas_are_those_that_mlops_yaml_lists(tmp_path: Path) -> None:
    assets = ASSETS.replace("schema_name: taxi_fare", "schema_name: models")
    ours = BUNDLE.replace('"${bundle.target}"', "ml").replace("prod:\n", "prod:\n    variables: {catalog: prod}\n")
    write_project(tmp_path, {"assets/all.yml": assets, "databricks.yml": ours})
    schemas = {"schemas": ["taxi_fare", "models"], "may_create_schemas": True}
    changes = {"environments__staging__catalogs": {"ml": schemas}, "environments__prod__catalogs": {"prod": schemas}}
    assert catalogs(tmp_path, **changes) == [("ml", "taxi_fare", True), ("ml", "models", False)]
    changes["environments__staging__catalogs"] = {"ml": {**schemas, "schema": "models", "schemas": ["taxi_fare"]}}
    assert catalogs(tmp_path, **changes) == [("ml", "models", True), ("ml", "taxi_fare", False)]


def test_without_a_word_in_either_file_a_catalog_has_the_name_of_its_target(tmp_path: Path) -> None:
    write_project(tmp_path, {"assets/all.yml": "resources: {jobs: {j: {name: j}}}\n"})
    changes = {"environments__staging__catalogs": None, "environments__prod__catalogs": None}
    data = project_config(**changes)
    for section in data["environments"].values():
        del section["catalogs"]
    (tmp_path / "mlops.yaml").write_text(json.dumps(data), encoding="utf-8")
    found = [(one.name, one.schema) for one in load(folder=tmp_path, environ={}).environments[0].catalogs]
    assert found == [("staging", "taxi_fare"), ("test", "taxi_fare")]


def test_nothing_is_granted_on_schemas_that_the_bundle_makes_itself(tmp_path: Path) -> None:
    write_project(
        tmp_path,
        {
            "assets/all.yml": """\
resources:
  schemas: {s: {catalog_name: ml, name: taxi_fare}}
  volumes: {v: {catalog_name: ml, schema_name: taxi_fare, name: v}}
"""
        },
    )
    makes_all = {"ml": {"schemas": [], "may_create_schemas": True}}
    data = project_config(
        environments__staging__targets=["staging"],
        environments__staging__catalogs=makes_all,
        environments__prod__catalogs={"ml": {**makes_all["ml"], "shared_with": ["staging"]}},
    )
    stack = synthesize(tmp_path, data)["staging"]
    grants = [
        (grant.get("catalog"), grant.get("schema"), grant["privileges"])
        for grant in resources(stack, "databricks_grant")
    ]
    assert grants == [("ml", None, ["CREATE_SCHEMA", "USE_CATALOG"])]


def test_volumes_in_schemas_that_exist_need_a_privilege_of_mlops_yaml(tmp_path: Path) -> None:
    volume = "resources: {volumes: {v: {catalog_name: '${bundle.target}', schema_name: taxi_fare, name: v}}}\n"
    write_project(tmp_path, {"assets/all.yml": volume})
    may = {"may_create_volumes": True}
    data = project_config(
        environments__staging__catalogs={"staging": may, "test": may}, environments__prod__catalogs={"prod": may}
    )
    grants = resources(synthesize(tmp_path, data)["prod"], "databricks_grant")
    (on_schema,) = (grant["privileges"] for grant in grants if grant.get("schema"))
    assert "CREATE_VOLUME" in on_schema


def test_a_notebook_that_is_none_goes_up_as_a_file(tmp_path: Path) -> None:
    write_project(tmp_path, {"training/broken.ipynb": "{", "training/plain.sql": "SELECT 1\n", "n.sql": NOTEBOOK})
    stack = synthesize(tmp_path, project_config())["bundle-staging"]
    plain = {Path(item["path"]).name for item in resources(stack, "databricks_workspace_file")}
    assert {"broken.ipynb", "plain.sql", "n.sql"} <= plain
