"""Every row of the tables of limits: at the bound the sandbox takes the value, beyond it refuses as the row says."""

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from databricks.sdk.errors import BadRequest, InvalidParameterValue, NotFound
from databricks.sdk.errors.base import DatabricksError
from databricks.sdk.service import catalog, iam, jobs, workspace
from github import GithubException

from packages.sandbox.tests import limit_probes
from packages.sandbox.tests.databricks_sandbox import STAGING, DatabricksSandbox, open_sandbox
from packages.sandbox.tests.github_fixtures import ADMIN, HOST, GitHubSandbox
from packages.sandbox.tests.github_fixtures import open_sandbox as open_github
from packages.sandbox.tests.limit_probes import JOB, TASK
from sandbox.conformance.placing import Sent
from sandbox.conformance.probes import Probe, Scratch
from sandbox.conformance.trials import Trial, row_trials
from sandbox.databricks.routes import ROUTES as DATABRICKS_ROUTES
from sandbox.databricks.world.identity import credentials
from sandbox.databricks.world.workspace import workspace_tree
from sandbox.dispatch import Dispatcher, Request
from sandbox.github.routes import ROUTES as GITHUB_ROUTES
from sandbox.limits import Limit, limits_of
from sandbox.quartz import is_quartz

SCRATCH = Scratch("staging", "scratch", "/Shared")
TEN_MB = 10_485_760


@pytest.fixture(scope="module")
def databricks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatabricksSandbox]:
    with pytest.MonkeyPatch.context() as patch, open_sandbox(tmp_path_factory.mktemp("limits"), patch) as opened:
        client = opened.workspace()
        client.schemas.create(name=SCRATCH.name, catalog_name=SCRATCH.catalog)
        client.workspace.mkdirs(SCRATCH.folder)
        assert opened.make_principal("member").id == limit_probes.MEMBER
        yield opened


@pytest.fixture(scope="module")
def token(databricks: DatabricksSandbox) -> str:
    return str(databricks.workspace().tokens.create().token_value)


def handler_of(routes: Any, sent: Sent) -> Any:
    return next(one.handler for one in routes if (one.method, one.path) == (sent.method, sent.path))


def rows(routes: Any, probes: tuple[Probe, ...]) -> list[Any]:
    """Each row once, with the first of the operations that have it."""
    first: dict[int, Any] = {}
    for probe in probes:
        for row in limits_of(handler_of(routes, probe.sends(SCRATCH))):
            title = f"{probe.name}: {row.field or 'body'} {row.bound.describe()}"
            first.setdefault(id(row), pytest.param(probe, row, id=title[:90]))
    return list(first.values())


def ask(dispatcher: Dispatcher, host: str, token: str, sent: Sent) -> tuple[int, dict[str, Any]]:
    address = sent.path.format(**{name: quote(value, safe="") for name, value in sent.params.items()})
    headers = {"content-type": "application/json", "authorization": f"Bearer {token}"}
    body = b"" if sent.body is None else json.dumps(sent.body).encode()
    reply = dispatcher.dispatch(Request(sent.method, host, address, urlencode(sent.query), headers, body))
    return reply.status, json.loads(reply.body or b"{}")


def check(trial: Trial, status: int, answer: dict[str, Any]) -> None:
    if not trial.expected.status:
        assert status < 400, f"{trial.title}: {status} {answer}"
        return
    assert status == trial.expected.status, f"{trial.title}: {status} {answer}"
    assert answer.get("error_code", "") == trial.expected.code
    assert answer.get("message") or answer.get("detail")


@pytest.mark.parametrize(("probe", "row"), rows(DATABRICKS_ROUTES, limit_probes.DATABRICKS))
def test_databricks_takes_what_is_at_a_bound_and_refuses_what_is_beyond(
    databricks: DatabricksSandbox, token: str, probe: Probe, row: Limit
) -> None:
    if not databricks.store.get("databricks.job", f"{STAGING.id}/{JOB}"):
        databricks.workspace().jobs.create(tasks=[jobs.Task.from_dict(TASK)])
    sent = probe.sends(SCRATCH)
    for trial in row_trials(probe, sent, row, SCRATCH.name):
        before = databricks.store.dump()
        status, answer = ask(databricks.dispatcher, STAGING.host, token, trial.sent)
        check(trial, status, answer)
        if trial.expected.status:
            assert databricks.store.dump() == before
        elif (drop := probe.drops(SCRATCH, trial.sent, answer)) is not None:
            assert ask(databricks.dispatcher, STAGING.host, token, drop)[0] < 400


