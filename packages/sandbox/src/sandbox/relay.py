"""The CONNECT relay: leads the configured hosts to the server on this machine, and nothing anywhere else."""

import asyncio
import base64
import contextlib
import socket
import struct
from collections.abc import Callable

_HTTPS = 443

Address = tuple[str, int]


class Relay:
    """A forward proxy that opens one kind of connection only: `CONNECT <configured host>:443`.

    Everything else is answered 403 with a sentence, and reported to `refused(method, host, path)`. The user name in a
    client's proxy address says what it works for; `works_for` knows it by the address that the server sees.
    """

    def __init__(
        self,
        *,
        known: Callable[[str], bool],
        target: Address,
        refused: Callable[[str, str, str], None],
    ) -> None:
        self._known = known
        self._target = target
        self._refused = refused
        self.works_for: dict[Address, str] = {}
        self._clients: dict[Address, asyncio.StreamWriter] = {}

    def reset(self, seen_as: Address) -> None:
        """Reset the connection of the client whom the server sees at this address: no end of the stream, an error."""
        writer = self._clients.get(seen_as)
        if writer is not None:
            # Closing at once, with nothing to wait for, is what the kernel calls a reset.
            linger = struct.pack("ii", 1, 0)
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            writer.transport.abort()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client connection, from its first line to its end."""
        # Cancelled when the loop ends, which asyncio's streams would report as a fault.
        with contextlib.suppress(OSError, asyncio.CancelledError):
            try:
                await self._connect(reader, writer)
            finally:
                writer.close()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            return
        first, *headers = head.decode("latin-1").split("\r\n")
        method, _, rest = first.partition(" ")
        target = rest.rpartition(" ")[0]
        if method != "CONNECT":
            _, _, address = target.partition("://")
            host, slash, path = address.partition("/")
            await self._refuse(writer, method, host or target, (slash + path).partition("?")[0])
            return
        host, _, port = target.rpartition(":")
        host = host.strip("[]").rstrip(".").lower()
        if port != str(_HTTPS) or not self._known(host):
            await self._refuse(writer, method, host, f":{port}")
            return
        inner_reader, inner_writer = await asyncio.open_connection(*self._target)
        seen_as = inner_writer.get_extra_info("sockname")[:2]
        self.works_for[seen_as] = _user(headers)
        self._clients[seen_as] = writer
        try:
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await asyncio.gather(_pump(reader, inner_writer, _acknowledge(writer)), _pump(inner_reader, writer))
        finally:
            del self.works_for[seen_as], self._clients[seen_as]

    async def _refuse(self, writer: asyncio.StreamWriter, method: str, host: str, path: str) -> None:
        self._refused(method, host, path)
        why = (
            f"The sandbox does not let {host}{path} out: only the hosts of mlops.yaml are answered, over HTTPS."
            if method == "CONNECT"
            else f"The sandbox does not let http://{host}{path} out: only HTTPS to the hosts of mlops.yaml is answered."
        )
        body = f"{why}\n".encode()
        # Of a refused CONNECT, Go and Python show this line only.
        reason = f"The sandbox does not let {host} out".encode("ascii", "replace").replace(b"\n", b"?")
        writer.write(
            b"HTTP/1.1 403 %b\r\ncontent-type: text/plain; charset=utf-8\r\n"
            b"connection: close\r\ncontent-length: %d\r\n\r\n%b" % (reason, len(body), body)
        )
        await writer.drain()


def _user(headers: list[str]) -> str:
    """The user name of Proxy-Authorization, if there is one."""
    for header in headers:
        name, _, value = header.partition(":")
        scheme, _, encoded = value.strip().partition(" ")
        if name.lower() == "proxy-authorization" and scheme.lower() == "basic":
            with contextlib.suppress(ValueError):
                return base64.b64decode(encoded).decode("latin-1").partition(":")[0]
    return ""


def _acknowledge(writer: asyncio.StreamWriter) -> Callable[[], None]:
    """Acknowledges what the client sent at once, where the system lets us.

    urllib3 leaves Nagle's algorithm on behind a proxy: the body then waits 40 ms for the header's acknowledgement.
    """
    client = writer.get_extra_info("socket")
    option = getattr(socket, "TCP_QUICKACK", None)
    return (lambda: None) if option is None else (lambda: client.setsockopt(socket.IPPROTO_TCP, option, 1))


async def _pump(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, acknowledge: Callable[[], None] = lambda: None
) -> None:
    """Copy until one side ends; the other then learns of it at once."""
    try:
        while data := await reader.read(65536):
            acknowledge()
            writer.write(data)
            await writer.drain()
    except OSError:
        writer.transport.abort()
    finally:
        writer.close()
