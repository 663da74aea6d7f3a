"""`python -m sandbox` as users run it: real processes, each sandbox in a folder of its own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.client import connect
from sandbox.folder import PROJECT as SOURCES
from sandbox.folder import Folder
from sandbox.running import find

# The folder of the app that the sandbox asks for its world.
APP = Path(__file__).parents[3]
MLOPS = """\
project: taxi-fare
account:
  id: {account}
github:
  owner: acme-ml
  repository: taxi-fare
  protection: team
environments:
  staging:
    host: https://acme-staging.cloud.databricks.com
    branch: main
    targets: [staging, test]
  prod:
    host: https://{prod}.cloud.databricks.com
    branch: release
"""
ACCOUNT = "3f6c1c52-8f0e-4b0d-9a46-2d8f4f0b7c11"


@dataclass(frozen=True, slots=True)
class Sandbox:
    """One sandbox folder; `environ` is added to this process's own, and None removes a variable."""

    root: Path
    environ: dict[str, str] = field(default_factory=dict)

    @property
    def folder(self) -> Folder:
        return Folder(self.root)

    @property
    def variables(self) -> dict[str, str]:
        return {
            **os.environ,
            "PYTHONPATH": str(SOURCES),
            "SANDBOX_DIR": str(self.root),
            "MLOPS_CONFIG": str(self.root.parent / "mlops.yaml"),
            **self.environ,
        }

    def configure(self, *, account: str = ACCOUNT, prod: str = "acme-prod") -> None:
        (self.root.parent / "mlops.yaml").write_text(MLOPS.format(account=account, prod=prod), encoding="utf-8")

    def __call__(self, *arguments: str, code: int = 0, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run one command to its end and expect its exit code."""
        done = subprocess.run(
            [sys.executable, "-m", "sandbox", *arguments],
            env={**self.variables, **environ},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == code, f"exit code {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def run(self, *command: str, code: int = 0, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run CMD inside."""
        return self("run", "--", *command, code=code, **environ)

    def python(self, text: str, *, code: int = 0, **environ: str) -> str:
        """Run a Python program inside; what it printed."""
        return self.run(sys.executable, "-c", text, code=code, **environ).stdout

    def shell(self, text: str, *, code: int = 0) -> str:
        return self.run("sh", "-c", text, code=code).stdout

    @contextmanager
    def running(self, command: Sequence[str]) -> Iterator[subprocess.Popen[str]]:
        """CMD inside, running; killed at the end with all that it started."""
        process = subprocess.Popen(
            [sys.executable, "-m", "sandbox", "run", "--", *command],
            env=self.variables,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            for pipe in (process.stdin, process.stdout, process.stderr):
                if pipe is not None:
                    pipe.close()

    def is_up(self) -> bool:
        return find(self.folder) is not None

    @property
    def pid(self) -> int:
        """The process of the running server."""
        running = find(self.folder)
        assert running is not None, "no server is running"
        return running.pid

    def ask(self, command: str, **arguments: Any) -> Any:
        """What the running server answers on its control channel."""
        connection = connect(self.folder)
        assert connection is not None, "no server is running"
        with connection:
            return connection.ask(command, **arguments)


def struck(
    sandbox: Sandbox,
    command: Sequence[str],
    *,
    request: int,
    moment: str,
    environ: Mapping[str, str],
    cwd: Path = APP,
    seconds: float = 120,
) -> bool:
    """Run a command that SIGKILL ends, with all its children, at its `request`-th changing request.

    `moment` is "before" or "after" the request's effect; after it, the answer is never sent. The server must be up and
    `environ` that of a command inside. False when the command ended by itself, having sent fewer such requests.
    """
    process = subprocess.Popen(
        ["sh", "-c", 'read _; exec "$@"', "sh", *command],
        cwd=cwd,
        env=dict(environ),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    sandbox.ask("lightning", request=request, moment=moment, pid=process.pid, group=True)
    try:
        process.communicate(b"\n", timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise
    finally:
        sandbox.ask("lightning", request=0)
    return process.returncode == -signal.SIGKILL


def line_of(process: subprocess.Popen[str]) -> str:
    """The next line that a running command prints."""
    assert process.stdout is not None
    return process.stdout.readline().rstrip("\n")


def alive(pid: int) -> bool:
    """Whether a process runs still."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text(encoding="utf-8")


def eventually(what: Callable[[], bool], *, seconds: float = 60) -> None:
    """Wait for something to become true."""
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.02)


@contextmanager
def sandbox_in(folder: Path, **environ: str) -> Iterator[Sandbox]:
    """A sandbox in folder/.sandbox with an mlops.yaml beside it; its server ends with the block."""
    folder.mkdir(parents=True, exist_ok=True)
    sandbox = Sandbox(folder / ".sandbox", environ)
    sandbox.configure()
    try:
        yield sandbox
    finally:
        sandbox("down")
