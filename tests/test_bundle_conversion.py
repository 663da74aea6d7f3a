"""Stacks ask Terraform for what the Databricks CLI asked it for, bundle by bundle."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from packages.bundle.tests.bundle_vectors import vectors
from packages.bundle.tests.bundle_vectors.vectors import FOLLOWED, HERE, TERRAFORM, Answer, Case
from tests.bundle_conversion import converted
from tests.ml_project import project_config
from tests.synthesis import synthesize

DEPLOYED = [case for theme in vectors.themes() for case in vectors.cases(theme) if case.deploy]


def project(name: str) -> Case:
    return next(case for case in vectors.cases("projects") if case.name == name)


@pytest.mark.parametrize("case", DEPLOYED, ids=lambda case: f"{case.theme}-{case.name}")
def test_bundles_are_converted_as_the_cli_converts_them(case: Case, tmp_path: Path) -> None:
    wanted = vectors.expected(case, HERE if case.differs else FOLLOWED).get(TERRAFORM)
    vectors.assert_same(wanted, converted(case, tmp_path / "bundle"))


DEPLOYER = "${data.databricks_current_user.deployer.user_name}"
UPLOADS = {"databricks_directory", "databricks_notebook", "databricks_workspace_file"}


def of_the_stack(stack: dict[str, Any]) -> dict[str, Any]:
    """What the bundle declares, without what cdktf and the upload of the code add."""
    return {
        kind: {
            name: {key: value for key, value in body.items() if key not in ("//", "provider", "depends_on")}
            for name, body in named.items()
            if name != "bundle_root"
        }
        for kind, named in stack["resource"].items()
        if kind not in UPLOADS
    }


def as_stacks_want_it(answer: Answer) -> dict[str, Any]:
    """The CLI's output with the differences of docs/decisions/bundle-stack.md."""
    text = re.sub(vectors.PRINCIPAL.user_name, lambda _: DEPLOYER, json.dumps(answer[TERRAFORM]))
    found: dict[str, Any] = json.loads(text)
    for kind in ("databricks_job", "databricks_pipeline"):
        for body in found[kind].values():
            del body["deployment"]
    for kind in ("databricks_mlflow_experiment", "databricks_mlflow_model"):
        for body in found.get(kind, {}).values():
            if "tags" in body:
                body["lifecycle"] = {"ignore_changes": ["tags"]}
    for grants in found["databricks_grants"].values():
        merged: dict[str, set[str]] = {}
        for grant in grants["grant"]:
            names = (privilege.replace(" ", "_") for privilege in grant["privileges"])
            merged.setdefault(grant["principal"], set()).update(names)
        grants["grant"] = [{"principal": who, "privileges": sorted(names)} for who, names in merged.items()]
    return found


@pytest.mark.parametrize("target", ["test", "staging", "prod"])
def test_the_stacks_of_a_project_ask_for_what_the_cli_asked_for(target: str, tmp_path: Path) -> None:
    case = project(f"demand_{target}_by_a_principal")
    case.write(tmp_path / "ml")
    stack = synthesize(tmp_path, project_config())[f"bundle-{target}"]
    wanted = as_stacks_want_it(vectors.expected(case))
    if target == "prod":
        del wanted["databricks_schema"]["bikes"]["force_destroy"]
    vectors.assert_same(wanted, of_the_stack(stack))


@pytest.mark.parametrize("target", ["q", "r"])
def test_the_stacks_of_a_person_ask_for_what_the_cli_asked_for(target: str, tmp_path: Path) -> None:
    case = project("mixture" if target == "q" else "mixture_r")
    case.write(tmp_path / "ml", "https://acme.cloud.databricks.com")
    host = "https://acme.cloud.databricks.com"
    catalogs = {"c": {"schemas": [], "may_create_schemas": True}}
    data = {**project_config(), "environments": {"p": {"host": host, "catalogs": catalogs}}}
    stack = synthesize(tmp_path, data, MLOPS_DEPLOYER=vectors.USER.user_name)[f"bundle-{target}"]
    vectors.assert_same(as_stacks_want_it(vectors.expected(case)), of_the_stack(stack))
