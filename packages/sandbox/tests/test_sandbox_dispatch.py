"""The dispatcher, over a service of three rows and a clock of its own."""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sandbox import audit
from sandbox.clock import Clock
from sandbox.context import Caller, RefusalError
from sandbox.dispatch import Dispatcher, DroppedError, Reply, Request
from sandbox.route import Answer, Call, Route
from sandbox.rules import Authenticated, Public
from sandbox.store import Store
from sandbox.weather import Lightning, Moment
from sandbox.world import HostKind, Workspace, World

ACCOUNT = "accounts.cloud.databricks.com"
WORKSPACE = "acme.cloud.databricks.com"
WORLD = World(
    account_id="a",
    account_host=ACCOUNT,
    workspaces=(Workspace(7, WORKSPACE),),
    github_host="api.github.com",
    owner="acme",
    repository="taxi",
)


class ToyRefusalError(RefusalError):
    def __init__(self, status: int, message: str) -> None:
        self.status, self.message = status, message


@dataclass(frozen=True)
class Never:
    def check(self, call: Call) -> None:
        raise ToyRefusalError(403, f"{call.caller.name} may not")


def write(call: Call) -> dict[str, Any]:
    call.store.put("toy.thing", call.params["id"], {"body": call.body, "query": dict(call.query)})
    return {"id": call.params["id"]}


def write_and_refuse(call: Call) -> None:
    call.store.put("toy.thing", "half", {})
    raise ToyRefusalError(409, "exists")


def fail(call: Call) -> None:
    call.store.put("toy.thing", "half", {})
    raise KeyError("dapi-in-an-exception")


def read(call: Call) -> list[Any]:
    return [call.caller.name, call.path, dict(call.params), call.workspace and call.workspace.id]


class Toy:
    routes = (
        Route("POST", HostKind.WORKSPACE, "/things/{id}", write, Authenticated()),
        Route("GET", HostKind.WORKSPACE, "/things/{id}", read, Authenticated()),
        Route("GET", HostKind.WORKSPACE, "/files/{path:path}", read, Authenticated()),
        Route("GET", HostKind.ACCOUNT, "/only-account", read, Authenticated()),
        Route("POST", HostKind.WORKSPACE, "/refused", write_and_refuse, Authenticated()),
        Route("POST", HostKind.WORKSPACE, "/fails", fail, Authenticated()),
        Route("POST", HostKind.WORKSPACE, "/forbidden", write, Never()),
        Route("POST", HostKind.WORKSPACE, "/token", lambda call: {"form": call.body}, Public()),
        Route("POST", HostKind.WORKSPACE, "/nothing", lambda call: None, Authenticated()),
        Route("DELETE", HostKind.WORKSPACE, "/nothing", lambda call: Answer(status=204), Authenticated()),
    )

    def authenticate(self, call: Call) -> Caller:
        if call.headers.get("authorization") != "Bearer good":
            raise ToyRefusalError(401, "who?")
        return Caller("user", "1", "ann@acme.com")

    def headers(self, call: Call) -> Mapping[str, str]:
        return {"X-Host": call.host}

    def refused(self, refusal: RefusalError) -> Answer:
        assert isinstance(refusal, ToyRefusalError)
        return Answer({"message": refusal.message}, refusal.status)

    def unknown(self, call: Call) -> RefusalError:
        return ToyRefusalError(501, f"add {call.method} {call.path} to toy.py")

    def malformed(self, call: Call) -> RefusalError:
        return ToyRefusalError(400, "not JSON")

    def broken(self, call: Call) -> RefusalError:
        return ToyRefusalError(500, "see the log")

    def outage(self, call: Call, status: int, *, retry_after: int) -> Answer:
        return Answer({"message": f"{call.caller.name} may come back"}, status, {"Retry-After": str(retry_after)})


class Sandbox:
    def __init__(self, path: Path) -> None:
        self.store = Store(path)
        toy = Toy()
        self.dispatcher = Dispatcher(
            world=WORLD, services=dict.fromkeys(HostKind, toy), store=self.store, clock=Clock()
        )

    def ask(
        self, method: str, path: str, *, body: bytes = b"", token: str = "good", host: str = WORKSPACE, **headers: str
    ) -> Reply:
        path, _, query = path.partition("?")
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.dispatcher.dispatch(
            Request(method, host, path, query, {"authorization": f"Bearer {token}", **named}, body)
        )

    @property
    def things(self) -> list[str]:
        return [key for key, _ in self.store.all("toy.thing")]


@pytest.fixture
def sandbox(tmp_path: Path) -> Any:
    sandbox = Sandbox(tmp_path / "state.sqlite")
    yield sandbox
    sandbox.store.close()


def message(reply: Reply) -> str:
    return str(json.loads(reply.body)["message"])


def test_a_handler_gets_parameters_query_body_caller_and_workspace(sandbox: Sandbox) -> None:
    reply = sandbox.ask("POST", "/things/a%2Fb?x=1&y=", body=b'{"n": 1}')
    assert (reply.status, json.loads(reply.body)) == (200, {"id": "a/b"})
    assert sandbox.store.get("toy.thing", "a/b") == {"body": {"n": 1}, "query": {"x": "1", "y": ""}}
    assert json.loads(sandbox.ask("GET", "/things/z").body) == ["ann@acme.com", "/things/z", {"id": "z"}, 7]
    assert json.loads(sandbox.ask("GET", "/files/a/b/c").body)[2] == {"path": "a/b/c"}


def test_content_length_is_exact_and_bodiless_answers_have_none(sandbox: Sandbox) -> None:
    reply = sandbox.ask("GET", "/things/%C3%A9")
    assert reply.headers["content-length"] == str(len(reply.body))
    assert reply.headers["content-type"] == "application/json"
    assert reply.headers["x-host"] == WORKSPACE
    assert sandbox.ask("POST", "/nothing").body == b"{}"
    empty = sandbox.ask("DELETE", "/nothing")
    assert (empty.status, empty.body, "content-length" in empty.headers) == (204, b"", False)


