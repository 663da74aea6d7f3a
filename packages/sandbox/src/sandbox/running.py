"""The server's address card, and the client's end of its control channel."""

import fcntl
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from sandbox.errors import SandboxError
from sandbox.folder import Folder, write_private

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Running:
    """Where a server listens, and what opens its control channel."""

    pid: int
    relay_port: int
    control_port: int
    key: str = field(repr=False)

    @property
    def relay(self) -> str:
        """The proxy address of clients."""
        return f"http://{LOOPBACK}:{self.relay_port}"

    def write(self, folder: Folder) -> None:
        """Leave the card where clients look."""
        write_private(folder.server, json.dumps(asdict(self)))


def find(folder: Folder) -> Running | None:
    """The running server of a folder; None when there is none, whatever a killed one left lying about."""
    if not is_locked(folder.server_lock):
        return None
    try:
        return Running(**json.loads(folder.server.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None  # it is starting or stopping at this moment


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Wait for a lock file and hold it; released by the kernel when the process dies."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def is_locked(path: Path) -> bool:
    """Whether some process holds the lock file."""
    try:
        descriptor = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


class Connection:
    """One connection to a server's control channel."""

    def __init__(self, running: Running) -> None:
        self.running = running
        self._socket = socket.create_connection((LOOPBACK, running.control_port), timeout=10)
        self._lines = self._socket.makefile("rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Leave."""
        self._lines.close()
        self._socket.close()

    def ask(self, command: str, **arguments: Any) -> Any:
        """What the server says to a command; SandboxError when it refuses or is gone."""
        message = {"key": self.running.key, "command": command, **arguments}
        try:
            self._socket.sendall(json.dumps(message).encode() + b"\n")
            answer = json.loads(self._lines.readline() or b'{"error": "gone"}')
        except OSError:
            answer = {"error": "gone"}
        if "error" in answer:
            raise SandboxError(f"The sandbox's server refused {command}: {answer['error']}.")
        return answer["ok"]

    def bequeath(self) -> None:
        """Keep the connection open in what this process executes next, out of the way of shell redirections."""
        os.set_inheritable(fcntl.fcntl(self._socket.fileno(), fcntl.F_DUPFD, 100), True)
