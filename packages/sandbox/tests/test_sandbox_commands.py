"""The smaller commands: state, clock, log, secrets."""

import base64
import json
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from nacl.public import PublicKey, SealedBox

from packages.sandbox.tests.sandbox_processes import ACCOUNT, Sandbox, eventually, line_of, sandbox_in
from sandbox.description import workspace_id
from sandbox.errors import SandboxError

ASK = 'curl -s https://api.github.com/user -H "Authorization: Bearer $GITHUB_TOKEN"'


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    with sandbox_in(tmp_path) as sandbox:
        yield sandbox


def sentence(sandbox: Sandbox, *arguments: str, **environ: str) -> str:
    """What a command that cannot go on says."""
    done = sandbox(*arguments, code=1, **environ)
    assert "Traceback" not in done.stderr
    return done.stderr


def set_secret(sandbox: Sandbox, name: str, value: str, *, scope: str = "actions") -> None:
    url = f"https://api.github.com/repos/acme-ml/taxi-fare/{scope}/secrets"
    headers = '-H "Authorization: Bearer $GITHUB_TOKEN"'
    key = json.loads(sandbox.shell(f"curl -s {url}/public-key {headers}"))
    box = SealedBox(PublicKey(base64.b64decode(key["key"]))).encrypt(value.encode())
    body = json.dumps({"encrypted_value": base64.b64encode(box).decode(), "key_id": key["key_id"]})
    assert sandbox.shell(f"curl -s -X PUT {url}/{name} {headers} -d '{body}' -w '%{{http_code}}'").endswith("201")


def test_day_one_is_made_from_mlops_yaml(sandbox: Sandbox) -> None:
    sandbox("seed")
    text = sandbox("status").stdout
    assert "https://acme-staging.cloud.databricks.com" in text
    assert "https://acme-prod.cloud.databricks.com" in text
    assert "acme-ml/taxi-fare" in text
    assert "requests   0" in text


def test_seeding_twice_changes_nothing(sandbox: Sandbox) -> None:
    sandbox("seed")
    before = sandbox("dump").stdout
    sandbox("seed")
    assert sandbox("dump").stdout == before


def test_the_ids_of_workspaces_are_the_same_on_every_machine() -> None:
    assert workspace_id("acme-staging.cloud.databricks.com") == 7337120352191703
    assert 10**15 <= workspace_id("x") < 2**53


def test_state_of_another_mlops_yaml_is_told_apart(sandbox: Sandbox) -> None:
    sandbox("seed")
    sandbox.configure(prod="other")
    for command in (("run", "true"), ("up",), ("seed",)):
        assert sentence(sandbox, *command) == (
            f"sandbox: The state in {sandbox.root} belongs to another mlops.yaml "
            "(it has acme-prod.cloud.databricks.com): run `python -m sandbox reset` to begin anew.\n"
        )
    sandbox.configure(account="00000000-8f0e-4b0d-9a46-2d8f4f0b7c11")
    assert "its account is 3f6c1c52" in sentence(sandbox, "run", "true")
    sandbox("reset")
    sandbox.run("true")


def test_state_of_another_version_is_one_sentence(sandbox: Sandbox) -> None:
    sandbox("seed")
    with closing(sqlite3.connect(sandbox.folder.state)) as state:
        state.execute("PRAGMA user_version = 999")
    for command in (["run", "true"], ["status"]):
        assert "was made by another version: run `python -m sandbox reset`" in sentence(sandbox, *command)
    sandbox("reset")
    sandbox.run("true")


def test_faults_of_mlops_yaml_are_shown_as_they_are(sandbox: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "mlops.yaml").write_text("project: Taxi\n", encoding="utf-8")
    text = sentence(sandbox, "run", "true")
    assert "mlops.yaml:1" in text
    assert "account" in text


def test_local_state_in_ci_is_no_fault_inside_the_sandbox(sandbox: Sandbox) -> None:
    assert sandbox.run("sh", "-c", "echo $CI", CI="true").stdout == "true\n"