def test_a_route_answers_on_its_kind_of_host_only(sandbox: Sandbox) -> None:
    assert sandbox.ask("GET", "/only-account", host=ACCOUNT).status == 200
    assert sandbox.ask("GET", "/only-account").status == 501


def test_an_unknown_route_says_what_to_add_before_it_asks_who_calls(sandbox: Sandbox) -> None:
    reply = sandbox.ask("PATCH", "/things/1", token="bad")
    assert (reply.status, message(reply)) == (501, "add PATCH /things/1 to toy.py")


def test_a_host_that_is_not_ours_is_misdirected(sandbox: Sandbox) -> None:
    reply = sandbox.ask("GET", "/things/1", host="evil.example")
    assert reply.status == 421
    assert "evil.example" in message(reply)


def test_the_credential_is_checked_before_the_body_and_the_body_before_the_rule(sandbox: Sandbox) -> None:
    assert sandbox.ask("POST", "/forbidden", body=b"{", token="bad").status == 401
    assert sandbox.ask("POST", "/forbidden", body=b"{").status == 400
    forbidden = sandbox.ask("POST", "/forbidden", body=b"{}")
    assert (forbidden.status, message(forbidden)) == (403, "ann@acme.com may not")


def test_public_routes_ask_for_no_credential_and_read_forms(sandbox: Sandbox) -> None:
    reply = sandbox.ask(
        "POST",
        "/token",
        token="bad",
        body=b"grant_type=client_credentials&scope=all-apis",
        content_type="application/x-www-form-urlencoded; charset=utf-8",
    )
    assert json.loads(reply.body) == {"form": {"grant_type": "client_credentials", "scope": "all-apis"}}


def test_json_is_read_even_when_curl_calls_it_a_form(sandbox: Sandbox) -> None:
    reply = sandbox.ask("POST", "/token", body=b' {"a": 1}', content_type="application/x-www-form-urlencoded")
    assert json.loads(reply.body) == {"form": {"a": 1}}


def test_a_refusal_takes_back_what_the_request_had_changed(sandbox: Sandbox) -> None:
    assert sandbox.ask("POST", "/refused").status == 409
    assert sandbox.things == []


def test_what_fails_takes_back_the_requests_that_were_made_inside_of_it(sandbox: Sandbox) -> None:
    def both() -> None:
        with sandbox.store.transaction():
            assert sandbox.ask("POST", "/things/1").status == 200
            assert sandbox.ask("POST", "/refused").status == 409
            raise LookupError(sandbox.things)

    with pytest.raises(LookupError, match=r"\['1'\]"):
        both()
    assert (sandbox.things, audit.entries(sandbox.store)) == ([], [])
    with sandbox.store.transaction():
        sandbox.ask("POST", "/refused")
        sandbox.ask("POST", "/things/2")
    assert (sandbox.things, [entry.status for entry in audit.entries(sandbox.store)]) == (["2"], [409, 200])


def test_a_failing_handler_answers_500_without_internals_and_logs_them(
    sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, logger="sandbox"):
        reply = sandbox.ask("POST", "/fails")
    assert (reply.status, json.loads(reply.body)) == (500, {"message": "see the log"})
    assert sandbox.things == []
    assert "KeyError" in caplog.text


def test_every_request_is_in_the_audit_log_without_its_secrets(sandbox: Sandbox) -> None:
    sandbox.ask("POST", "/things/1?access_token=hush", body=b'{"password": "hush"}')
    sandbox.ask("GET", "/things/1", token="hush")
    sandbox.ask("POST", "/fails")
    sandbox.ask("GET", "/things/1", host="evil.example")
    entries = audit.entries(sandbox.store)
    assert [(e.n, e.method, e.host, e.path, e.status, e.principal, e.changed) for e in entries] == [
        (1, "POST", WORKSPACE, "/things/1", 200, "ann@acme.com", True),
        (2, "GET", WORKSPACE, "/things/1", 401, "-", False),
        (3, "POST", WORKSPACE, "/fails", 500, "ann@acme.com", False),
        (4, "GET", "evil.example", "/things/1", 421, "-", False),
    ]
    assert all(entry.milliseconds >= 0 for entry in entries)
    text = repr(entries) + "".join(entry.line() for entry in entries)
    assert "hush" not in text
    assert "dapi-in-an-exception" not in text
    assert [entry.n for entry in audit.entries(sandbox.store, after=3)] == [4]


@pytest.mark.parametrize(("moment", "kept"), [(Moment.BEFORE, ["1"]), (Moment.AFTER, ["1", "2"])])
def test_lightning_strikes_the_nth_request_that_writes_before_or_after_its_effect(
    sandbox: Sandbox, moment: Moment, kept: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    killed: list[tuple[int, int]] = []
    monkeypatch.setattr("os.killpg", lambda pid, number: killed.append((pid, number)))
    sandbox.dispatcher.weather.arm(Lightning(request=2, moment=moment, pid=4711, group=True))
    sandbox.ask("GET", "/things/1")
    sandbox.ask("POST", "/things/1")
    sandbox.ask("POST", "/refused")
    sandbox.ask("POST", "/token")
    with pytest.raises(DroppedError):
        sandbox.ask("POST", "/things/2")
    assert killed == [(4711, 9)]
    assert sandbox.things == kept
    assert audit.entries(sandbox.store)[-1].note == f"struck {moment.value} its effect"
    assert not sandbox.dispatcher.weather.armed
    assert sandbox.ask("POST", "/things/3").status == 200
