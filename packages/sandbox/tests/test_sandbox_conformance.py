"""`python -m sandbox conformance`: finds what differs, stays inside its scratch and leaves nothing."""

import json
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from packages.sandbox.tests.databricks_sandbox import STAGING, DatabricksSandbox, open_sandbox
from packages.sandbox.tests.sandbox_processes import sandbox_in
from sandbox.cli import main
from sandbox.conformance import run as runs
from sandbox.conformance.client import Got, RealWorkspace
from sandbox.conformance.fence import Fenced
from sandbox.conformance.placing import Sent
from sandbox.conformance.probes import Scratch
from sandbox.databricks.routes import ROUTES
from sandbox.errors import SandboxError
from sandbox.limits import Length, Limit, limits_of

HOST = f"https://{STAGING.host}"


@pytest.fixture
def databricks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DatabricksSandbox]:
    with open_sandbox(tmp_path, monkeypatch) as opened:
        token = opened.workspace().tokens.create().token_value
        (tmp_path / "none.cfg").write_text(f"[real]\nhost = {HOST}\ntoken = {token}\n", encoding="utf-8")
        yield opened


@pytest.fixture
def workspace(databricks: DatabricksSandbox) -> RealWorkspace:
    return RealWorkspace(host=HOST, profile="real")


def loosened(monkeypatch: pytest.MonkeyPatch, field: str) -> None:
    """Let the sandbox stop minding one row, as a service would that has no such bound; the table still has it."""
    create = next(one.handler for one in ROUTES if (one.method, one.path) == ("POST", "/api/2.2/jobs/create"))
    row = next(one for one in limits_of(create) if one.field == field and isinstance(one.bound, Length))
    check = Limit.check
    monkeypatch.setattr(Limit, "check", lambda self, call: None if self is row else check(self, call))


def test_the_sandbox_conforms_to_itself_and_nothing_is_left(
    databricks: DatabricksSandbox, workspace: RealWorkspace
) -> None:
    before, said = databricks.store.dump(), list[str]()
    outcome = runs.run(workspace, runs.plan(workspace, "staging"), said.append)
    assert (outcome.differences, outcome.left, said) == ((), (), [])
    assert outcome.tried > 100
    assert databricks.store.dump() == before