def test_reset_forgets_state_clock_terraform_state_output_and_home(sandbox: Sandbox) -> None:
    sandbox.run("true")
    set_secret(sandbox, "A_SECRET", "x")
    sandbox("clock", "+1d")
    folder = sandbox.folder
    for left in (folder.terraform_state / "prod.tfstate", folder.output / "stacks" / "x", folder.home / ".netrc"):
        left.parent.mkdir(parents=True, exist_ok=True)
        left.write_text("{}", encoding="utf-8")
    assert "A_SECRET" in sandbox("dump").stdout
    sandbox("reset")
    assert "A_SECRET" not in sandbox("dump").stdout
    assert not (sandbox.folder.terraform_state / "prod.tfstate").exists()
    assert not sandbox.folder.output.exists()
    assert not (sandbox.folder.home / ".netrc").exists()
    assert "requests   0" in sandbox("status").stdout
    assert datetime.fromisoformat(sandbox("clock").stdout.strip()) < datetime.now(UTC) + timedelta(minutes=1)


def test_reset_keeps_a_server_that_stays_and_refuses_while_a_command_runs(sandbox: Sandbox) -> None:
    sandbox("up")
    sandbox("reset")
    assert sandbox.ask("status")["stays"] is True
    text = sandbox.run("sh", "-c", '"$SANDBOX_PYTHON" -m sandbox reset', code=1).stderr
    assert text.endswith(f"sandbox: 1 command is running in {sandbox.root}: wait for it to finish.\n")


def test_commands_without_a_state_say_how_to_get_one(sandbox: Sandbox) -> None:
    for command in (["status"], ["log"], ["dump"], ["secret", "X"]):
        assert sentence(sandbox, *command) == (
            f"sandbox: There is no sandbox in {sandbox.root} yet: `python -m sandbox seed` makes one.\n"
        )


def test_the_clock_moves_while_the_server_runs_and_stays_moved(sandbox: Sandbox) -> None:
    def now() -> datetime:
        return datetime.fromisoformat(sandbox("clock").stdout.strip())

    sandbox("up")
    sandbox("clock", "+30d")
    sandbox("clock", "-1h")
    moved = datetime.now(UTC) + timedelta(days=30, hours=-1)
    assert abs(now() - moved) < timedelta(minutes=1)
    answer = sandbox.shell("curl -s -o /dev/null -D - https://api.github.com/user; echo now $MLOPS_NOW")
    assert f"now {moved:%Y-%m-%d}" in answer
    sandbox("down")
    assert abs(now() - moved) < timedelta(minutes=1)
    sandbox.shell(ASK)
    assert f"{now():%Y-%m-%d}" == f"{moved:%Y-%m-%d}"
    sandbox("clock", "reset")
    assert abs(now() - datetime.now(UTC)) < timedelta(minutes=1)


def test_access_tokens_expire_when_the_clock_is_moved(sandbox: Sandbox) -> None:
    sandbox("up")
    host = "https://acme-staging.cloud.databricks.com"
    answer = sandbox.shell(
        "curl -s -u $DATABRICKS_CLIENT_ID:$DATABRICKS_CLIENT_SECRET -d grant_type=client_credentials -d scope=all-apis"
        f" {host}/oidc/v1/token"
    )
    token = json.loads(answer)["access_token"]
    url = f"{host}/api/2.0/preview/scim/v2/Me"
    ask = f"curl -s -o /dev/null -w '%{{http_code}}' {url} -H 'Authorization: Bearer {token}'"
    assert sandbox.shell(ask) == "200"
    sandbox("clock", "+2h")
    assert sandbox.shell(ask) == "401"


@pytest.mark.parametrize("change", ["tomorrow", "+30", "+1y", "30 d"])
def test_a_change_of_the_clock_that_is_none_is_one_sentence(sandbox: Sandbox, change: str) -> None:
    assert "is not a change of the clock: write +30d, -12h or reset" in sentence(sandbox, "clock", change)


def test_log_shows_the_last_requests_and_who_sent_them(sandbox: Sandbox) -> None:
    sandbox.shell(f"{ASK}; {ASK}; curl -s https://api.github.com/user")
    lines = sandbox("log", "-n", "2").stdout.splitlines()
    assert len(lines) == 2
    assert "https://api.github.com/user  [platform-admin]" in lines[0]
    assert " 401 " in lines[1]
    assert sandbox("log", "-n", "0").stdout == ""
    entry = json.loads(sandbox("log", "-n", "1", "--json").stdout)
    assert (entry["n"], entry["method"], entry["path"], entry["status"]) == (3, "GET", "/user", 401)


