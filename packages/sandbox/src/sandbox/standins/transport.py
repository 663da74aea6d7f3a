"""HTTP for the stand-ins: kept-alive connections, through the proxy and trusting the certificates that Go would."""

import base64
import os
import select
import ssl
import threading
import time
from collections.abc import Mapping
from errno import ECONNRESET
from functools import cache
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.request import proxy_bypass

from sandbox.standins.replies import Reply, Retries, UnreachableError

_TIMEOUT_SECONDS = 65


class _Secured(HTTPSConnection):
    """HTTPS that knows a reset from an end.

    Go tells them apart. Python's ssl has not always done so: it took a reset for the end of the stream (gh-115627).
    """

    was_reset = False

    def close(self) -> None:
        """Look at the socket before it is gone: one that was reset has no peer any more."""
        if self.sock is not None:
            try:
                self.sock.getpeername()
            except OSError:
                self.was_reset = True
        super().close()


class Transport:
    """Sends requests of several threads; every idle connection is used again."""

    def __init__(self, retries: Retries) -> None:
        self._retries = retries
        self._idle: dict[tuple[str, str], list[HTTPConnection]] = {}
        self._lock = threading.Lock()

    def send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None = None,
        *,
        retries: Retries | None = None,
    ) -> Reply:
        """The reply after all retries, the usual ones unless told otherwise; UnreachableError when there is none."""
        retries = retries or self._retries
        started = time.monotonic()
        attempt = 0
        while True:
            attempt += 1
            again = _may_try_again(retries, attempt, started)
            try:
                reply = self._send_once(method, url, headers, body)
            except (OSError, HTTPException) as error:
                cut = isinstance(error, HTTPException)  # RemoteDisconnected, which is Go's EOF, among them
                if not (again and (retries.when_cut if cut else retries.when_unreachable)):
                    raise UnreachableError(f"{method} {url}: {error or type(error).__name__}") from error
            else:
                if not (again and retries.ask_for(reply)):
                    return reply
            time.sleep(retries.pause(attempt))

    def _send_once(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Reply:
        parts = urlsplit(url)
        key = (parts.scheme, parts.netloc)
        connection = self._take(key)
        reused = connection is not None
        connection = connection or _connect(parts.scheme, parts.hostname or "", parts.port)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        try:
            connection.request(method, target, body=body, headers={"Host": parts.netloc, **headers})
            response = connection.getresponse()
            reply = Reply(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        except BaseException as error:
            connection.close()
            if reused and method == "GET" and isinstance(error, ConnectionError):
                return self._send_once(method, url, headers, body)  # as Go does: the server had closed it meanwhile
            if isinstance(error, HTTPException) and isinstance(connection, _Secured) and connection.was_reset:
                raise ConnectionResetError(ECONNRESET, os.strerror(ECONNRESET).lower()) from error
            raise
        if response.will_close:
            connection.close()
        else:
            with self._lock:
                self._idle.setdefault(key, []).append(connection)
        return reply

    def _take(self, key: tuple[str, str]) -> HTTPConnection | None:
        """An idle connection that the server has not closed meanwhile."""
        while True:
            with self._lock:
                idle = self._idle.get(key)
                if not idle:
                    return None
                connection = idle.pop()
            readable, _, _ = select.select([connection.sock], [], [], 0)
            if not readable:
                return connection
            connection.close()


def _may_try_again(retries: Retries, attempt: int, started: float) -> bool:
    if retries.attempts is not None and attempt > retries.attempts:
        return False
    return retries.seconds is None or time.monotonic() - started < retries.seconds


def _connect(scheme: str, host: str, port: int | None) -> HTTPConnection:
    proxy = _proxy(scheme, host)
    if scheme == "http":
        return HTTPConnection(host, port, timeout=_TIMEOUT_SECONDS)
    if proxy is None:
        return _Secured(host, port, timeout=_TIMEOUT_SECONDS, context=_trust())
    connection = _Secured(proxy.hostname or "", proxy.port or 80, timeout=_TIMEOUT_SECONDS, context=_trust())
    login = {}
    if proxy.username is not None:
        pair = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}".encode()
        login["Proxy-Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
    connection.set_tunnel(host, port or 443, login)
    return connection


def _proxy(scheme: str, host: str) -> SplitResult | None:
    """Where HTTPS_PROXY points, unless Go would go around it: loopback addresses and what NO_PROXY names."""
    address = os.environ.get("HTTPS_PROXY") or os.environ.get("https_proxy")
    if scheme != "https" or not address or host == "localhost" or host.startswith("127.") or host == "::1":
        return None
    if proxy_bypass(host):
        return None
    return urlsplit(address if "://" in address else f"http://{address}")


@cache
def _trust() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=os.environ.get("SSL_CERT_FILE"))
