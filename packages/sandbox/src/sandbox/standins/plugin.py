"""The process: handshake with Terraform, serving, and dying when it should."""

import base64
import contextlib
import logging
import os
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
from tf.gen import grpc_controller_pb2, grpc_controller_pb2_grpc, tfplugin_pb2_grpc

from sandbox.standins.servicer import Servicer

# What go-plugin asks of both sides, see hashicorp/terraform, internal/plugin6/serve.go.
_COOKIE = ("TF_PLUGIN_MAGIC_COOKIE", "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2")
_PROTOCOL = "6"
_LONGEST_SOCKET_PATH = 90  # sun_path holds 104 bytes on macOS, 108 on Linux
_UNLIMITED = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]


def run(servicer: Servicer[Any], *, orphaned: Callable[[], None]) -> None:
    """Serve until Terraform says Shutdown, or until `orphaned`, which blocks as long as Terraform lives, returns."""
    name, cookie = _COOKIE
    if os.environ.get(name) != cookie or _PROTOCOL not in os.environ.get("PLUGIN_PROTOCOL_VERSIONS", _PROTOCOL):
        sys.exit("This is a stand-in provider of the sandbox. Terraform starts it; it does nothing by itself.")
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; a create must finish
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="[%(levelname)s] %(message)s")
    _die_after(orphaned)
    stopped = threading.Event()
    server = grpc.server(ThreadPoolExecutor(max_workers=16), options=_UNLIMITED)
    tfplugin_pb2_grpc.add_ProviderServicer_to_server(servicer, server)
    grpc_controller_pb2_grpc.add_GRPCControllerServicer_to_server(_Controller(stopped), server)
    with _socket() as socket:
        certificate = _listen(server, f"unix://{socket}")
        server.start()
        sys.stdout.write(f"1|{_PROTOCOL}|unix|{socket}|grpc|{certificate}\n")
        sys.stdout.flush()
        stopped.wait()
        server.stop(grace=1).wait()
    os._exit(0)  # skips interpreter teardown, for which Terraform would wait


class _Controller(grpc_controller_pb2_grpc.GRPCControllerServicer):  # type: ignore[misc]
    def __init__(self, stopped: threading.Event) -> None:
        self._stopped = stopped

    def Shutdown(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802
        """Terraform is done with this process."""
        self._stopped.set()
        return grpc_controller_pb2.Empty()


def parent_gone() -> None:
    """Block until the parent of this process has died."""
    parent = os.getppid()
    pause = threading.Event()
    while os.getppid() == parent:
        pause.wait(0.5)


def _die_after(orphaned: Callable[[], None]) -> None:
    """A SIGKILL of Terraform leaves nobody to say Shutdown."""

    def watch() -> None:
        orphaned()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


@contextlib.contextmanager
def _socket() -> Any:
    """A path for the socket in a folder that only we can enter, short enough for the system."""
    folder = Path(tempfile.mkdtemp(prefix="standin-"))
    if len(str(folder)) > _LONGEST_SOCKET_PATH:
        folder.rmdir()
        folder = Path(tempfile.mkdtemp(prefix="standin-", dir="/tmp"))
    try:
        yield folder / "s"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _listen(server: grpc.Server, address: str) -> str:
    """Listen as Terraform wants it; returns the certificate for the handshake.

    With TF_DISABLE_PLUGIN_TLS it sends none and speaks plainly over the socket, which saves making a key per process.
    """
    if not os.environ.get("PLUGIN_CLIENT_CERT"):
        server.add_insecure_port(address)
        return ""
    from sandbox.standins.certificate import ephemeral

    key, certificate, der = ephemeral()
    # Terraform's client certificate is P-521, which the handshake of gRPC refuses: it is not asked for.
    server.add_secure_port(address, grpc.ssl_server_credentials([(key, certificate)]))
    return base64.b64encode(der).decode().rstrip("=")
