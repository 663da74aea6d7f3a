"""How the stand-ins send: retries, proxies, credentials, and what they make of refusals."""

import base64
import contextlib
import socketserver
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from nacl.public import PrivateKey, SealedBox

from packages.sandbox.tests.standins_fixtures import Fake, serving
from sandbox.standins import transport
from sandbox.standins.behaviour import Level, MissingError, RefusedError
from sandbox.standins.databricks import current_user, obo_tokens, permissions, service_principals
from sandbox.standins.databricks.session import Session as Databricks
from sandbox.standins.github import repositories, variables
from sandbox.standins.github.sealed_box import seal
from sandbox.standins.github.session import ConflictError, InvalidError, _endpoints, _rate_limit_seconds
from sandbox.standins.github.session import Session as GitHub
from sandbox.standins.replies import Reply, Retries, UnreachableError

ME = "/api/2.0/preview/scim/v2/Me"
DISCOVERY = "/oidc/.well-known/oauth-authorization-server"


@pytest.fixture
def fake() -> Iterator[Fake]:
    with serving(Fake()) as fake:
        yield fake


@pytest.fixture(autouse=True)
def no_connection_is_left_open(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A process ends with its connections; a test does not."""
    opened = []
    connect = transport._connect

    def recording(*address: Any) -> HTTPConnection:
        opened.append(connect(*address))
        return opened[-1]

    monkeypatch.setattr(transport, "_connect", recording)
    yield
    for connection in opened:
        connection.close()


@pytest.fixture(autouse=True)
def no_proxy_and_no_waiting(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that would have been made."""
    for name in ("HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
    pauses: list[float] = []
    monkeypatch.setattr(time, "sleep", pauses.append)
    return pauses


def answering(fake: Fake, method: str, path: str, *answers: Any) -> None:
    """Give the answers in turn, the last one for ever."""
    left = list(answers)
    fake.on(method, path)(lambda _: left.pop(0) if len(left) > 1 else left[0])


def databricks(fake: Fake, **config: Any) -> Databricks:
    return Databricks({"host": fake.url, "token": "dapi1", "retry_timeout_seconds": 20, **config}, {})


def login(fake: Fake) -> Databricks:
    """A session that has to ask for a token first."""
    secret = {"client_id": "id", "client_secret": "secret"}
    return Databricks({"host": fake.url, "auth_type": "oauth-m2m", "retry_timeout_seconds": 20, **secret}, {})


def github(fake: Fake, **config: Any) -> GitHub:
    return GitHub({"base_url": f"{fake.url}/", "owner": "o", "token": "ghp", **config}, {})


# --- retries


@pytest.mark.parametrize("status", [429, 503])
def test_databricks_is_asked_again_when_it_is_busy(
    fake: Fake, status: int, no_proxy_and_no_waiting: list[float]
) -> None:
    answering(fake, "GET", ME, (status, {}), (status, {}), {"id": "1"})
    assert databricks(fake).send(current_user.ME) == {"id": "1"}
    assert [int(pause) for pause in no_proxy_and_no_waiting] == [1, 2]


@pytest.mark.parametrize("status", [500, 502, 504])
def test_databricks_is_not_asked_again_when_it_is_broken(fake: Fake, status: int) -> None:
    answering(fake, "GET", ME, (status, {"message": "broken"}))
    with pytest.raises(RefusedError, match="broken"):
        databricks(fake).send(current_user.ME)
    assert len(fake.sent()) == 1


@pytest.mark.parametrize(
    "answer",
    [
        (500, {"error_code": "REQUEST_LIMIT_EXCEEDED", "message": "too many"}),
        (500, {"message": "REQUEST_LIMIT_EXCEEDED: GetUserPermissionsRequest RPC token bucket limit"}),
        (400, {"error_code": "RESOURCE_EXHAUSTED", "message": "wait"}),
        (504, {"error_code": "INTERNAL_ERROR", "message": "context deadline exceeded"}),
        (400, {"message": "Timed out after 30 seconds"}),
        (400, {"message": "worker env WorkerEnvId(1) not found"}),
    ],
)
def test_databricks_is_asked_again_whatever_the_status_when_the_words_say_so(fake: Fake, answer: Any) -> None:
    answering(fake, "GET", ME, answer, {"id": "1"})
    assert databricks(fake).send(current_user.ME) == {"id": "1"}


def test_permissions_are_asked_for_until_the_gateway_has_time(fake: Fake, no_proxy_and_no_waiting: list[float]) -> None:
    """`readRaw` of permissions/resource_permissions.go asks again on 504, without limit."""
    answering(fake, "GET", ME, {"id": "1", "userName": "me"})
    entry = {"group_name": "users", "all_permissions": [{"permission_level": "CAN_VIEW", "inherited": False}]}
    found = {"object_type": "job", "access_control_list": [entry]}
    answering(fake, "GET", "/api/2.0/permissions/jobs/7", *[(504, {"message": "too long"})] * 3, found)
    state = {"id": "/jobs/7", "job_id": "7", "access_control": []}
    read = permissions.RESOURCE.read(databricks(fake, retry_timeout_seconds=0.001), state)
    assert read is not None
    assert [int(pause) for pause in no_proxy_and_no_waiting] == [1, 2, 3]


@pytest.mark.parametrize("status", [429, 500, 503, 504])
def test_a_token_is_asked_for_once(fake: Fake, status: int) -> None:
    """The body of that request cannot be sent again (RoundTrip of httpclient/api_client.go in SDK 0.93)."""
    answering(fake, "GET", DISCOVERY, {"token_endpoint": f"{fake.url}/oidc/v1/token"})
    answering(fake, "POST", "/oidc/v1/token", (status, {"message": "too many requests"}), {"access_token": "t"})
    with pytest.raises(RefusedError, match=f"cannot fetch token: {status}"):
        login(fake).send(current_user.ME)


def test_where_tokens_are_is_asked_again_when_the_words_say_so(fake: Fake) -> None:
    """refreshClient of config/config.go looks at the words only, and at these spellings of them."""
    found = {"token_endpoint": f"{fake.url}/oidc/v1/token"}
    answering(fake, "GET", DISCOVERY, (503, {"message": "rate limit"}), (429, {"message": "too many requests"}), found)
    answering(fake, "POST", "/oidc/v1/token", {"access_token": "t"})
    answering(fake, "GET", ME, {"id": "1"})
    assert login(fake).send(current_user.ME) == {"id": "1"}


@pytest.mark.parametrize("status", [429, 503, 504])
def test_where_tokens_are_is_not_asked_again_for_a_status(fake: Fake, status: int) -> None:
    answering(fake, "GET", DISCOVERY, (status, {"message": "Too many requests"}), {"token_endpoint": "x"})
    with pytest.raises(RefusedError, match="OAuth is not supported"):
        login(fake).send(current_user.ME)


def test_databricks_is_given_up_after_the_configured_time(fake: Fake) -> None:
    answering(fake, "GET", ME, (503, {"message": "busy"}))
    with pytest.raises(RefusedError, match="busy"):
        databricks(fake, retry_timeout_seconds=0.3).send(current_user.ME)
    assert len(fake.sent()) > 1


@pytest.mark.parametrize("unset", [None, 0, -1])
def test_databricks_is_never_given_up_by_default(fake: Fake, unset: Any) -> None:
    session = databricks(fake, retry_timeout_seconds=unset)
    assert session._transport._retries.seconds is None


class Cutter(socketserver.BaseRequestHandler):
    """Closes the connection on the first request and answers the second."""

    requests = 0

    def handle(self) -> None:
        self.request.recv(10_000)
        type(self).requests += 1
        if type(self).requests > 1:
            self.request.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")


@pytest.mark.parametrize(("when_cut", "requests"), [(False, 1), (True, 2)], ids=["databricks", "github"])
def test_a_lost_answer_is_asked_for_again_by_github_only(when_cut: bool, requests: int) -> None:
    Cutter.requests = 0
    retries = Retries(frozenset(), pause=lambda _: 0, attempts=3, when_unreachable=True, when_cut=when_cut)
    with socketserver.TCPServer(("127.0.0.1", 0), Cutter) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        url = f"http://127.0.0.1:{server.server_address[1]}/"
        with contextlib.suppress(UnreachableError):
            assert transport.Transport(retries).send("POST", url, {}, b"{}").ok
        server.shutdown()
        thread.join()
    assert Cutter.requests == requests


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_github_is_asked_three_more_times_at_once(
    fake: Fake, status: int, no_proxy_and_no_waiting: list[float]
) -> None:
    answering(fake, "GET", "/api/v3/orgs/o", {"id": 1})
    answering(fake, "GET", "/api/v3/repos/o/r", *[(status, {})] * 3, {"id": 5})
    assert github(fake).send(repositories.READ, repository="r") == {"id": 5}
    assert no_proxy_and_no_waiting == [0, 0, 0]


def test_github_is_given_up_after_max_retries(fake: Fake) -> None:
    answering(fake, "GET", "/api/v3/orgs/o", {"id": 1})
    answering(fake, "GET", "/api/v3/repos/o/r", (502, {"message": "bad gateway"}))
    with pytest.raises(RefusedError, match=r"GET http.*/repos/o/r: 502 bad gateway \[\]"):
        github(fake, max_retries=1).send(repositories.READ, repository="r")
    assert len(fake.sent()) == 3


def test_github_retries_what_the_configuration_names(fake: Fake) -> None:
    answering(fake, "GET", "/api/v3/orgs/o", {"id": 1})
    answering(fake, "GET", "/api/v3/repos/o/r", (429, {}), {"id": 5})
    assert github(fake, retryable_errors=[429]).send(repositories.READ, repository="r") == {"id": 5}
    answering(fake, "GET", "/api/v3/repos/o/q", (429, {}))
    with pytest.raises(RefusedError, match="429"):
        github(fake).send(repositories.READ, repository="q")


def test_github_says_how_long_to_wait(fake: Fake, no_proxy_and_no_waiting: list[float]) -> None:
    secondary = b'{"documentation_url": "https://docs.github.com/rest#secondary-rate-limits"}'
    assert _rate_limit_seconds(Reply(403, {"retry-after": "7"}, secondary)) == 7
    assert _rate_limit_seconds(Reply(403, {"retry-after": "7"}, b"{}")) is None
    limited = Reply(403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(time.time() + 60)}, b"{}")
    assert _rate_limit_seconds(limited) == pytest.approx(60, abs=5)


def test_an_unreachable_server_is_tried_until_the_time_is_over(no_proxy_and_no_waiting: list[float]) -> None:
    started = time.monotonic()
    retries = Retries(frozenset(), pause=lambda _: 0, seconds=0.2, when_unreachable=True)
    with pytest.raises(UnreachableError, match=r"GET http://127\.0\.0\.1:1/: .*refused"):
        transport.Transport(retries).send("GET", "http://127.0.0.1:1/", {})
    assert len(no_proxy_and_no_waiting) > 1
    assert time.monotonic() - started < 5


# --- connections


def test_a_connection_that_the_server_closed_is_not_used_again(fake: Fake) -> None:
    session = databricks(fake)
    answering(fake, "GET", ME, {"id": "1"})
    session.send(current_user.ME)
    connection = next(iter(session._transport._idle.values()))[0]
    connection.sock.shutdown(2)
    assert session.send(current_user.ME) == {"id": "1"}


@pytest.mark.parametrize(
    ("url", "environ", "proxy"),
    [
        ("api.github.com", {"HTTPS_PROXY": "http://127.0.0.1:8080"}, ("127.0.0.1", 8080)),
        ("api.github.com", {"https_proxy": "127.0.0.1:8080"}, ("127.0.0.1", 8080)),
        ("api.github.com", {}, None),
        ("localhost", {"HTTPS_PROXY": "http://127.0.0.1:8080"}, None),
        ("127.0.0.1", {"HTTPS_PROXY": "http://127.0.0.1:8080"}, None),
        ("api.github.com", {"HTTPS_PROXY": "http://127.0.0.1:8080", "NO_PROXY": "github.com"}, None),
    ],
)
def test_proxies_are_used_as_go_would(
    monkeypatch: pytest.MonkeyPatch, url: str, environ: dict[str, str], proxy: Any
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    connection = transport._connect("https", url, None)
    assert (connection.host, connection.port) == (proxy or (url, 443))


# --- Databricks: configuration, authentication, refusals


def test_the_level_is_said_by_the_host_alone() -> None:
    for host, level in {
        "https://accounts.cloud.databricks.com": Level.ACCOUNT,
        "https://accounts.anything.example/path": Level.ACCOUNT,
        "https://acme.cloud.databricks.com": Level.WORKSPACE,
        "acme.cloud.databricks.com": Level.WORKSPACE,
        "http://accounts.local": Level.WORKSPACE,
    }.items():
        assert Databricks({"host": host, "account_id": "a"}, {}).level == level


def test_what_the_block_leaves_open_comes_from_the_environment(fake: Fake) -> None:
    answering(fake, "GET", ME, {"id": "1"})
    environ = {"DATABRICKS_HOST": fake.url, "DATABRICKS_TOKEN": "dapi1"}
    assert Databricks({"retry_timeout_seconds": 0}, environ).send(current_user.ME) == {"id": "1"}


PROFILES = """\
[DEFAULT]
host = https://default.example
token = of-default

[team]
host = https://team.example
client_id = id
"""


def test_a_profile_fills_what_is_still_open_and_inherits_nothing(tmp_path: Path) -> None:
    path = tmp_path / "databrickscfg"
    path.write_text(PROFILES)
    environ = {"DATABRICKS_CONFIG_FILE": str(path), "DATABRICKS_CLIENT_SECRET": "s"}
    settings = Databricks({"profile": "team", "host": "https://block.example"}, environ)._settings
    assert (settings["host"], settings["client_id"], settings["token"]) == ("https://block.example", "id", "")
    assert Databricks({}, {"DATABRICKS_CONFIG_FILE": str(path)})._settings["token"] == "of-default"
    assert Databricks({}, {**environ, "DATABRICKS_TOKEN": "t"})._settings["host"] == ""
    with pytest.raises(RefusedError, match="has no absent profile configured"):
        Databricks({"profile": "absent"}, environ)


def test_two_kinds_of_credentials_need_an_auth_type(fake: Fake) -> None:
    environ = {"DATABRICKS_TOKEN": "dapi1", "DATABRICKS_CLIENT_ID": "id", "DATABRICKS_CLIENT_SECRET": "secret"}
    answering(fake, "GET", ME, {"id": "1"})
    with pytest.raises(RefusedError, match="more than one authorization method configured"):
        Databricks({"host": fake.url}, environ).send(current_user.ME)
    assert Databricks({"host": fake.url, "auth_type": "pat"}, environ).send(current_user.ME) == {"id": "1"}


@pytest.mark.parametrize("config", [{}, {"auth_type": "oauth-m2m"}, {"token": "t", "auth_type": "oauth-m2m"}])
def test_missing_credentials_are_said_at_the_first_request(config: dict[str, str]) -> None:
    session = Databricks({"host": "https://acme.example", **config}, {"DATABRICKS_CONFIG_FILE": "/dev/null"})
    with pytest.raises(RefusedError, match="cannot configure default credentials"):
        session.send(current_user.ME)


def oauth(fake: Fake, **answer: Any) -> Databricks:
    answering(fake, "GET", "/oidc/.well-known/oauth-authorization-server", {"token_endpoint": f"{fake.url}/t"})
    fake.on("POST", "/t")(lambda _: answer or {"access_token": "a", "expires_in": 3600})
    answering(fake, "GET", ME, {"id": "1"})
    return databricks(fake, token=None, client_id="id", client_secret="shh", auth_type="oauth-m2m")


def test_a_workspace_is_asked_where_to_get_a_token_once(fake: Fake) -> None:
    session = oauth(fake)
    session.send(current_user.ME)
    session.send(current_user.ME)
    assert fake.sent() == ["GET /oidc/.well-known/oauth-authorization-server", "POST /t", f"GET {ME}", f"GET {ME}"]


def test_a_refused_client_secret_is_not_repeated_in_the_message(fake: Fake) -> None:
    with pytest.raises(RefusedError, match=r"cannot fetch token: 200 \(invalid_client\)") as refused:
        oauth(fake, error="invalid_client").send(current_user.ME)
    assert "shh" not in str(refused.value)


def test_an_account_request_needs_the_account(fake: Fake) -> None:
    with pytest.raises(RefusedError, match="account_id missing"):
        Databricks({"host": "https://accounts.x.example", "token": "t"}, {}).send(service_principals.LIST)
    with pytest.raises(RefusedError, match="the account API has no POST"):
        Databricks({"host": "https://accounts.x.example", "token": "t", "account_id": "a"}, {}).send(obo_tokens.CREATE)


@pytest.mark.parametrize(
    ("status", "body", "kind", "text"),
    [
        (404, {"error_code": "NOT_FOUND", "message": "no"}, MissingError, "no"),
        (404, {"error_code": "CATALOG_DOES_NOT_EXIST", "message": "no"}, MissingError, "no"),
        (404, {"error_code": "INVALID_PARAMETER_VALUE", "message": "no"}, RefusedError, "no"),
        (400, {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "no"}, MissingError, "no"),
        (403, {"error_code": "PERMISSION_DENIED", "message": "no"}, RefusedError, "no"),
        (409, {"scimType": "uniqueness", "detail": "twice", "status": "409"}, RefusedError, "uniqueness twice"),
        (500, None, RefusedError, "HTTP 500"),
        (500, {"detail": "null", "status": "500"}, RefusedError, "SCIM API Internal Error"),
        (502, "gateway", RefusedError, '"gateway"'),
    ],
)
def test_refusals_are_read_as_the_sdk_reads_them(
    fake: Fake, status: int, body: Any, kind: type[RefusedError], text: str
) -> None:
    answering(fake, "GET", ME, (status, body))
    with pytest.raises(RefusedError) as refused:
        databricks(fake).send(current_user.ME)
    assert (type(refused.value), str(refused.value)) == (kind, text)


# --- GitHub


def test_the_owner_is_looked_up_first_and_any_error_means_a_user(fake: Fake) -> None:
    assert github(fake).is_organization is False
    answering(fake, "GET", "/api/v3/orgs/o", {"id": 1})
    assert github(fake).is_organization is True
    assert fake.sent() == ["GET /api/v3/orgs/o"] * 2


def test_without_an_owner_it_is_whose_token_it_is(fake: Fake) -> None:
    answering(fake, "GET", "/api/v3/user", {"login": "me"})
    assert github(fake, owner=None).owner == "me"
    assert github(fake, owner=None, token=None).owner == ""


def test_the_environment_outranks_the_owner_in_the_block(fake: Fake) -> None:
    config = {"base_url": f"{fake.url}/", "owner": "o"}
    assert GitHub(config, {"GITHUB_OWNER": "from-the-environment", "GITHUB_TOKEN": "t"}).owner == "from-the-environment"


@pytest.mark.parametrize(("status", "kind"), [(404, MissingError), (409, ConflictError), (422, InvalidError)])
def test_refusals_of_github_have_kinds(fake: Fake, status: int, kind: type[RefusedError]) -> None:
    answering(fake, "POST", "/api/v3/repos/o/r/actions/variables", (status, {"message": "no"}))
    with pytest.raises(kind, match=rf"POST http.*: {status} no \[\]"):
        github(fake).send(variables.CREATE, repository="r", body={})


def test_what_a_graphql_endpoint_says_instead_of_an_answer_is_quoted(fake: Fake) -> None:
    answering(fake, "POST", "/api/graphql", (502, {"message": "Server Error"}))
    with pytest.raises(RefusedError, match=r'non-200 OK status code: 502 Bad Gateway body: ".*Server Error'):
        github(fake, max_retries=0).query("query{viewer{id}}", {})


@pytest.mark.parametrize(
    ("base_url", "endpoints"),
    [
        ("", ("https://api.github.com", "https://api.github.com/graphql")),
        ("https://api.github.com/", ("https://api.github.com", "https://api.github.com/graphql")),
        ("https://ghe.example/", ("https://ghe.example/api/v3", "https://ghe.example/api/graphql")),
    ],
)
def test_only_github_com_has_its_api_at_the_root(base_url: str, endpoints: tuple[str, str]) -> None:
    assert _endpoints(base_url) == endpoints


def test_a_sealed_value_opens_with_the_private_key_only() -> None:
    key = PrivateKey.generate()
    box = seal(base64.b64encode(bytes(key.public_key)).decode(), "s3cret")
    assert SealedBox(key).decrypt(base64.b64decode(box)) == b"s3cret"