@pytest.fixture(scope="module")
def github(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitHubSandbox]:
    opened = open_github(tmp_path_factory.mktemp("github"))
    repository = opened.repo()
    repository.create_git_ref("refs/heads/topic", repository.get_branch("main").commit.sha)
    repository.create_file("topic.txt", "A change", "x", branch="topic")
    yield opened
    opened.store.close()


@pytest.mark.parametrize(("probe", "row"), rows(GITHUB_ROUTES, limit_probes.GITHUB))
def test_github_takes_what_is_at_a_bound_and_refuses_what_is_beyond(
    github: GitHubSandbox, probe: Probe, row: Limit
) -> None:
    for trial in row_trials(probe, probe.sends(SCRATCH), row, "name"):
        status, answer = ask(github.dispatcher, HOST, ADMIN, trial.sent)
        check(trial, status, answer)
        if trial.expected.status:
            (error,) = answer["errors"]
            assert set(error) == {"resource", "code", "field", "message"}


def test_every_row_is_tried() -> None:
    probes = (*limit_probes.DATABRICKS, *limit_probes.ACCOUNT, *limit_probes.GITHUB)
    routes = (*DATABRICKS_ROUTES, *GITHUB_ROUTES)
    tried = {id(row) for probe in probes for row in limits_of(handler_of(routes, probe.sends(SCRATCH)))}
    missing = {
        f"{route.method} {route.path} {row.field}"
        for route in routes
        for row in limits_of(route.handler)
        if id(row) not in tried
    }
    assert not missing, "each needs a probe in limit_probes.py"


@pytest.mark.parametrize("size", [TEN_MB, TEN_MB + 1])
@pytest.mark.parametrize(
    "form", [workspace.ImportFormat.RAW, workspace.ImportFormat.AUTO, workspace.ImportFormat.SOURCE]
)
def test_import_takes_ten_megabytes_and_not_a_byte_more(
    databricks: DatabricksSandbox, form: workspace.ImportFormat, size: int
) -> None:
    client, path = databricks.workspace(), f"{SCRATCH.folder}/{form.value}.bin"
    content = base64.b64encode(b"x" * size).decode()
    language = workspace.Language.PYTHON if form is workspace.ImportFormat.SOURCE else None
    if size == TEN_MB:
        client.workspace.import_(path, content=content, format=form, language=language, overwrite=True)
        client.workspace.delete(path)
        return
    said = rf"File size imported is \({size} bytes\), exceeded max size \({TEN_MB} bytes\)"
    with pytest.raises(BadRequest, match=said) as refused:
        client.workspace.import_(path, content=content, format=form, language=language)
    notebook = form is workspace.ImportFormat.SOURCE
    assert refused.value.error_code == ("MAX_NOTEBOOK_SIZE_EXCEEDED" if notebook else "BAD_REQUEST")
    with pytest.raises(NotFound):
        client.workspace.get_status(path)


def test_the_cli_uploads_longer_files_which_import_and_export_do_not_take(
    databricks: DatabricksSandbox, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workspace_tree, "MOST_FILE_BYTES", TEN_MB + 5)
    send = upload(databricks, token)
    assert send("long.bin", b"x" * (TEN_MB + 5)) == 200
    assert send("longer.bin", b"x" * (TEN_MB + 6)) == 400
    assert send("notebook.py", b"# Databricks notebook source\n" + b"#" * TEN_MB) == 400
    with pytest.raises(BadRequest, match="exceeded max size"):
        databricks.workspace().workspace.export(f"{SCRATCH.folder}/long.bin")


def upload(databricks: DatabricksSandbox, token: str) -> Callable[[str, bytes], int]:
    """Write a file as the CLI does; the status of the answer."""

    def send(name: str, content: bytes) -> int:
        path = f"/api/2.0/workspace-files/import-file{SCRATCH.folder}/{name}"
        headers = {"authorization": f"Bearer {token}"}
        request = Request("POST", STAGING.host, path, "overwrite=true", headers, content)
        return databricks.dispatcher.dispatch(request).status

    return send


