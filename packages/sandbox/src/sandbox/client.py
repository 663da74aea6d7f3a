"""Joining the server of a sandbox folder, starting and stopping it."""

import os
import subprocess
import sys
import time
from collections.abc import Collection

from sandbox.environment import environment_of_server
from sandbox.errors import SandboxError
from sandbox.folder import PROJECT, Folder
from sandbox.namespaces import Namespaces, UnavailableError, hide_sockets, keep_sockets_back, listening_sockets
from sandbox.running import Connection, find, is_locked, locked

_PATIENCE_SECONDS = 20.0


def join(folder: Folder) -> Connection:
    """A connection that holds the server open; starts one when there is none. The state must exist."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        if (connection := _hold(folder)) is not None:
            return connection
        with locked(folder.start_lock):
            if find(folder) is None:
                start(folder)
        if time.monotonic() > deadline:
            raise SandboxError(f"The sandbox's server does not answer; the reason may be at the end of {folder.log}.")


def confine(connection: Connection, *, reachable: Collection[str]) -> Connection:
    """Move this process into the namespaces of CMD; the connection that holds the server open from in there.

    `reachable` are the paths of the Unix sockets outside that stay reachable. The given connection ends: a socket that
    was opened outside leads outside. UnavailableError where there are no namespaces.
    """
    given = connection.ask("namespaces")
    if isinstance(given, str):
        raise UnavailableError(given)
    namespaces = Namespaces(**given)
    if not namespaces.entered():
        outside = listening_sockets().difference(reachable)
        namespaces.enter(connection.running.pid)
        hide_sockets(outside)
    keep_sockets_back()
    inside = Connection(connection.running)
    inside.ask("hold")
    connection.close()
    return inside


def connect(folder: Folder) -> Connection | None:
    """A connection to the running server, or None when there is none."""
    running = find(folder)
    if running is None:
        return None
    try:
        return Connection(running)
    except OSError:
        return None


def start(folder: Folder) -> None:
    """Start a server and wait until it answers. It stops again unless somebody holds it soon."""
    folder.create()
    descriptor = os.open(folder.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "sandbox.daemon"],
            cwd=PROJECT,
            env=environment_of_server(os.environ, folder),
            stdin=subprocess.DEVNULL,
            stdout=descriptor,
            stderr=descriptor,
            check=False,
        )
    finally:
        os.close(descriptor)
    if done.returncode != 0:
        lines = folder.log.read_text(encoding="utf-8", errors="replace").splitlines() or ["it said nothing"]
        raise SandboxError(f"The sandbox's server did not start: {lines[-1]} (more in {folder.log})")


def stop(folder: Folder) -> bool:
    """Stop the server and wait for its end; false when there was none."""
    connection = connect(folder)
    if connection is None:
        return False
    with connection:
        connection.ask("stop")
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while is_locked(folder.server_lock):
        if time.monotonic() > deadline:
            raise SandboxError(f"The sandbox's server (process {connection.running.pid}) does not stop; kill it.")
        time.sleep(0.01)
    return True


def _hold(folder: Folder) -> Connection | None:
    connection = connect(folder)
    if connection is None:
        return None
    try:
        connection.ask("hold")
    except SandboxError:  # it is stopping
        connection.close()
        time.sleep(0.02)
        return None
    return connection
