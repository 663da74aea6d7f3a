"""The bundles of tests/bundle_vectors become what the Databricks CLI made of them."""

import json
import re
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from tests.bundle_vectors import vectors
from tests.bundle_vectors.vectors import FOLLOWED, HERE, LATER, Answer, Case
from tests.ml_project import project_config
from tests.synthesis import synthesize

TABLES = {
    f"{theme}-{table}": list(cases)
    for theme in vectors.themes()
    for table, cases in groupby(vectors.cases(theme), key=lambda case: case.table)
}


def assert_same(wanted: Any, found: Any) -> None:
    difference = vectors.unified(wanted, found)
    assert not difference, f"\n{difference}"


def project(name: str) -> Case:
    return next(case for case in vectors.cases("projects") if case.name == name)


@pytest.mark.parametrize("table", TABLES)
def test_bundles_become_what_the_cli_made_of_them(table: str, tmp_path: Path) -> None:
    differences = []
    for case in TABLES[table]:
        expected = vectors.expected(case, HERE if case.differs else FOLLOWED)
        found = vectors.unified(expected, vectors.answered_here(case, tmp_path / case.row / "bundle"))
        if found:
            differences.append(f"{case.name}\n{found}")
    assert not differences, "\n\n".join(["", *differences])


def test_every_case_has_an_answer_and_every_difference_a_reason() -> None:
    for theme in vectors.themes():
        told = vectors.answers(theme)
        assert [case.name for case in vectors.cases(theme)] == list(told)
        for case in vectors.cases(theme):
            answer = told[case.name]
            assert {*answer} <= {FOLLOWED, LATER, HERE}
            assert bool(answer.get(HERE)) is bool(case.differs), case.name
            for source in {*answer} - {FOLLOWED}:
                assert vectors.expected(case, source) != answer[FOLLOWED]


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
    text = re.sub(vectors.PRINCIPAL.user_name, lambda _: DEPLOYER, json.dumps(answer["terraform"]))
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
    assert_same(wanted, of_the_stack(stack))


@pytest.mark.parametrize("target", ["q", "r"])
def test_the_stacks_of_a_person_ask_for_what_the_cli_asked_for(target: str, tmp_path: Path) -> None:
    case = project("mixture" if target == "q" else "mixture_r")
    case.write(tmp_path / "ml", "https://acme.cloud.databricks.com")
    host = "https://acme.cloud.databricks.com"
    catalogs = {"c": {"schemas": [], "may_create_schemas": True}}
    data = {**project_config(), "environments": {"p": {"host": host, "catalogs": catalogs}}}
    stack = synthesize(tmp_path, data, MLOPS_DEPLOYER=vectors.USER.user_name)[f"bundle-{target}"]
    assert_same(as_stacks_want_it(vectors.expected(case)), of_the_stack(stack))


def test_a_difference_prints_as_a_readable_diff() -> None:
    with pytest.raises(AssertionError, match=r'-  "name": "a"\n.*\+  "name": "b"'):
        assert_same({"job": {"name": "a"}}, {"job": {"name": "b"}})
