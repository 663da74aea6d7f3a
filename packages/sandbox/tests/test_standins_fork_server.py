"""Stand-ins that the fork server makes behave as those that start by themselves."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from packages.sandbox.tests.sandbox_processes import alive, eventually
from sandbox.folder import PROJECT
from sandbox.fork_server import ForkServer
from sandbox.standins.plugin import _COOKIE

LAUNCH = [sys.executable, "-I", "-S", str(PROJECT / "sandbox/standins/launch.py"), "github"]


@pytest.fixture
def fork_server() -> Iterator[ForkServer]:
    fork_server = ForkServer()
    yield fork_server
    fork_server.close()


def environ(address: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(PROJECT),
        "HTTPS_PROXY": "http://github@127.0.0.1:9",
        _COOKIE[0]: _COOKIE[1],
        "SANDBOX_FORK_SERVER": address,
    }


def launched(address: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        LAUNCH, env=environ(address), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def socket_of(process: subprocess.Popen[str]) -> Path:
    assert process.stdout is not None
    return Path(process.stdout.readline().split("|")[3])


def serving(launcher: int) -> list[int]:
    """The processes that hold the launcher's end of a connection: the copies of the fork_server."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != launcher:
            command = (entry / "cmdline").read_bytes() if (entry / "cmdline").exists() else b""
            if b"sandbox.standins.fork_server" in command:
                found.append(int(entry.name))
    return found


@pytest.mark.skipif(not Path("/proc").exists(), reason="looks into /proc")
def test_a_launcher_that_is_killed_takes_its_stand_in_with_it(fork_server: ForkServer) -> None:
    with launched(fork_server.address) as launcher:
        folder = socket_of(launcher).parent
        assert folder.exists()
        copies = len(serving(launcher.pid))
        os.killpg(launcher.pid, signal.SIGKILL)
    eventually(lambda: len(serving(launcher.pid)) == copies - 1)


def test_ctrl_c_does_not_stop_it(fork_server: ForkServer) -> None:
    with launched(fork_server.address) as launcher:
        socket = socket_of(launcher)
        os.killpg(launcher.pid, signal.SIGINT)
        with pytest.raises(subprocess.TimeoutExpired):
            launcher.wait(timeout=0.3)
        assert socket.exists()
        launcher.kill()


def test_it_has_the_launchers_environment_and_streams(fork_server: ForkServer) -> None:
    without_cookie = {key: value for key, value in environ(fork_server.address).items() if key != _COOKIE[0]}
    done = subprocess.run(LAUNCH, env=without_cookie, capture_output=True, text=True, check=False, timeout=20)
    assert done.stdout == ""
    assert done.stderr.startswith("This is a stand-in provider of the sandbox.")
    assert done.returncode != 0


def test_without_a_fork_server_the_launcher_starts_it_itself(tmp_path: Path) -> None:
    with launched(str(tmp_path / "nobody")) as launcher:
        assert socket_of(launcher).exists()
        launcher.kill()


def test_the_fork_server_ends_with_its_owner() -> None:
    program = (
        "import sys, time; from sandbox.fork_server import ForkServer; n = ForkServer(); n.address;"
        " print(n._process.pid, flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        pid = int(owner.stdout.readline())
        assert alive(pid)
        owner.kill()
    eventually(lambda: not alive(pid))


def test_many_at_once(fork_server: ForkServer) -> None:
    launchers = [launched(fork_server.address) for _ in range(20)]
    sockets = {socket_of(launcher) for launcher in launchers}
    assert len(sockets) == 20
    for launcher in launchers:
        with launcher:
            launcher.kill()


@pytest.mark.parametrize("proxy", [None, "", "http://proxy.example.com:3128", "http://127.0.0.1:1@proxy.example.com:2"])
def test_a_launcher_whose_requests_would_leave_the_sandbox_refuses(proxy: str | None) -> None:
    variables = {name: value for name, value in environ("").items() if name != "HTTPS_PROXY"}
    variables |= {} if proxy is None else {"HTTPS_PROXY": proxy}
    done = subprocess.run(LAUNCH, env=variables, capture_output=True, text=True, timeout=10)
    assert done.returncode == 1
    assert done.stdout == ("This is a stand-in provider of the sandbox, which works nowhere else: remove .terraform.\n")