def test_a_bound_that_the_service_does_not_have_is_a_difference(
    databricks: DatabricksSandbox, workspace: RealWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    loosened(monkeypatch, "description")
    before, said = databricks.store.dump(), list[str]()
    outcome = runs.run(workspace, runs.plan(workspace, "staging"), said.append)
    assert said == [
        "DIFFERS job: description at most 27700 characters, beyond it: "
        "sandbox 400 INVALID_PARAMETER_VALUE, here accepted"
    ]
    assert len(outcome.differences) == 1
    assert databricks.store.dump() == before


def test_another_error_code_is_a_difference(workspace: RealWorkspace, monkeypatch: pytest.MonkeyPatch) -> None:
    ask = RealWorkspace.ask

    def renamed(self: RealWorkspace, sent: Sent) -> Got:
        got = ask(self, sent)
        return Got(400, "ALREADY_EXISTS", got.body) if got.code == "SCHEMA_ALREADY_EXISTS" else got

    monkeypatch.setattr(RealWorkspace, "ask", renamed)
    outcome = runs.run(workspace, runs.plan(workspace, "staging"), lambda _: None)
    assert [one.trial.title for one in outcome.differences] == ["a schema that exists"]


@pytest.mark.parametrize("after", [1, 2, 9, 40])
def test_what_was_made_is_removed_when_it_is_stopped(
    databricks: DatabricksSandbox, workspace: RealWorkspace, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    before, asked, ask = databricks.store.dump(), list[Sent](), RealWorkspace.ask

    def stopped(self: RealWorkspace, sent: Sent) -> Got:
        asked.append(sent)
        if len(asked) == after:
            os.kill(os.getpid(), signal.SIGINT)
        return ask(self, sent)

    scratch = runs.plan(workspace, "staging")
    monkeypatch.setattr(RealWorkspace, "ask", stopped)
    with pytest.raises(KeyboardInterrupt):
        runs.run(workspace, scratch, lambda _: None)
    assert databricks.store.dump() == before


def test_what_cannot_be_removed_is_said(workspace: RealWorkspace, monkeypatch: pytest.MonkeyPatch) -> None:
    ask = RealWorkspace.ask

    def stubborn(self: RealWorkspace, sent: Sent) -> Got:
        refuses = sent.method == "DELETE" and "/schemas/" in sent.path and sent.query.get("force")
        return Got(403, "PERMISSION_DENIED", {}) if refuses else ask(self, sent)

    monkeypatch.setattr(RealWorkspace, "ask", stubborn)
    said: list[str] = []
    scratch = runs.plan(workspace, "staging")
    outcome = runs.run(workspace, scratch, said.append)
    assert outcome.left == (f"schema staging.{scratch.name}: 403 PERMISSION_DENIED",)
    assert said == [f"LEFT {outcome.left[0]}"]


@pytest.mark.parametrize(
    "sent",
    [
        Sent("DELETE", "/api/2.1/unity-catalog/schemas/{full_name}", {"full_name": "staging.taxi_fare"}),
        Sent("POST", "/api/2.2/jobs/delete", body={"job_id": 1}),
        Sent("POST", "/api/2.0/workspace/delete", body={"path": "/Shared", "recursive": True}),
    ],
    ids=["schema", "job", "folder"],
)
def test_nothing_outside_of_the_scratch_is_touched(workspace: RealWorkspace, sent: Sent) -> None:
    fenced = Fenced(workspace, Scratch("staging", "sandbox_conformance_1", "/Users/me"))
    with pytest.raises(SandboxError, match="it was not sent"):
        fenced.ask(sent)


def test_it_says_what_it_will_do_and_asks(databricks: DatabricksSandbox) -> None:
    before = databricks.store.dump()
    command = ["conformance", "--host", HOST, "--profile", "real", "--catalog", "staging"]
    done = CliRunner().invoke(main, command, input="n\n")
    assert done.exit_code == 1
    assert "makes the schema staging.sandbox_conformance_" in done.output
    assert "starts nothing, changes nothing that exists" in done.output
    assert databricks.store.dump() == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--profile", "nobody", "--catalog", "staging"], "the profile nobody does not log in"),
        (["--profile", "real", "--catalog", "nowhere", "--yes"], "cannot be made: 404 CATALOG_DOES_NOT_EXIST"),
    ],
    ids=["profile", "catalog"],
)
def test_what_is_wrong_is_said(databricks: DatabricksSandbox, arguments: list[str], said: str) -> None:
    before = databricks.store.dump()
    done = CliRunner().invoke(main, ["conformance", "--host", HOST, *arguments])
    assert done.exit_code == 1
    assert said in done.output
    assert databricks.store.dump() == before


def test_over_http_the_sandbox_passes_for_the_service(tmp_path: Path) -> None:
    configuration, host = tmp_path / "real.cfg", "https://acme-staging.cloud.databricks.com"
    text = (
        "import os, subprocess, sys\n"
        "from databricks.sdk import WorkspaceClient\n"
        f"client = WorkspaceClient(host={host!r})\n"
        f"config = {str(configuration)!r}\n"
        "token = client.tokens.create(lifetime_seconds=600).token_value\n"
        f"open(config, 'w').write('[real]\\nhost = {host}\\ntoken = ' + token + '\\n')\n"
        "environ = {k: v for k, v in os.environ.items() if not k.startswith('DATABRICKS_')}\n"
        "environ['DATABRICKS_CONFIG_FILE'] = config\n"
        "command = [sys.executable, '-m', 'sandbox', 'conformance', '--yes', '--profile', 'real']\n"
        f"sys.exit(subprocess.run([*command, '--catalog', 'staging', '--host', {host!r}], env=environ).returncode)\n"
    )
    with sandbox_in(tmp_path) as sandbox:
        done = sandbox.run(sys.executable, "-c", text)
        assert ", 0 answered differently" in done.stdout
        assert "sandbox_conformance" not in json.dumps(sandbox("dump").stdout)