def test_a_list_names_a_principal_once(databricks: DatabricksSandbox) -> None:
    principal, _ = databricks.make_member("twice")
    client, name = databricks.workspace(), principal.application_id
    job = client.jobs.create(tasks=[jobs.Task.from_dict(TASK)])
    entries = [
        iam.AccessControlRequest(user_name=name, permission_level=iam.PermissionLevel.CAN_VIEW),
        iam.AccessControlRequest(service_principal_name=name, permission_level=iam.PermissionLevel.CAN_MANAGE),
    ]
    for lists in (client.permissions.set, client.permissions.update):
        with pytest.raises(InvalidParameterValue, match=f"Duplicate principal in access_control_list: {name}"):
            lists("jobs", str(job.job_id), access_control_list=entries)
    lists("jobs", str(job.job_id), access_control_list=entries[:1])
    tokens = [replace(entries[1], permission_level=iam.PermissionLevel.CAN_USE)] * 2
    with pytest.raises(InvalidParameterValue, match="Duplicate principal"):
        client.permissions.update("authorization", "tokens", access_control_list=tokens)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"tasks": [TASK, TASK]}, "Duplicate task_key: nothing"),
        ({"tasks": [{**TASK, "depends_on": [{"task_key": "nothing"}]}]}, "in a circle: nothing -> nothing"),
        ({"schedule": {"quartz_cron_expression": "0 11 * * *", "timezone_id": "UTC"}}, "Invalid cron expression"),
        ({"name": "ü" * 2049}, "at most 4096 bytes"),
    ],
    ids=["twice", "circle", "cron", "bytes"],
)
def test_the_sdk_sees_a_typed_error(databricks: DatabricksSandbox, settings: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidParameterValue, match=said):
        databricks.workspace().api_client.do("POST", "/api/2.2/jobs/create", body=settings)


def test_a_managed_volume_has_no_place_of_its_own(databricks: DatabricksSandbox) -> None:
    with pytest.raises(InvalidParameterValue, match="storage_location can not be provided"):
        databricks.workspace().volumes.create(
            "staging", "scratch", "v", catalog.VolumeType.MANAGED, storage_location="s3://b/c"
        )


def test_tokens_and_secrets_are_counted(databricks: DatabricksSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    principal, client = databricks.make_member("counted")
    monkeypatch.setattr(credentials, "MOST_TOKENS", 2)
    client.tokens.create()
    with pytest.raises(DatabricksError, match="quota of 2 tokens") as refused:
        client.tokens.create()
    assert refused.value.error_code == "QUOTA_EXCEEDED"
    secrets = databricks.account().service_principal_secrets
    for _ in range(credentials.MOST_SECRETS):
        secrets.create(principal.id)
    with pytest.raises(DatabricksError, match="at most 5 OAuth secrets"):
        secrets.create(principal.id)


def test_github_counts_secrets_and_variables_and_their_size(
    github: GitHubSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = github.repo()
    repository.create_secret("LONG", "x" * 49_152)
    with pytest.raises(GithubException, match="too large"):
        repository.create_secret("LONGER", "x" * 49_153)
    monkeypatch.setattr("sandbox.github.world.actions.secrets.MOST", 1)
    with pytest.raises(GithubException, match="At most 1 secrets"):
        repository.create_secret("SECOND", "x")
    repository.create_secret("LONG", "x")
    monkeypatch.setattr("sandbox.github.world.actions.variables.MOST_OF_REPOSITORY", 1)
    github.send("DELETE", "/repos/acme/taxi/actions/variables/V")
    repository.create_variable("FIRST", "x")
    with pytest.raises(GithubException, match="The most variables"):
        repository.create_variable("SECOND", "x")


@pytest.mark.parametrize(
    "expression",
    [
        "0 0 11 * * ?",
        "0 0/5 * ? * MON-FRI",
        "0 0 0 L * ? 2030",
        "0 0 0 ? * 6#3",
        "20 30 * * * ?",
        "0 0 12 15W * ?",
        "0 0 0 1,15 JAN-MAR ?",
    ],
)
def test_quartz_takes(expression: str) -> None:
    assert is_quartz(expression)


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "0 11 * * *",
        "0 0 11 * * *",
        "0 0 11 ? * ?",
        "60 0 0 * * ?",
        "0 0 24 * * ?",
        "0 0 0 32 * ?",
        "0 0 0 * 13 ?",
        "0 0 0 ? * 8",
        "0 0/0 * * * ?",
        "0 0 0 * * ? 1969",
    ],
)
def test_quartz_does_not_take(expression: str) -> None:
    assert not is_quartz(expression)
