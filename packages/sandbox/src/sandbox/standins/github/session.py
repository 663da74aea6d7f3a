"""The GitHub side of a provider process: configuration, owner lookup, requests."""

import json
import os
import threading
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from http.client import responses
from typing import Any
from urllib.parse import urlencode, urlsplit

from sandbox.standins.behaviour import Level, MissingError, RefusedError, Request
from sandbox.standins.paths import fill
from sandbox.standins.plan import Values
from sandbox.standins.replies import Reply, Retries, UnreachableError


def rest(method: str, path: str) -> Request:
    """A request to the REST API; its path is relative to the API's root."""
    return Request(method, {Level.GITHUB: path})


USER = rest("GET", "/user")
ORGANIZATION = rest("GET", "/orgs/{owner}")
CONFIGURATION = (USER, ORGANIZATION)
GRAPHQL = rest("POST", "/graphql")

_RETRYABLE = (500, 502, 503, 504)
_SECONDARY_LIMITS = ("secondary-rate-limits", "#abuse-rate-limits")  # how the documentation link of such a 403 ends


class ConflictError(RefusedError):
    """409: the object exists already."""


class InvalidError(RefusedError):
    """422; `text` is GitHub's message alone."""

    def __init__(self, message: str, text: str) -> None:
        super().__init__(message)
        self.text = text


class Session:
    """One configured provider block. Asks for its owner at once, as the provider does."""

    def __init__(self, config: Mapping[str, Any], environ: Mapping[str, str]) -> None:
        self._token = config.get("token") or environ.get("GITHUB_TOKEN") or ""
        self._rest, self._graphql = _endpoints(config.get("base_url") or environ.get("GITHUB_BASE_URL") or "")
        self._serial: AbstractContextManager[Any] = (
            nullcontext() if config.get("parallel_requests") else threading.Lock()
        )
        retries = config.get("max_retries")
        # The delay between retries is the one for reads, by mistake of the real provider (tpg/provider.go:428).
        delay = float(config.get("read_delay_ms") or 0) / 1000
        from sandbox.standins.transport import Transport  # late: most processes are asked for their schema only

        self._transport = Transport(
            Retries(
                statuses=frozenset(config.get("retryable_errors") or _RETRYABLE),
                attempts=3 if retries is None else int(retries),
                pause=lambda _attempt: delay,
                when_unreachable=True,
                when_cut=True,
            )
        )
        # These two variables outrank the block (tpg/provider.go:348-367).
        named = environ.get("GITHUB_ORGANIZATION") or environ.get("GITHUB_OWNER")
        self.owner: str = config.get("organization") or named or config.get("owner") or ""
        self.is_organization = False
        self._look_up_owner()

    def _look_up_owner(self) -> None:
        if not self.owner:
            if self._token:
                self.owner = str(self.send(USER)["login"])
            return
        try:
            self.send(ORGANIZATION)
        except RefusedError:
            return  # any error means "a user", see tpg/config.go:120-144
        self.is_organization = True

    def send(self, request: Request, *, query: Mapping[str, str] | None = None, body: Any = None, **names: Any) -> Any:
        """The parsed answer of the REST API, with a 304 as None."""
        names.setdefault("owner", self.owner)
        etag = names.pop("etag", None)
        path = fill(request.paths[Level.GITHUB], names)
        url = self._rest + path + (f"?{urlencode(query)}" if query else "")
        reply = self._exchange(request.method, url, body, {"If-None-Match": etag} if etag else {})
        if reply.status == 304:
            return None
        if not reply.ok:
            raise _refusal(request.method, url, reply)
        answer = reply.json()
        if isinstance(answer, dict) and reply.headers.get("etag"):
            answer = {**answer, "etag": reply.headers["etag"]}
        return {} if answer is None else answer

    def query(self, text: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        """The data of a GraphQL answer; what is wrong with the query arrives with status 200."""
        reply = self._exchange("POST", self._graphql, {"query": text, "variables": dict(variables)}, {})
        if reply.status != 200:
            status = f"{reply.status} {responses.get(reply.status, '')}"
            raise RefusedError(f"non-200 OK status code: {status} body: {json.dumps(reply.text)}")
        answer = reply.json() or {}
        if answer.get("errors"):
            text = answer["errors"][0].get("message", "")
            raise (MissingError if "Could not resolve to a node" in text else RefusedError)(text)
        return dict(answer["data"])

    def _exchange(self, method: str, url: str, body: Any, extra: Mapping[str, str]) -> Reply:
        headers = {"Accept": "application/vnd.github+json", "User-Agent": "terraform-stand-in", **extra}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        payload = None
        if body is not None:
            payload, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
        while True:
            try:
                with self._serial:
                    reply = self._transport.send(method, url, headers, payload)
            except UnreachableError as error:
                raise RefusedError(str(error)) from error
            wait = _rate_limit_seconds(reply)
            if wait is None:
                return reply
            time.sleep(wait)


def _endpoints(base_url: str) -> tuple[str, str]:
    """(REST root, GraphQL endpoint): only api.github.com has them at its root (tpg/config.go:83-118)."""
    base = (base_url or "https://api.github.com/").rstrip("/")
    if urlsplit(base).hostname == "api.github.com":
        return base, f"{base}/graphql"
    return f"{base}/api/v3", f"{base}/api/graphql"


def _rate_limit_seconds(reply: Reply) -> float | None:
    """How long a 403 asks to wait; None when it is no rate limit (tpg/transport.go:60-117)."""
    if reply.status != 403:
        return None
    if reply.headers.get("x-ratelimit-remaining") == "0" and "x-ratelimit-reset" in reply.headers:
        return max(0.0, float(reply.headers["x-ratelimit-reset"]) - time.time())
    answer = reply.json()
    link = answer.get("documentation_url", "") if isinstance(answer, dict) else ""
    if str(link).endswith(_SECONDARY_LIMITS) and "retry-after" in reply.headers:
        return float(reply.headers["retry-after"])
    return None


def _message(reply: Reply) -> str:
    answer = reply.json()
    return str(answer.get("message", "")) if isinstance(answer, dict) else ""


def _refusal(method: str, url: str, reply: Reply) -> RefusedError:
    """The refusal as go-github words it."""
    answer = reply.json()
    errors = answer.get("errors", []) if isinstance(answer, dict) else []
    message = f"{method} {url}: {reply.status} {_message(reply)} {errors}"
    if reply.status == 404:
        return MissingError(message)
    if reply.status == 409:
        return ConflictError(message)
    if reply.status == 422:
        return InvalidError(message, _message(reply))
    return RefusedError(message)


def go_time(stamp: str) -> str:
    """A timestamp as the provider stores it, which is how Go prints one.

    >>> go_time("2026-01-31T10:20:30Z")
    '2026-01-31 10:20:30 +0000 UTC'
    """
    return stamp.replace("T", " ").replace("Z", " +0000 UTC")


def configure(config: Values) -> Session:
    """The session of a provider block."""
    return Session(config, os.environ)
