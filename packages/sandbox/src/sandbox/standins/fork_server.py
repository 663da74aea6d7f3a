"""`python -m sandbox.standins.fork_server DESCRIPTOR`: stand-ins without their start.

Terraform starts a process for nearly everything that it wants of a provider. This one has imported all that a stand-in
needs and forks a copy of itself for each launcher (launch.py) that connects to the listening socket of that descriptor.
It ends with its standard input.
"""

import gc
import os
import select
import signal
import socket
import sys
from collections.abc import Mapping
from typing import Any

from sandbox.standins.plugin import run
from sandbox.standins.providers import NAMES, provider
from sandbox.standins.schema import load
from sandbox.standins.servicer import Servicer


def main(descriptor: int) -> None:
    """Serve launchers until standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the copies
    servicers = {name: Servicer(provider(name), load(name)) for name in NAMES}
    for servicer in servicers.values():
        _ = servicer.described  # once, for all copies
    gc.freeze()  # what is here stays: collecting it in every copy would copy its memory
    with socket.socket(fileno=descriptor) as listener:
        while True:
            ready, _, _ = select.select([listener, sys.stdin], [], [])
            if sys.stdin in ready:
                return
            connection, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                _become(connection, servicers)
            connection.close()


def _become(connection: socket.socket, servicers: Mapping[str, Servicer[Any]]) -> None:
    """Take over the launcher's streams, environment and folder, and be the stand-in that it is to be."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    try:
        size, streams, _, _ = socket.recv_fds(connection, 8, 3)
        request = b""
        while len(request) < int.from_bytes(size, "big"):
            request += connection.recv(1 << 16) or _gone()
        name, place, *variables = request.split(b"\0")
        for stream, descriptor in enumerate(streams):
            os.dup2(descriptor, stream)
            os.close(descriptor)
        os.environ.clear()
        for variable in variables:
            key, _, value = variable.partition(b"=")
            os.environb[key] = value
        os.chdir(place)
        run(servicers[name.decode()], orphaned=lambda: _wait(connection))
    except SystemExit as refusal:
        sys.stderr.write(f"{refusal}\n")
        sys.stderr.flush()
        connection.sendall(b"1")  # a failure, to the launcher
    finally:
        os._exit(1)


def _gone() -> bytes:
    os._exit(1)


def _wait(connection: socket.socket) -> None:
    """Block until the launcher is gone."""
    connection.recv(1)


if __name__ == "__main__":
    main(int(sys.argv[1]))
