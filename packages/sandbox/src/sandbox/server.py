"""The server process: relay, TLS server and control channel in one event loop, all on loopback."""

import asyncio
import contextlib
import fcntl
import logging
import os
import secrets
import signal
import socket
import time
from collections.abc import Callable, Iterator, MutableMapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from sandbox import audit
from sandbox.certificates import server_certificate
from sandbox.clock import Clock
from sandbox.control import Control
from sandbox.dispatch import Dispatcher, DroppedError, Request
from sandbox.errors import SandboxError
from sandbox.folder import Folder
from sandbox.fork_server import ForkServer
from sandbox.namespaces import Namespaces, UnavailableError, bound, create
from sandbox.relay import Address, Relay
from sandbox.running import Running
from sandbox.services import SERVICES
from sandbox.state import open_state, read_offset, world_of
from sandbox.store import Store
from sandbox.weather import LATE_SECONDS, Kind
from sandbox.world import World

Message = MutableMapping[str, Any]
_FIRST_HOLDER_SECONDS = 15.0  # a client that starts a server holds it at once, or was killed meanwhile
_KEEP_ALIVE_SECONDS = 3600  # no client ever meets a connection that closes while it sends


@dataclass(frozen=True, slots=True)
class _Doors:
    """Two sockets on the same port: one outside and, where there are namespaces, one inside them."""

    outside: socket.socket
    inside: socket.socket | None

    @property
    def port(self) -> int:
        return int(self.outside.getsockname()[1])

    async def open(self, serve: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Any]) -> list[asyncio.Server]:
        return [await asyncio.start_server(serve, sock=one) for one in (self.outside, self.inside) if one is not None]


class _Uvicorn(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to the loop below, which has more than this server to end."""
        yield

    def cut(self, client: Address) -> None:
        """Close the relay's connection from this address without another byte."""
        for connection in list(self.server_state.connections):
            if isinstance(connection, H11Protocol) and connection.client == client:
                connection.transport.abort()


def run_server(folder: Folder, *, stays: bool, ready: Callable[[], None]) -> None:
    """Serve until the last holder leaves; with `stays`, until told to stop. `ready` is called once clients may come."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s")
    with _only_server(folder):
        folder.server.unlink(missing_ok=True)  # left by a server that was killed
        store = open_state(folder)
        world = world_of(store)
        if world is None:
            raise SandboxError("There is no state to serve: run `python -m sandbox seed` first.")
        relay, control, namespaces = _doors()
        try:
            asyncio.run(_serve(folder, store, world, relay, control, namespaces=namespaces, stays=stays, ready=ready))
        finally:
            folder.server.unlink(missing_ok=True)
            store.close()


def _doors() -> tuple[_Doors, _Doors, Namespaces | str]:
    """Those of the relay and of the control channel, and the namespaces, or why there are none."""
    relay, control = bound(), bound()
    try:
        namespaces, inside = create([one.getsockname()[1] for one in (relay, control)])
    except UnavailableError as error:
        return _Doors(relay, None), _Doors(control, None), str(error)
    return _Doors(relay, inside[0]), _Doors(control, inside[1]), namespaces


async def _serve(
    folder: Folder,
    store: Store,
    world: World,
    relay_doors: _Doors,
    control_doors: _Doors,
    *,
    namespaces: Namespaces | str,
    stays: bool,
    ready: Callable[[], None],
) -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    clock = Clock(offset=timedelta(seconds=read_offset(folder)))
    dispatcher = Dispatcher(world=world, services=SERVICES, store=store, clock=clock)

    listener = bound()  # here, so that the port is known before anything is told about it

    def cut(client: Address) -> None:
        relay.reset(client)
        server.cut(client)

    server = _Uvicorn(
        uvicorn.Config(
            _application(
                dispatcher,
                works_for=lambda client: relay.works_for.get(client, ""),
                cut=cut,
            ),
            http=H11Protocol,
            ws="none",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            access_log=False,
            server_header=False,
            ssl_certfile=str(server_certificate(folder, world.hosts)),
            timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        )
    )
    relay = Relay(
        known=lambda host: world.kind(host) is not None,
        target=listener.getsockname()[:2],
        refused=lambda method, host, path: _record_refusal(store, clock, method, host, path),
    )
    servers = await relay_doors.open(relay.serve)
    key = secrets.token_urlsafe(24)
    fork_server = ForkServer(None if isinstance(namespaces, str) else namespaces)
    control = Control(
        key=key,
        dispatcher=dispatcher,
        namespaces=namespaces,
        fork_server=fork_server,
        saved=folder.saved,
        stop=ended.set,
        stays=stays,
    )
    servers += await control_doors.open(control.serve)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    Running(
        pid=os.getpid(),
        relay_port=relay_doors.port,
        control_port=control_doors.port,
        key=key,
    ).write(folder)
    ready()
    loop.call_later(_FIRST_HOLDER_SECONDS, control.stop_if_idle)
    ending = asyncio.create_task(ended.wait())
    # Ends by itself only when it failed to start.
    await asyncio.wait([ending, serving], return_when=asyncio.FIRST_COMPLETED)
    for one in servers:
        one.close()
    fork_server.close()
    if not serving.cancel():
        serving.result()


def _application(dispatcher: Dispatcher, *, works_for: Callable[[Address], str], cut: Callable[[Address], None]) -> Any:
    async def application(scope: Message, receive: Callable[[], Any], send: Callable[[Message], Any]) -> None:
        body = b""
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            more = message.get("more_body", False)
        disturbance = dispatcher.weather.next()
        late = LATE_SECONDS if disturbance is not None and disturbance.kind is Kind.LATE else 0.0
        if late or dispatcher.weather.latency_seconds:
            await asyncio.sleep(late + dispatcher.weather.latency_seconds)
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        try:
            reply = dispatcher.dispatch(
                Request(
                    method=scope["method"],
                    host=headers.get("host", "").partition(":")[0].lower(),
                    path=scope["raw_path"].decode("latin-1"),
                    query=scope["query_string"].decode("latin-1"),
                    headers=headers,
                    body=body,
                    stack=works_for(scope["client"]),
                    disturbance=disturbance,
                )
            )
        except DroppedError:
            cut(scope["client"])
            return
        sent = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in reply.headers.items()]
        await send({"type": "http.response.start", "status": reply.status, "headers": sent})
        await send({"type": "http.response.body", "body": reply.body})

    return application


def _record_refusal(store: Store, clock: Clock, method: str, host: str, path: str) -> None:
    audit.record(
        store,
        audit.Entry(
            at=clock.now().isoformat(),
            method=method,
            host=host,
            path=path,
            status=403,
            principal="-",
            milliseconds=0.0,
            note="refused: not a host of mlops.yaml" if method == "CONNECT" else "refused: plain HTTP",
        ),
    )


@contextlib.contextmanager
def _only_server(folder: Folder) -> Iterator[None]:
    """Hold the lock that tells the living from the dead; a server that is just stopping is waited for."""
    folder.create()
    descriptor = os.open(folder.server_lock, os.O_RDWR | os.O_CREAT, 0o600)
    deadline = time.monotonic() + 10
    try:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise SandboxError(
                        f"Another server uses {folder.root}: `python -m sandbox down` stops it."
                    ) from None
                time.sleep(0.02)
        yield
    finally:
        os.close(descriptor)
