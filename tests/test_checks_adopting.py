"""What exists already is found, written into mlops.yaml and taken over, and nothing is made twice."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml
from databricks.sdk import WorkspaceClient
from databricks.sdk.service.catalog import PermissionsChange, Privilege
from databricks.sdk.service.workspace import ImportFormat

from checks.check import UncheckableError
from checks.preflight.adopting import adopt
from settings.editing import Text
from tests.deployments import Deployment, account_administrator, administrator, as_ci, deployment_in, enter
from tests.ml_project import project_config, write_project
from tests.synthesis import config
from tests.test_bundle_deploy import UPLOADED

HEAD = "# ours\nproject: p  # short\n\nenvironments:\n  staging: {}\n"
BLOCK = """\
# What exists already and becomes part of the stacks; these lines may go after the next deploy.
adopt:
  staging:
    databricks_job.a: '1'
"""


Adopted = dict[str, dict[str, str]]


def adopted(text: str, after: Adopted, before: Adopted | None = None) -> str:
    edited = Text(text, file="mlops.yaml")
    adopt(edited, before or {}, after)
    return edited.text


ENTRY: Adopted = {"staging": {"databricks_job.a": "1"}}


def test_adopt_is_added_at_the_end_and_everything_else_stays_as_it_is() -> None:
    assert adopted(HEAD, ENTRY) == f"{HEAD}\n{BLOCK}"
    assert adopted(HEAD.rstrip("\n"), ENTRY) == f"{HEAD}\n{BLOCK}"
    windows = HEAD.replace("\n", "\r\n")
    assert adopted(windows, ENTRY) == f"{HEAD}\n{BLOCK}".replace("\n", "\r\n")


def test_adopt_is_changed_where_it_stands_and_gone_when_it_is_empty() -> None:
    for text in (f"{HEAD}\n{BLOCK}", f"{BLOCK}{HEAD}", f"# top\n{BLOCK}\n# about environments\n{HEAD}"):
        assert adopted(text, ENTRY, ENTRY) == text
        changed = adopted(text, {"staging": {"databricks_job.a": "2"}, "prod": {}}, ENTRY)
        assert changed == text.replace("'1'", "'2'")
        assert adopted(text, {}, ENTRY).strip() == text.replace(BLOCK, "").strip()
    assert adopted(HEAD, {}) == HEAD


OWN = """\
project: p
adopt:   # taken over in May
  repository: {}   # nothing there
  staging:  # the old workspace
    # by Jane
    "databricks_job.a": 1x  # yes
    databricks_job.b: '2'
"""


def test_what_a_person_wrote_into_adopt_stays() -> None:
    """Comments, an empty entry, quotes and order, whatever is added, changed or taken out around them."""
    before = {"staging": {"databricks_job.a": "1x", "databricks_job.b": "2"}}
    after = {"repository": {"github_branch.x": "r"}, "staging": {"databricks_job.a": "3", "databricks_job.c": "4"}}
    for newline in ("\n", "\r\n"):
        text = OWN.replace("\n", newline)
        assert (
            adopted(text, after, before)
            == """\
project: p
adopt:   # taken over in May
  repository: {github_branch.x: r}   # nothing there
  staging:  # the old workspace
    # by Jane
    "databricks_job.a": '3'  # yes
    databricks_job.c: '4'