def test_log_follows_what_comes(sandbox: Sandbox) -> None:
    sandbox("up")
    sandbox.shell(ASK)
    command = [sys.executable, "-m", "sandbox", "log", "--follow", "-n", "1"]
    process = subprocess.Popen(command, env=sandbox.variables, stdout=subprocess.PIPE, text=True)
    with process:
        try:
            assert "[platform-admin]" in line_of(process)
            # It follows from here on.
            sandbox.shell(ASK)
            assert "[platform-admin]" in line_of(process)
            process.send_signal(signal.SIGINT)
            assert process.wait(10) == 0
        finally:
            process.kill()


def test_an_actions_secret_is_opened_as_a_job_would(sandbox: Sandbox) -> None:
    sandbox("up")
    set_secret(sandbox, "STAGING_WORKSPACE_TOKEN", "dapi-1")
    assert sandbox("secret", "STAGING_WORKSPACE_TOKEN").stdout == "dapi-1\n"
    assert "dapi-1" not in sandbox("dump").stdout
    text = sentence(sandbox, "secret", "OTHER")
    assert "there is no secret OTHER; there is STAGING_WORKSPACE_TOKEN" in text
    assert "no environment prod" in sentence(sandbox, "secret", "OTHER", "--environment", "prod")


def test_an_environments_secret_is_opened_on_the_branches_that_it_admits(sandbox: Sandbox) -> None:
    sandbox("up")
    url = "https://api.github.com/repos/acme-ml/taxi-fare/environments/prod"
    ask = 'curl -s -f -o /dev/null -H "Authorization: Bearer $GITHUB_TOKEN"'
    policy = json.dumps({"deployment_branch_policy": {"protected_branches": False, "custom_branch_policies": True}})
    sandbox.shell(f"{ask} -X PUT {url} -d '{policy}'")
    sandbox.shell(f'{ask} -X POST {url}/deployment-branch-policies -d \'{{"name": "release"}}\'')
    set_secret(sandbox, "TOKEN", "dapi-1", scope="environments/prod")
    prod, release = ("--environment", "prod"), ("--branch", "release")
    assert sandbox("secret", "TOKEN", *prod, *release).stdout == "dapi-1\n"
    inside = sandbox("run", "--as-secret", "TOKEN", *prod, *release, "--", "sh", "-c", "echo $DATABRICKS_TOKEN")
    assert inside.stdout == "dapi-1\n"
    for command in (("secret", "TOKEN", *prod), ("run", "--as-secret", "TOKEN", *prod, "--", "true")):
        assert sentence(sandbox, *command) == (
            "sandbox: The secret cannot be opened: environment prod admits jobs on release only; "
            "name the job's branch with --branch.\n"
        )
    assert "branch main is not allowed to deploy to prod" in sentence(
        sandbox, "secret", "TOKEN", *prod, "--branch", "main"
    )
    assert sentence(sandbox, "secret", "TOKEN", *release) == "sandbox: --branch needs --environment.\n"


def test_a_command_run_as_a_secret_has_nothing_but_that_token(sandbox: Sandbox) -> None:
    sandbox("up")
    set_secret(sandbox, "STAGING_WORKSPACE_TOKEN", "dapi-1")
    done = sandbox("run", "--as-secret", "STAGING_WORKSPACE_TOKEN", "--", "env")
    inside = dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)
    assert inside["DATABRICKS_TOKEN"] == "dapi-1"
    assert inside["DATABRICKS_AUTH_TYPE"] == "pat"
    assert not {"DATABRICKS_CLIENT_ID", "DATABRICKS_CLIENT_SECRET", "GITHUB_TOKEN"} & set(inside)
    assert "there is no secret OTHER" in sentence(sandbox, "run", "--as-secret", "OTHER", "--", "true")


def test_a_person_without_targets_of_their_own_is_told_what_is_missing(sandbox: Sandbox) -> None:
    told = sentence(sandbox, "run", "--as-user", "jane.doe@example.com", "--", "true")
    assert told == (
        "sandbox: jane.doe@example.com needs targets of databricks.yml that belong to no environment, all in one "
        "workspace of mlops.yaml; found in: none.\n"
    )
    both = sentence(sandbox, "run", "--as-user", "jane.doe@example.com", "--as-secret", "X", "--", "true")
    assert both == "sandbox: --as-secret and --as-user exclude each other: leave one out.\n"
    assert "a user name such as" in sentence(sandbox, "run", "--as-user", "jane", "--", "true")


