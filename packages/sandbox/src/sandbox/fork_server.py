"""The process that copies of stand-ins come from (standins/fork_server.py), which lives as long as its owner."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from sandbox.folder import PROJECT
from sandbox.namespaces import Namespaces

_LONGEST_SOCKET_PATH = 90  # sun_path holds 104 bytes on macOS, 108 on Linux


class ForkServer:
    """Started when its address is first asked for, inside the namespaces of CMD where there are any.

    A copy takes its addresses from its launcher's environment: outside, CMD would have it connect for CMD.
    """

    def __init__(self, namespaces: Namespaces | None = None) -> None:
        self._namespaces = namespaces
        self._address: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """The socket of launchers. They may connect at once: the process takes them when it is ready."""
        if self._address is None:
            self._address = _folder() / "fork_server"
            with socket.socket(socket.AF_UNIX) as listener:
                listener.bind(str(self._address))
                listener.listen(64)
                self._process = subprocess.Popen(
                    [sys.executable, "-P", "-m", "sandbox.standins.fork_server", str(listener.fileno())],
                    cwd=PROJECT,
                    env={**os.environ, "PYTHONPATH": str(PROJECT)},
                    stdin=subprocess.PIPE,  # its end is the end of the process
                    stdout=subprocess.DEVNULL,
                    pass_fds=[listener.fileno()],
                    # Safe in the server, which has one thread.
                    preexec_fn=None if self._namespaces is None else self._namespaces.enter,
                )
        return str(self._address)

    def close(self) -> None:
        """End it; stand-ins that run go on."""
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
            self._process.wait()
        if self._address is not None:
            shutil.rmtree(self._address.parent, ignore_errors=True)


def _folder() -> Path:
    """A folder that only we can enter, with a path short enough for a socket."""
    folder = Path(tempfile.mkdtemp(prefix="sandbox-"))
    if len(str(folder)) > _LONGEST_SOCKET_PATH:
        folder.rmdir()
        folder = Path(tempfile.mkdtemp(prefix="sandbox-", dir="/tmp"))
    return folder
