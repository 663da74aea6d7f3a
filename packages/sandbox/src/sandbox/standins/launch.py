"""What the launchers in the mirror execute: has the fork server make a stand-in, or starts one where there is none.

Run without site-packages (`-I -S`), and imports as little as it can: Terraform waits for it many times in a run.
"""

import os
import select
import signal
import socket
import sys

FORK_SERVER_VARIABLE = "SANDBOX_FORK_SERVER"  # the fork server's socket


def main(name: str) -> None:
    """Be the stand-in of that name for as long as it runs; not where its requests would reach real services."""
    if not os.environ.get("HTTPS_PROXY", "").rpartition("//")[2].rpartition("@")[2].startswith("127.0.0.1:"):
        # The line that Terraform shows of a plugin that does not start.
        sys.stdout.write("This is a stand-in provider of the sandbox, which works nowhere else: remove .terraform.\n")
        sys.exit(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the stand-in must finish
    address = os.environ.get(FORK_SERVER_VARIABLE)
    if address and (connection := _connection(address)):
        with connection:
            variables = (name + b"=" + value for name, value in os.environb.items())
            # NUL is in none of them; json would take long to import.
            request = b"\0".join((name.encode(), os.getcwdb(), *variables))  # noqa: PTH109 - pathlib takes long as well
            # The three standard streams become the stand-in's; the length of what follows goes with them.
            socket.send_fds(connection, [len(request).to_bytes(8, "big")], [0, 1, 2])
            connection.sendall(request)
            for stream in (0, 1, 2):
                os.close(stream)
            _wait(connection)
    os.execv(sys.executable, [sys.executable, "-P", "-m", "sandbox.standins", name])  # noqa: S606 - no shell is wanted


def _wait(connection: socket.socket) -> None:
    """Until its end, or that of Terraform, which is then its end as well: it sees this process go."""
    parent = os.getppid()
    while not select.select([connection], [], [], 0.5)[0]:
        if os.getppid() != parent:
            os._exit(1)
    os._exit(1 if connection.recv(1) else 0)


def _connection(address: str) -> socket.socket | None:
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.connect(address)
    except OSError:
        connection.close()
        return None
    return connection


if __name__ == "__main__":
    main(sys.argv[1])