def test_a_command_run_as_the_owner_administers_account_and_organisation_and_is_in_no_workspace(
    sandbox: Sandbox,
) -> None:
    account = f"https://accounts.cloud.databricks.com/%s/accounts/{ACCOUNT}"
    said = sandbox("run", "--as-owner", "--", "sh", "-c", f"""
        log_in="curl -s -u $DATABRICKS_CLIENT_ID:$DATABRICKS_CLIENT_SECRET -d grant_type=client_credentials"
        token=$($log_in {account % "oidc"}/v1/token | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')
        for url in {account % "api/2.0"}/metastores https://acme-staging.cloud.databricks.com/api/2.0/preview/scim/v2/Me
        do curl -s -o /dev/null -w '%{{http_code}}\\n' -H "Authorization: Bearer $token" $url; done
        curl -s -H "Authorization: Bearer $GITHUB_TOKEN" https://api.github.com/user/memberships/orgs/acme-ml
    """).stdout.split("\n", 2)  # fmt: skip
    assert said[:2] == ["200", "403"]
    membership = json.loads(said[2])
    assert (membership["user"]["login"], membership["role"]) == ("account-owner", "admin")
    assert sentence(sandbox, "run", "--as-owner", "--as-secret", "X", "--", "true") == (
        "sandbox: --as-owner excludes --as-secret and --as-user: leave it out.\n"
    )


def test_an_empty_sandbox_stays_empty_until_reset(sandbox: Sandbox) -> None:
    assert sandbox("seed", "--empty").stdout == f"The sandbox is seeded, and empty: {sandbox.root}\n"
    before = sandbox("dump").stdout
    sandbox("seed")
    sandbox("seed", "--empty")
    assert '"login":"platform-admin"' in sandbox.shell(ASK)
    assert sandbox("dump").stdout == before
    assert "there is no repository acme-ml/taxi-fare" in sentence(sandbox, "secret", "X")
    sandbox("reset")
    assert sentence(sandbox, "seed", "--empty") == (
        f"sandbox: The sandbox in {sandbox.root} began with day one, not empty: "
        "run `python -m sandbox reset --empty` to begin anew.\n"
    )
    sandbox("reset", "--empty")
    kinds = [json.loads(text).keys() for text in (before, sandbox("dump").stdout)]
    assert kinds[0] == kinds[1]


def test_a_secret_that_cannot_be_opened_leaves_no_server_behind(sandbox: Sandbox) -> None:
    sentence(sandbox, "run", "--as-secret", "OTHER", "--", "true")
    eventually(lambda: not sandbox.is_up())


def test_the_foreground_server_ends_with_its_signal(sandbox: Sandbox) -> None:
    command = [sys.executable, "-m", "sandbox", "up", "--foreground"]
    process = subprocess.Popen(command, env=sandbox.variables, stdout=subprocess.PIPE, text=True)
    with process:
        assert line_of(process).startswith("The sandbox is up:")
        assert "already" in sentence(sandbox, "up", "--foreground")
        assert "platform-admin" in sandbox.shell(ASK)
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
    assert not sandbox.is_up()


def test_the_state_can_be_saved_and_restored_while_the_server_runs(sandbox: Sandbox) -> None:
    sandbox("up")
    before, token = sandbox("dump").stdout, sandbox.shell("echo $GITHUB_TOKEN")
    with pytest.raises(SandboxError, match="nothing was saved"):
        sandbox.ask("restore")
    sandbox.ask("save")
    set_secret(sandbox, "A_SECRET", "x")
    assert sandbox("dump").stdout != before
    sandbox.ask("restore")
    assert sandbox("dump").stdout == before
    assert sandbox.shell("echo $GITHUB_TOKEN") == token
    assert "platform-admin" in sandbox.shell(ASK)


def test_other_ways_to_log_in_are_warned_of(sandbox: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "mlops.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "    auth_type: pat\n", encoding="utf-8")
    assert sandbox.run("true").stderr.splitlines()[1] == (
        "sandbox: mlops.yaml logs in to https://acme-prod.cloud.databricks.com by pat; "
        "the sandbox has credentials for oauth-m2m only"
    )


def test_a_login_that_would_read_real_tokens_is_refused(sandbox: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "mlops.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "    auth_type: databricks-cli\n", encoding="utf-8")
    assert sentence(sandbox, "run", "echo", "ran") == (
        "sandbox: mlops.yaml logs in to https://acme-prod.cloud.databricks.com by databricks-cli, which reads the real "
        "tokens in ~/.databricks: set auth_type to oauth-m2m to run anything in the sandbox.\n"
    )
