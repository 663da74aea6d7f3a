"""`python -m sandbox.daemon`: the server in a process of its own. Returns as soon as it answers; 1 when it cannot."""

import os

from safe_text.terminal import stop
from sandbox.errors import SandboxError
from sandbox.folder import Folder


def main() -> None:
    """Fork: the parent waits until the server answers, the child serves, without a terminal."""
    heard, said = os.pipe()
    if os.fork():
        os.close(said)
        os._exit(0 if os.read(heard, 1) else 1)
    os.close(heard)
    os.setsid()
    from sandbox.server import run_server  # slow to import: not in the parent

    def ready() -> None:
        os.write(said, b".")
        os.close(said)

    try:
        run_server(Folder.of(os.environ), stays=False, ready=ready)
    except SandboxError as error:
        stop(str(error))


if __name__ == "__main__":
    main()
