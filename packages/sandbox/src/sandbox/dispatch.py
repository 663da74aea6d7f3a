"""The one dispatcher: from a request to a row of a table, its rule, its handler and back, all or nothing."""

import json
import logging
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, unquote

from starlette.routing import compile_path

from sandbox import audit
from sandbox.clock import Clock
from sandbox.context import ANONYMOUS, Caller, RefusalError
from sandbox.route import Answer, Call, Route
from sandbox.rules import Public
from sandbox.service import Service
from sandbox.store import Store
from sandbox.weather import Disturbance, Kind, Moment, Weather
from sandbox.world import HostKind, World

_log = logging.getLogger("sandbox")
_BODILESS = (204, 304)


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request. `path` and `query` are as sent, still percent-encoded; header names are in lower case."""

    method: str
    host: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    stack: str = ""  # what the client works for, where it said so
    disturbance: Disturbance | None = None  # what bad weather makes of the answer


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes onto the wire."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class DroppedError(Exception):
    """The connection must be cut without an answer."""


class _StruckError(Exception):
    """Takes back the effect of a request that is struck before it."""


class _DisturbedError(Exception):
    """What bad weather answers in the place of the request's own answer; None for nothing at all."""

    def __init__(self, kind: Kind, answer: Answer | None) -> None:
        super().__init__(kind.value)
        self.kind = kind
        self.answer = answer


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What became of a request; without a reply the connection is cut."""

    reply: Reply | None
    caller: Caller
    changed: bool = False
    note: str = ""
    struck: bool = False  # by lightning


@dataclass(frozen=True, slots=True)
class _Row:
    pattern: re.Pattern[str]
    route: Route


class Dispatcher:
    """Answers requests in order, each in one transaction; a refusal takes back whatever the request had changed."""

    def __init__(
        self,
        *,
        world: World,
        services: Mapping[HostKind, Service],
        store: Store,
        clock: Clock,
        weather: Weather | None = None,
    ) -> None:
        self.world = world
        self.clock = clock
        self.weather = weather or Weather()
        self.store = store
        self._services = services
        self._tables = {kind: _table(kind, service.routes) for kind, service in services.items()}

    def delay_principals(self, seconds: float) -> float:
        """From now on, let new principals stay invisible for so long."""
        self.world = replace(self.world, principal_delay_seconds=seconds)
        return seconds

    def dispatch(self, request: Request) -> Reply:
        """The reply; the effects are committed when this returns. Raises DroppedError when no reply may be sent."""
        started = time.perf_counter()
        kind = self.world.kind(request.host)
        outcome = _unknown_host(request) if kind is None else self._answer(request, kind)
        if request.disturbance is not None and request.disturbance.kind in (Kind.RESET_AFTER, Kind.LATE):
            outcome = _weathered(outcome, request.disturbance.kind)
        audit.record(
            self.store,
            audit.Entry(
                at=self.clock.now().isoformat(),
                method=request.method,
                host=request.host,
                path=request.path,
                status=outcome.reply.status if outcome.reply else 0,
                principal=outcome.caller.name,
                stack=request.stack,
                milliseconds=round((time.perf_counter() - started) * 1000, 3),
                changed=outcome.changed,
                note=outcome.note,
            ),
        )
        if outcome.struck:
            self.weather.strike()
        if outcome.reply is None:
            raise DroppedError
        return outcome.reply

    def _answer(self, request: Request, kind: HostKind) -> _Outcome:
        service = self._services[kind]
        body, well_formed = _body(request)
        call = Call(
            method=request.method,
            host=request.host,
            path=unquote(request.path),
            params={},
            query=dict(parse_qsl(request.query, keep_blank_values=True)),
            headers=request.headers,
            body=body,
            caller=ANONYMOUS,
            store=self.store,
            clock=self.clock,
            world=self.world,
            workspace=self.world.workspace(request.host),
        )
        try:
            with self.store.transaction():
                route, params = self._match(request, kind)
                if route is None:
                    raise service.unknown(call)
                call = replace(call, params=params)
                if route.raw:
                    call, well_formed = replace(call, body=request.body), True
                public = isinstance(route.rule, Public)
                if not public:
                    call = replace(call, caller=service.authenticate(call))
                if request.disturbance is not None:
                    _check_sky(service, call, request.disturbance)
                if not well_formed:
                    raise service.malformed(call)
                route.rule.check(call)
                before = self.store.changes
                answered = self._reply(service, call, route.handler(call))
                changed = self.store.changes != before
                struck = self.weather.changing() if changed and not public else None
                if struck is Moment.BEFORE:
                    raise _StruckError
                if struck is Moment.AFTER:
                    return _Outcome(None, call.caller, changed, "struck after its effect", struck=True)
                return _Outcome(answered, call.caller, changed)
        except RefusalError as refusal:
            return _Outcome(self._reply(service, call, service.refused(refusal)), call.caller)
        except _StruckError:
            return _Outcome(None, call.caller, note="struck before its effect", struck=True)
        except _DisturbedError as error:
            reply = None if error.answer is None else self._reply(service, call, error.answer)
            return _Outcome(reply, call.caller, note=_note(error.kind))
        except Exception:
            _log.exception("%s https://%s%s failed", request.method, request.host, request.path)
            broken = service.refused(service.broken(call))
            return _Outcome(self._reply(service, call, broken), call.caller, note="failed: see server.log")

    def _match(self, request: Request, kind: HostKind) -> tuple[Route | None, Mapping[str, str]]:
        for row in self._tables[kind].get(request.method, ()):
            # Matched while still encoded: an escaped slash belongs to its segment.
            if match := row.pattern.match(request.path):
                return row.route, {name: unquote(value) for name, value in match.groupdict().items()}
        return None, {}

    def _reply(self, service: Service, call: Call, answer: Answer | dict[str, Any] | list[Any] | None) -> Reply:
        if not isinstance(answer, Answer):
            answer = Answer({} if answer is None else answer)
        bytes_of = {"Content-Type": "application/octet-stream"} if isinstance(answer.body, bytes) else {}
        return _reply(answer.status, answer.body, {**service.headers(call), **bytes_of, **answer.headers})


def _check_sky(service: Service, call: Call, disturbance: Disturbance) -> None:
    """Stop a request that is to have no effect."""
    kind = disturbance.kind
    if kind.status is not None:
        raise _DisturbedError(kind, service.outage(call, kind.status, retry_after=disturbance.retry_after))
    if kind is Kind.RESET_BEFORE:
        raise _DisturbedError(kind, None)


def _weathered(outcome: _Outcome, kind: Kind) -> _Outcome:
    """The outcome of a request that had its effect, as the client gets it and the audit log has it."""
    note = "; ".join(filter(None, (outcome.note, _note(kind))))
    return replace(outcome, reply=None if kind is Kind.RESET_AFTER else outcome.reply, note=note)


def _note(kind: Kind) -> str:
    return f"weather: {kind.value}"


def _unknown_host(request: Request) -> _Outcome:
    message = f"{request.host} is not part of this sandbox; its hosts are those of mlops.yaml."
    return _Outcome(_reply(421, {"message": message}, {}), ANONYMOUS, note="unknown host")


def _table(kind: HostKind, routes: Sequence[Route]) -> dict[str, list[_Row]]:
    table: dict[str, list[_Row]] = {}
    for route in routes:
        if route.host is kind:
            table.setdefault(route.method, []).append(_Row(compile_path(route.path)[0], route))
    return table


def _body(request: Request) -> tuple[Any, bool]:
    """The body as the call gets it, and whether it is what it says to be."""
    content = request.body.strip()
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/octet-stream":
        return request.body, True
    if not content:
        return None, True
    # Both services read JSON whatever the type says; curl calls everything a form.
    if kind == "application/x-www-form-urlencoded" and content[:1] not in b"{[":
        return dict(parse_qsl(content.decode("utf-8", "replace"), keep_blank_values=True)), True
    try:
        return json.loads(content), True
    except ValueError:
        return None, False


def _reply(status: int, body: Any, headers: Mapping[str, str]) -> Reply:
    content = body if isinstance(body, bytes) else _json(body)
    sent = {name.lower(): value for name, value in headers.items()}
    if status in _BODILESS:
        return Reply(status, sent, b"")
    if content:
        sent.setdefault("content-type", "application/json")
    sent["content-length"] = str(len(content))
    return Reply(status, sent, content)


def _json(body: Any) -> bytes:
    return b"" if body is None else json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