""".replace("\n", newline)
        )
        gone = adopted(text, {"staging": {}}, before)
        kept = OWN[: OWN.index("  staging")] + "  staging: {}  # the old workspace\n    # by Jane\n"
        assert gone == kept.replace("\n", newline)
    assert adopted("adopt: {staging: {databricks_job.a: '1'}}  # x\n", {}, ENTRY) == "adopt: {staging: {}}  # x\n"


def test_a_file_in_braces_is_added_to_in_braces() -> None:
    assert adopted('{\n "project": "p"\n}\n', ENTRY) == (
        '{\n "project": "p", "adopt": {"staging": {"databricks_job.a": "1"}}\n}\n'
    )


def test_what_cannot_be_edited_is_left_alone_and_told() -> None:
    """An alias stands for what is written elsewhere, which must not change with it."""
    shared = "adopt:\n  prod: &entries {databricks_job.a: '1'}\n  staging: *entries\n"
    text = Text(shared, file="mlops.yaml")
    with pytest.raises(UncheckableError) as refused:
        adopt(
            text, {"prod": ENTRY["staging"], **ENTRY}, {"prod": ENTRY["staging"], "staging": {"databricks_job.a": "2"}}
        )
    where = "adopt.staging.databricks_job.a"
    assert str(refused.value) == f"mlops.yaml cannot be edited at {where}: write {where}: '2' by hand"
    assert text.text == shared


def test_a_file_keeps_its_mode_and_a_link_stays_one(tmp_path: Path) -> None:
    file, link = tmp_path / "real.yaml", tmp_path / "mlops.yaml"
    file.write_bytes(b"\xef\xbb\xbfproject: p\r\n")
    file.chmod(0o640)
    link.symlink_to(file)
    text = Text.of(link)
    text.put(("cloud",), "aws")
    text.save(link)
    assert link.is_symlink()
    assert file.read_bytes() == b"\xef\xbb\xbfproject: p\r\ncloud: aws\r\n"
    assert file.stat().st_mode & 0o777 == 0o640


SETUP = config(environments__prod__catalogs={"ml": {"create": True, "schema": "fares"}})
PRINCIPAL = "databricks_service_principal.ci_identity_principal_7EA3A439"
PROD = SETUP["environments"]["prod"]["host"]


@pytest.fixture
def deployment(tmp_path: Path) -> Iterator[Deployment]:
    with deployment_in(tmp_path / "project", SETUP) as deployment:
        deployment.configuration.write_text(yaml.safe_dump(SETUP, sort_keys=False), encoding="utf-8")
        yield deployment


def by_hand(deployment: Deployment) -> str:
    """The guide's page for production, clicked through: principal, place, catalog, privileges, token, branch."""
    account = account_administrator(deployment, SETUP["account"]["id"])
    client = administrator(deployment, PROD)
    principal = account.service_principals_v2.create(display_name="taxi-fare-prod-ci", active=True)
    assert principal.id
    assert principal.application_id
    client.api_client.do(
        "PUT",
        f"/api/2.0/preview/permissionassignments/principals/{principal.id}",
        body={"permissions": ["USER"]},
    )
    client.catalogs.create("ml")
    client.schemas.create("fares", "ml")
    change = PermissionsChange(principal=principal.application_id, add=[Privilege.USE_CATALOG])
    client.grants.update("catalog", "ml", changes=[change])
    client.token_management.create_obo_token(
        application_id=principal.application_id, comment="made by hand", lifetime_seconds=86_400
    )
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {deployment.environ['GITHUB_TOKEN']}"
    repository = "https://api.github.com/repos/acme/taxi-fare"
    head = session.get(f"{repository}/git/ref/heads/main", timeout=10).json()["object"]["sha"]
    made = session.post(f"{repository}/git/refs", json={"ref": "refs/heads/release", "sha": head}, timeout=10)
    assert made.status_code == 201
    return principal.id


