"""mlops.yaml and the process environment as values."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from settings import load
from settings.__main__ import schema
from settings.document import document
from settings.faults import FaultsError
from tests.good_file import GOOD

ROOT = Path(__file__).parent.parent


def write(folder: Path, text: str = GOOD, name: str = "mlops.yaml") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def message(folder: Path, **environ: str) -> str:
    with pytest.raises(FaultsError) as caught:
        load(folder=folder, environ=environ)
    return str(caught.value)


def test_the_project_s_own_file_has_no_faults() -> None:
    assert [item.name for item in load(folder=ROOT, environ={}).environments] == ["staging", "prod"]


def test_the_committed_schema_is_that_of_the_models() -> None:
    assert (ROOT / "settings" / "mlops.schema.json").read_text(encoding="utf-8") == schema()


def test_the_committed_document_is_that_of_the_models() -> None:
    assert (ROOT / "docs" / "settings.md").read_text(encoding="utf-8") == document()


def test_every_key_is_described_in_the_schema() -> None:
    sections = json.loads(schema())
    properties = {
        f"{name}.{key}": value
        for name, section in {**sections["$defs"], "Config": sections}.items()
        for key, value in section.get("properties", {}).items()
    }
    assert [name for name, value in properties.items() if "description" not in value] == []


def test_defaults_follow_the_guide(tmp_path: Path) -> None:
    staging, prod = load(folder=write(tmp_path), environ={}).environments
    assert (staging.secret, prod.secret) == ("STAGING_WORKSPACE_TOKEN", "PROD_WORKSPACE_TOKEN")
    assert [catalog.name for catalog in staging.catalogs] == ["staging", "test"]
    assert [catalog.name for catalog in prod.catalogs] == ["prod"]
    assert {catalog.schema for catalog in (*staging.catalogs, *prod.catalogs)} == {"taxi_fare"}
    assert not any(catalog.create or catalog.create_schema for catalog in (*staging.catalogs, *prod.catalogs))
    assert (staging.token.lifetime, staging.token.rotation) == (timedelta(days=90), timedelta(days=30))


def test_rotation_is_a_third_of_the_lifetime_unless_said(tmp_path: Path) -> None:
    text = GOOD.replace("    branch: release", "    branch: release\n    token: {lifetime_days: 10}")
    prod = load(folder=write(tmp_path, text), environ={}).environments[1]
    assert prod.token.rotation == timedelta(days=3)


def test_mlops_config_names_another_file(tmp_path: Path) -> None:
    write(tmp_path, GOOD.replace("project: taxi-fare", "project: churn"), "other.yaml")
    assert load(folder=tmp_path, environ={"MLOPS_CONFIG": "other.yaml"}).project == "churn"


@pytest.mark.parametrize(
    ("prepare", "found", "remedy"),
    [
        (lambda path: None, "no such file", "create it, or set MLOPS_CONFIG to the file to read"),
        (lambda path: path.mkdir(), "a folder", "set MLOPS_CONFIG to the file itself"),
        (lambda path: path.write_bytes(b"\xff\xfe"), "bytes that are not UTF-8", "save it as UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_is_a_fault(
    prepare: Callable[[Path], object], found: str, remedy: str, tmp_path: Path
) -> None:
    prepare(tmp_path / "mlops.yaml")
    assert message(tmp_path) == (
        f"mlops.yaml\n  found    {found}\n  allowed  a readable YAML file\n  to do    {remedy}\n\n"
        "1 fault; nothing was changed."
    )


def test_a_local_state_is_a_fault_in_ci(tmp_path: Path) -> None:
    text = GOOD.replace("account:\n", "state:\n  type: local\naccount:\n")
    assert message(write(tmp_path, text), CI="true") == (
        "mlops.yaml:3:3: state.type\n"
        "  found    local, with CI set in the environment\n"
        "  allowed  a remote state in CI: s3, azurerm, gcs or http\n"
        "  to do    configure one: a local state dies with the runner, and the next run makes a second principal\n\n"
        "1 fault; nothing was changed."
    )


def test_a_state_that_is_not_configured_is_local_and_a_fault_in_ci_too(tmp_path: Path) -> None:
    assert "mlops.yaml:1:1: state.type" in message(write(tmp_path), CI="1")


@pytest.mark.parametrize("environ", [{"CI": "true", "MLOPS_SANDBOX": "1"}, {"CI": "false"}, {"CI": ""}, {}])
def test_a_local_state_is_allowed_in_the_sandbox_and_outside_ci(environ: dict[str, str], tmp_path: Path) -> None:
    assert load(folder=write(tmp_path), environ=environ).state.type == "local"


def test_destroying_a_stack_that_does_not_exist_is_a_fault(tmp_path: Path) -> None:
    assert message(write(tmp_path), MLOPS_ALLOW_DESTROY="prod,stagging") == (
        "$MLOPS_ALLOW_DESTROY\n  found    stagging\n  allowed  prod, repository, staging\n"
        "  to do    list names of stacks, separated by commas\n\n1 fault; nothing was changed."
    )


def test_the_stacks_to_destroy_are_listed_with_commas(tmp_path: Path) -> None:
    settings = load(folder=write(tmp_path), environ={"MLOPS_ALLOW_DESTROY": "prod, repository"})
    assert settings.invocation.allow_destroy == {"prod", "repository"}


def test_the_clock_can_be_given(tmp_path: Path) -> None:
    settings = load(folder=write(tmp_path), environ={"MLOPS_NOW": "2026-01-31T13:00:00+01:00"})
    assert settings.invocation.now == datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize("text", ["tomorrow", "2026-01-31T13:00:00"])
def test_a_clock_without_date_or_offset_is_a_fault(text: str, tmp_path: Path) -> None:
    assert message(write(tmp_path), MLOPS_NOW=text).startswith(f"$MLOPS_NOW\n  found    {text}\n")


@pytest.mark.parametrize(
    ("kind", "config"),
    [
        ("s3", "{bucket: acme, key: 'taxi/{stack}.tfstate', region: eu-west-1, use_lockfile: true}"),
        ("azurerm", "{storage_account_name: acme, container_name: tf, key: '{stack}.tfstate'}"),
        ("gcs", "{bucket: acme, prefix: 'taxi/{stack}'}"),
        ("http", "{address: 'https://state.acme.com/{stack}'}"),
    ],
)
def test_remote_states_are_accepted(kind: str, config: str, tmp_path: Path) -> None:
    text = GOOD.replace("account:\n", f"state:\n  type: {kind}\n  config: {config}\naccount:\n")
    assert load(folder=write(tmp_path, text), environ={"CI": "1"}).state.type == kind


TOKEN = "dapi0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    "text",
    [
        GOOD.replace("project: taxi-fare", f"project: {TOKEN}").replace("owner: acme", f"owner: {TOKEN}"),
        GOOD.replace("    branch: release", f"    principal: {TOKEN}").replace(
            "    targets", f"    principal: {TOKEN}\n    targets"
        ),
        GOOD.replace("    branch: release", f"    catalogs: {{{TOKEN}: {{}}}}"),
        GOOD.replace("    branch: release", f"    targets: [{TOKEN}, {TOKEN}]"),
        GOOD.replace("    branch: release", f"    {TOKEN}: 1"),
        GOOD.replace("acme-prod", TOKEN),
    ],
)
def test_a_credential_is_never_repeated(text: str, tmp_path: Path) -> None:
    said = message(write(tmp_path, text))
    assert TOKEN not in said
    assert "something that looks like a credential; it is not shown here" in said


def test_a_password_in_an_address_is_a_credential(tmp_path: Path) -> None:
    state = "state: {type: http, config: {address: 'https://tf:S3cretPass@state.acme.com/{stack}'}}"
    said = message(write(tmp_path, GOOD.replace("account:\n", f"{state}\naccount:\n")))
    assert "no credentials in mlops.yaml" in said
    assert "S3cretPass" not in said


@pytest.mark.parametrize(
    "key", ["oidc_request_token", "client_certificate", "sse_customer_key", "access_key", "conn_str"]
)
def test_a_backend_s_credential_is_a_fault(key: str, tmp_path: Path) -> None:
    state = f"state: {{type: http, config: {{address: 'https://state.acme.com/{{stack}}', {key}: hunter22}}}}"
    said = message(write(tmp_path, GOOD.replace("account:\n", f"{state}\naccount:\n")))
    assert f"state.config.{key}" in said
    assert "hunter22" not in said


@pytest.mark.parametrize("key", ["shared_credentials_files", "kms_encryption_key", "skip_credentials_validation"])
def test_a_backend_s_other_arguments_are_passed_on(key: str, tmp_path: Path) -> None:
    state = f"state: {{type: http, config: {{address: 'https://state.acme.com/{{stack}}', {key}: x}}}}"
    assert load(folder=write(tmp_path, GOOD.replace("account:\n", f"{state}\naccount:\n")), environ={}).state.config[
        key
    ]


@pytest.mark.parametrize("expression", ['${file(\\"/etc/passwd\\")}', "%{if true}x%{endif}"])
@pytest.mark.parametrize(
    "place",
    [
        "principal: {}",
        "token_users_group: {}",
        "input_tables: [{}]",
        "catalogs: {{ {}: {{}} }}",
        "branch: {}",
        "targets: [{}]",
    ],
)
def test_a_terraform_expression_is_a_fault_wherever_it_stands(place: str, expression: str, tmp_path: Path) -> None:
    line = "    " + place.format(f'"{expression}"')
    said = message(write(tmp_path, GOOD.replace("    branch: release", line)))
    assert "Terraform would evaluate it, with your files and credentials at hand" in said
