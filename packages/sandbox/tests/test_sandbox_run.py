"""`run` joins a server or starts one; CMD's end and its signals are its own."""

import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from packages.sandbox.tests.sandbox_processes import Sandbox, eventually, line_of, sandbox_in

USER = 'curl -s https://api.github.com/user -H "Authorization: Bearer $GITHUB_TOKEN"'


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    with sandbox_in(tmp_path) as sandbox:
        yield sandbox


def test_a_command_reaches_github_as_the_administrator(sandbox: Sandbox) -> None:
    assert '"login":"platform-admin"' in sandbox.shell(USER)


def test_a_server_that_run_started_stops_after_the_command(sandbox: Sandbox) -> None:
    sandbox.run("true")
    eventually(lambda: not sandbox.is_up())
    assert not sandbox.folder.server.exists()


def test_the_server_lives_until_the_last_of_two_commands_has_ended(sandbox: Sandbox) -> None:
    with sandbox.running(["sh", "-c", "echo in; read _"]) as first:
        assert line_of(first) == "in"
        pid = sandbox.pid
        with sandbox.running(["sh", "-c", "echo in; read _"]) as second:
            assert line_of(second) == "in"
            assert sandbox.ask("status")["holders"] == 2
        eventually(lambda: bool(sandbox.ask("status")["holders"] == 1))
        assert sandbox.pid == pid
    eventually(lambda: not sandbox.is_up())


def test_a_killed_command_lets_go_of_the_server(sandbox: Sandbox) -> None:
    with sandbox.running(["sh", "-c", "echo in; exec sleep 60"]) as process:
        assert line_of(process) == "in"
        process.kill()
        eventually(lambda: not sandbox.is_up())


def test_up_keeps_the_server_and_down_stops_it(sandbox: Sandbox) -> None:
    sandbox("up")
    pid = sandbox.pid
    sandbox.run("true")
    sandbox("up")
    assert sandbox.pid == pid
    assert sandbox("down").stdout == "The sandbox is down.\n"
    assert not sandbox.is_up()
    assert sandbox("down").stdout == "No server is running.\n"


def test_the_server_says_nothing_when_it_is_stopped_under_a_command(sandbox: Sandbox) -> None:
    program = (
        "import os, requests; session = requests.Session();"
        " print(session.get('https://api.github.com/user').status_code, flush=True); input()"
    )
    with sandbox.running([sys.executable, "-c", program]) as process:
        assert line_of(process) == "401"
        sandbox("down")
    assert sandbox.folder.log.read_text(encoding="utf-8") == ""


def test_commands_that_start_together_share_one_server(sandbox: Sandbox) -> None:
    command = ["sh", "-c", "echo $HTTPS_PROXY; read _"]
    with sandbox.running(command) as first, sandbox.running(command) as second:
        assert line_of(first) == line_of(second) != ""


@pytest.mark.parametrize("code", [0, 3, 255])
def test_the_exit_code_is_that_of_the_command(sandbox: Sandbox, code: int) -> None:
    sandbox.run("sh", "-c", f"exit {code}", code=code)


def test_a_command_that_does_not_exist_is_one_sentence(sandbox: Sandbox) -> None:
    done = sandbox.run("no-such-command", code=127)
    assert done.stderr.splitlines()[-1] == "sandbox: there is no command no-such-command."


def test_signals_reach_the_command(sandbox: Sandbox) -> None:
    with sandbox.running(["sh", "-c", "trap 'exit 42' TERM; echo in; while :; do sleep 0.05; done"]) as process:
        assert line_of(process) == "in"
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 42


def test_options_after_the_command_belong_to_it(sandbox: Sandbox) -> None:
    assert sandbox("run", "echo", "--as-secret", "-n").stdout == "--as-secret -n\n"
    assert "No such option" in sandbox("run", "--as-secert", "X", "--", "true", code=2).stderr


def test_the_providers_are_named_once_on_stderr(sandbox: Sandbox) -> None:
    done = sandbox.run("sh", "-c", 'exec "$SANDBOX_PYTHON" -m sandbox run -- echo inner')
    assert done.stdout == "inner\n"
    assert done.stderr == f"sandbox: stand-in providers, state in {sandbox.root}\n"


def test_the_principal_delay_reaches_the_running_server(sandbox: Sandbox) -> None:
    sandbox("up")
    sandbox("run", "--principal-delay", "1.5", "--", "true")
    assert sandbox.ask("status")["principal_delay_seconds"] == 1.5


def test_everything_listens_on_loopback_only(sandbox: Sandbox) -> None:
    if not Path("/proc/net/tcp").exists():
        pytest.skip("reads Linux' table of sockets")
    sandbox("up")
    sockets = {
        str(entry.readlink()).removeprefix("socket:[").removesuffix("]")
        for entry in Path(f"/proc/{sandbox.pid}/fd").iterdir()
    }
    listening = [
        line.split()[1]
        for table in ("tcp", "tcp6")
        for line in Path(f"/proc/net/{table}").read_text(encoding="ascii").splitlines()[1:]
        if line.split()[3] == "0A" and line.split()[9] in sockets
    ]
    assert len(listening) == 3
    assert all(address.startswith("0100007F:") for address in listening)
