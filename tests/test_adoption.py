"""What exists is imported where `adopt` of mlops.yaml says so, and wrong entries are told."""

from pathlib import Path

import pytest

from settings import load
from settings.faults import FaultsError
from tests.ml_project import project_config, write_project
from tests.synthesis import config, stacks_of, synthesize

# Construct ids are addresses: who renames one makes everything anew.
PRINCIPAL = "databricks_service_principal.ci_identity_principal_7EA3A439"
MAIN, RELEASE = (
    "github_branch_protection.protected_branches_main_protection_9C9935C8",
    "github_branch_protection.protected_branches_release_protection_81FBE5F2",
)


def test_adopted_resources_become_import_blocks_of_their_stack_alone(tmp_path: Path) -> None:
    stacks = synthesize(tmp_path, config(adopt={"staging": {PRINCIPAL: "7100000003"}}))
    assert stacks["staging"]["import"] == [{"to": PRINCIPAL, "id": "7100000003"}]
    assert "import" not in stacks["prod"]
    assert all("for_each" in block for block in stacks["repository"]["import"])


def test_a_job_of_a_bundle_is_adopted_by_its_address(tmp_path: Path) -> None:
    write_project(tmp_path)
    stacks = synthesize(tmp_path, project_config(adopt={"bundle-staging": {"databricks_job.train": "11"}}))
    assert stacks["bundle-staging"]["import"] == [{"to": "databricks_job.train", "id": "11"}]


def test_the_repository_stack_keeps_the_imports_that_it_makes_by_itself(tmp_path: Path) -> None:
    adopt = {"repository": {"github_branch.branch-release_branch_0B5AC22E": "taxi-fare:release"}}
    blocks = synthesize(tmp_path, config(adopt=adopt))["repository"]["import"]
    assert [block["to"] for block in blocks] == [
        MAIN,
        RELEASE,
        "github_branch.branch-release_branch_0B5AC22E",
    ]


def said(folder: Path, adopt: object, **sections: object) -> str:
    """What somebody is told who writes that."""
    with pytest.raises(FaultsError) as faults:
        stacks_of(folder, config(adopt=adopt, **sections))
    return str(faults.value)


def test_an_address_that_the_stack_does_not_have_is_told_with_those_of_its_type(tmp_path: Path) -> None:
    assert said(tmp_path, {"staging": {"databricks_service_principal.ci": "1"}}) == (
        "mlops.yaml:1:360: adopt.staging.databricks_service_principal.ci\n"
        "  found    databricks_service_principal.ci, which the stack does not have\n"
        f"  allowed  {PRINCIPAL}\n"
        "  to do    correct the address, or remove the entry\n\n"
        "1 fault; nothing was changed."
    )


def test_what_is_taken_over_in_any_case_needs_no_entry(tmp_path: Path) -> None:
    text = said(tmp_path, {"repository": {MAIN: "taxi-fare:main"}})
    assert "found    a resource that the stack takes over by itself" in text


def test_a_stack_that_there_is_not_is_told_before_anything_is_synthesized(tmp_path: Path) -> None:
    (tmp_path / "mlops.yaml").write_text(
        "project: p\naccount: {id: 3f6c1c52-8f0e-4b0d-9a46-2d8f4f0b7c11}\ngithub: {owner: a, repository: b}\n"
        "adopt:\n  stagin:\n    databricks_job.x: '1'\n"
        "environments:\n  staging: {host: https://acme-staging.cloud.databricks.com}\n",
        encoding="utf-8",
    )
    with pytest.raises(FaultsError) as faults:
        load(folder=tmp_path, environ={})
    assert str(faults.value) == (
        "mlops.yaml:5:3: adopt.stagin\n"
        "  found    a stack that does not exist\n"
        "  allowed  repository, staging\n"
        "  to do    correct the name of the stack\n\n"
        "1 fault; nothing was changed."
    )


@pytest.mark.parametrize("address", ["principal", "aws_s3_bucket.x", "databricks_job"])
def test_what_is_no_address_is_told(address: str, tmp_path: Path) -> None:
    assert "the address of a resource, such as" in said(tmp_path, {"staging": {address: "1"}})
