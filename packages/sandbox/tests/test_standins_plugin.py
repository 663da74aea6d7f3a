"""A stand-in as a process: how it starts, what it survives, and when it ends."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from packages.sandbox.tests.sandbox_processes import alive, eventually
from packages.sandbox.tests.standins_fixtures import Fake, Terraform, serving, terraform
from sandbox.folder import PROJECT
from sandbox.standins.plugin import _COOKIE

STAND_IN = [sys.executable, "-P", "-m", "sandbox.standins", "github"]
ENVIRON = {
    "PATH": os.environ["PATH"],
    "PYTHONPATH": str(PROJECT),
    "PLUGIN_PROTOCOL_VERSIONS": "5,6",
    _COOKIE[0]: _COOKIE[1],
}


@pytest.fixture
def stand_in() -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(STAND_IN, env=ENVIRON, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


def test_the_first_words_are_the_handshake(stand_in: subprocess.Popen[str]) -> None:
    assert stand_in.stdout
    core, protocol, network, socket, kind, certificate = stand_in.stdout.readline().strip().split("|")
    assert (core, protocol, network, kind, certificate) == ("1", "6", "unix", "grpc", "")
    assert Path(socket).parent.stat().st_mode & 0o777 == 0o700


def test_with_a_client_certificate_it_answers_over_tls() -> None:
    environ = ENVIRON | {"PLUGIN_CLIENT_CERT": "-----BEGIN CERTIFICATE-----", "HOME": "/dev/null"}
    with subprocess.Popen(STAND_IN, env=environ, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        line = process.stdout.readline().strip()
        process.kill()
    assert len(line.split("|")[5]) > 300


def test_started_by_hand_it_says_what_it_is() -> None:
    environ = {name: value for name, value in ENVIRON.items() if name != _COOKIE[0]}
    done = subprocess.run(STAND_IN, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert done.stdout == ""
    assert done.stderr.startswith("This is a stand-in provider of the sandbox.")


def test_a_long_temporary_folder_does_not_matter(tmp_path: Path) -> None:
    long = tmp_path / ("d" * 100)
    long.mkdir()
    environ = ENVIRON | {"TMPDIR": str(long)}
    with subprocess.Popen(STAND_IN, env=environ, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        socket = process.stdout.readline().split("|")[3]
        process.kill()
    assert len(socket) < 100
    assert list(long.iterdir()) == []


def test_ctrl_c_does_not_stop_it(stand_in: subprocess.Popen[str]) -> None:
    assert stand_in.stdout
    stand_in.stdout.readline()
    stand_in.send_signal(signal.SIGINT)
    time.sleep(0.5)
    assert stand_in.poll() is None


@pytest.mark.skipif(not Path("/proc").exists(), reason="looks into /proc")
def test_it_does_not_outlive_a_parent_that_was_killed() -> None:
    program = "import subprocess, sys; p = subprocess.Popen(sys.argv[1:]); print(p.pid, flush=True); p.wait()"
    command = [sys.executable, "-c", program, *STAND_IN]
    with subprocess.Popen(command, env=ENVIRON, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        child = int(parent.stdout.readline())
        assert parent.stdout.readline().startswith("1|6|")
        parent.kill()
        eventually(lambda: not alive(child))


@pytest.fixture
def fake() -> Iterator[Fake]:
    with serving(Fake()) as fake:
        yield fake


@pytest.fixture
def variable(fake: Fake, tmp_path: Path) -> Terraform:
    """A configuration of one variable, initialized."""
    fake.on("GET", "/api/v3/orgs/o")(lambda _: {"id": 1})
    fake.on("GET", "/api/v3/repos/o/r/actions/variables/V")(
        lambda _: {"value": "v", "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}
    )
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    stack = terraform(tmp_path / "stack", TMPDIR=str(temporary))
    variable = {"repository": "r", "variable_name": "V", "value": "v"}
    stack.write(
        {
            "provider": {"github": {"base_url": f"{fake.url}/", "owner": "o", "token": "t0ken-in-clear"}},
            "resource": {"github_actions_variable": {"v": variable}},
        }
    )
    stack.ok("init", "-no-color")
    return stack


@pytest.mark.parametrize("plain", [False, True], ids=["tls", "plain"])
def test_terraform_speaks_with_it_and_leaves_no_sockets_behind(fake: Fake, variable: Terraform, plain: bool) -> None:
    fake.on("POST", "/api/v3/repos/o/r/actions/variables")(lambda _: (201, {}))
    if not plain:
        del variable.environ["TF_DISABLE_PLUGIN_TLS"]
    variable.apply()
    assert variable.actions() == {}
    left = [path for path in Path(variable.environ["TMPDIR"]).iterdir() if path.name.startswith("standin-")]
    assert left == []


def test_a_create_that_ctrl_c_meets_is_finished_and_in_the_state(fake: Fake, variable: Terraform) -> None:
    @fake.on("POST", "/api/v3/repos/o/r/actions/variables")
    def create(_body: Any) -> Any:
        os.killpg(running.pid, signal.SIGINT)
        time.sleep(1)
        return 201, {}

    command = ["terraform", "apply", "-auto-approve", "-no-color"]
    with subprocess.Popen(
        command, cwd=variable.folder, env=variable.environ, stdout=subprocess.DEVNULL, start_new_session=True
    ) as running:
        running.wait(timeout=60)
    assert variable.state("github_actions_variable.v")["id"] == "r:V"


@pytest.mark.skipif(not Path("/proc").exists(), reason="looks into /proc")
def test_no_process_outlives_a_terraform_that_was_killed(fake: Fake, variable: Terraform) -> None:
    @fake.on("POST", "/api/v3/repos/o/r/actions/variables")
    def create(_body: Any) -> Any:
        running.kill()
        return 201, {}

    command = ["terraform", "apply", "-auto-approve", "-no-color"]
    with subprocess.Popen(
        command, cwd=variable.folder, env=variable.environ, stdout=subprocess.DEVNULL, start_new_session=True
    ) as running:
        running.wait(timeout=60)
        eventually(lambda: not group(running.pid))


def group(leader: int) -> list[int]:
    """The processes of a session."""
    members = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text(encoding="utf-8").rpartition(") ")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if fields[0] != "Z" and int(fields[2]) == leader:
                members.append(int(entry.name))
    return members


def test_a_fault_of_ours_becomes_a_diagnostic_without_values(fake: Fake, variable: Terraform) -> None:
    fake.on("POST", "/api/v3/repos/o/r/actions/variables")(lambda _: (201, {}))
    fake.handlers["GET", "/api/v3/repos/o/r/actions/variables/V"] = lambda _: {"secret": "s3cret"}
    done = variable.run("apply", "-auto-approve", "-no-color", TF_LOG="TRACE")
    assert done.returncode == 1
    assert "the stand-in provider has a fault: KeyError in variables.py" in done.stderr
    assert "s3cret" not in done.stdout + done.stderr
    assert "t0ken-in-clear" not in done.stdout + done.stderr