def test_a_setup_made_by_hand_is_taken_over_and_nothing_is_made_twice(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter(deployment, monkeypatch)
    principal = by_hand(deployment)
    before = deployment.dump()

    found = deployment.checks("preflight", "prod", code=2)
    assert f"service principal taxi-fare-prod-ci ({PRINCIPAL}: {principal})" in found
    assert deployment.dump() == before
    said = deployment.checks("preflight", "prod", "--write-adopt", code=2)
    assert "taxi-fare-prod-ci has 1 tokens, which cannot be imported" in said
    written = yaml.safe_load(deployment.configuration.read_text(encoding="utf-8"))
    assert sorted(written.pop("adopt")["prod"].values()) == [principal, "ml", "ml.fares"]
    assert written == SETUP
    deployment.checks("preflight", "prod")

    deployment.synth()
    for stack in ("repository", "prod"):
        deployment.apply(stack)
        assert deployment.pending(stack) == []
    after = deployment.dump()
    for kind in ("databricks.service_principal", "databricks.catalog", "databricks.schema"):
        assert after[kind].keys() == before[kind].keys(), kind
    assert len(after["databricks.token"]) == len(before["databricks.token"]) + 2

    # The entries have done their work, whatever else is looked at; the token made by hand is what audit is for.
    deployment.checks("preflight", "repository", "prod", "--write-adopt", "--skip", "github.required-checks")
    assert yaml.safe_load(deployment.configuration.read_text(encoding="utf-8")) == SETUP
    assert "(made by hand)" in deployment.checks("audit", "prod", code=2)
    deployment.checks("audit", "prod", "--fix", "--yes")
    assert len(deployment.dump()["databricks.token"]) == 2
    assert deployment.pending("prod") == []


def cli_state(engine: str, ids: dict[str, str]) -> tuple[str, dict[str, Any]]:
    """What the Databricks CLI keeps in the workspace: the file of its direct engine, or its Terraform state."""
    kinds = {"databricks_job": "jobs", "databricks_mlflow_experiment": "experiments"}
    if engine == "direct":
        state = {}
        for address, id_ in ids.items():
            kind, name = address.split(".")
            state[f"resources.{kinds.get(kind, 'registered_models')}.{name}"] = {"__id__": id_, "state": {}}
            state[f"resources.{kinds.get(kind, 'registered_models')}.{name}.permissions"] = {
                "__id__": "/x",
                "state": {},
            }
        return "resources.json", {"state_version": 1, "lineage": "l", "serial": 2, "state": state}
    resources = [
        {"mode": "managed", "type": kind, "name": name, "instances": [{"attributes": {"id": id_}}]}
        for address, id_ in ids.items()
        for kind, name in [address.split(".")]
    ]
    return "terraform.tfstate", {"version": 4, "resources": [*resources, {"mode": "data", "type": "x", "name": "y"}]}


@pytest.mark.parametrize("engine", ["direct", "terraform"])
def test_what_the_databricks_cli_has_deployed_is_taken_over_by_a_bundle_stack(
    engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_project(tmp_path / "project", {"assets/all.yml": UPLOADED})
    data = project_config()
    with deployment_in(tmp_path / "project", data) as deployment:
        deployment.configuration.write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")
        deployment.synth()
        deployment.apply("staging")
        ci = as_ci(deployment, "STAGING_WORKSPACE_TOKEN", "main")
        enter(ci, monkeypatch)
        host = data["environments"]["staging"]["host"]
        client = WorkspaceClient(host=host, token=ci.environ["DATABRICKS_TOKEN"], auth_type="pat")
        me = client.current_user.me().user_name
        # Two jobs of one name: only the state tells which of them is meant.
        jobs = [client.jobs.create(name=name).job_id for name in ("staging-train", "staging-train", "staging-again")]
        experiment = client.experiments.create_experiment(f"/Users/{me}/staging-fares").experiment_id
        client.registered_models.create(catalog_name="staging", schema_name="taxi_fare", name="fares")
        ids = {
            "databricks_job.train": str(jobs[1]),
            "databricks_job.again": str(jobs[2]),
            "databricks_mlflow_experiment.runs": str(experiment),
            "databricks_registered_model.model": "staging.taxi_fare.fares",
        }
        name, state = cli_state(engine, ids)
        folder = f"/Users/{me}/.bundle/fares/staging/state"
        client.workspace.mkdirs(folder)
        content = base64.b64encode(json.dumps(state).encode()).decode()
        client.workspace.import_(f"{folder}/{name}", content=content, format=ImportFormat.RAW, overwrite=True)
        before = deployment.dump()

        ci.checks("preflight", "bundle-staging", "--write-adopt", code=2)
        adopt = yaml.safe_load(deployment.configuration.read_text(encoding="utf-8"))["adopt"]
        assert adopt == {"bundle-staging": ids}
        ci.synth()
        ci.apply("bundle-staging")
        assert ci.pending("bundle-staging") == []
        after = deployment.dump()
        assert after["databricks.job"].keys() == before["databricks.job"].keys()
        assert ci.checks("audit", "bundle-staging", code=1)
