"""The client of checks: what it asks for, what it makes of refusals, and that nobody but GitHub gets the token."""

import io
import json
import threading
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from requests.adapters import BaseAdapter
from urllib3.response import HTTPResponse

from checks.github_api import GitHubError
from checks.github_client import GitHub
from checks.notes import RefusedError, Requests
from checks.refusals import said
from packages.sandbox.tests.github_fixtures import READER, GitHubSandbox, open_sandbox
from tests.github_checking import checking

TOKEN = "ghp_of-somebody-who-administers"
ELSEWHERE = [
    *("https://evil.example/repos/acme/taxi", "http://api.github.com/repos/acme/taxi", "//evil.example/"),
    *("https://api.github.com:8443/", "https://api.github.com@evil.example/", "https://me:x@api.github.com/"),
    *("https://api.github.com.evil.example/", "https://api.github.com\\@evil.example/"),
]


@pytest.fixture
def github(tmp_path: Path) -> Iterator[GitHubSandbox]:
    sandbox = open_sandbox(tmp_path)
    yield sandbox
    sandbox.store.close()


@dataclass
class Answers(BaseAdapter):
    """Answers what a test says: status, headers, body; an exception is raised."""

    says: Callable[[requests.PreparedRequest], tuple[int, dict[str, str], Any]]
    asked: list[requests.PreparedRequest] = field(default_factory=list)

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        self.asked.append(request)
        status, headers, body = self.says(request)
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        response = requests.Response()
        response.status_code, response.url, response.request = status, str(request.url), request
        response.headers.update(headers)
        response.raw = HTTPResponse(io.BytesIO(content), status=status, preload_content=False)
        return response

    def close(self) -> None:
        pass


def answering(status: int, body: Any = b"", **headers: str) -> Answers:
    return Answers(lambda _: (status, headers, body))


def client(transport: Answers, token: str = TOKEN) -> GitHub:
    return GitHub(token, transport=transport)


# --- the real API, as the sandbox plays it


def test_every_page_of_a_list_is_read_as_github_s_own_client_reads_it(github: GitHubSandbox) -> None:
    for number in range(203):
        github.repo().create_variable(f"N{number}", "1")
    found = list(checking(github).repository("acme/taxi").pages("actions/variables", "variables"))
    judge = [one.name for one in github.repo().get_variables()]
    assert [one["name"] for one in found] == judge
    assert len(judge) == 203


def test_a_repository_is_what_github_s_own_client_takes_it_for(github: GitHubSandbox) -> None:
    ours, theirs = checking(github, READER).repository("acme/taxi"), github.repo(READER)
    assert (ours.full_name, ours.visibility == "private") == (theirs.full_name, theirs.private)
    assert [ours.may(one) for one in ("admin", "push", "pull")] == [
        theirs.permissions.admin,
        theirs.permissions.push,
        theirs.permissions.pull,
    ]
    assert checking(github, READER).login() == github.client(READER).get_user().login


def test_a_refusal_has_github_s_status_and_words(github: GitHubSandbox) -> None:
    with pytest.raises(GitHubError, match=r"^Not Found$") as absent:
        checking(github).repository("acme/none")
    assert absent.value.status == 404
    with pytest.raises(GitHubError) as unknown:
        checking(github, "nobody's").login()
    assert said(unknown.value) == "GitHub rejects the token in GITHUB_TOKEN"
    query = 'query { repository(owner: "acme", name: "none") { branchProtectionRules(first: 1) { nodes { id } } } }'
    with pytest.raises(GitHubError, match="Could not resolve to a Repository"):
        checking(github).graphql(query, {})


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (
            422,
            {"message": "Validation Failed.", "errors": [{"message": "is taken."}, "x", {}]},
            "Validation Failed.; is taken",
        ),
        (502, b"<html>Bad gateway</html>", "GitHub answered 502"),
        (500, ["no", "object"], "GitHub answered 500"),
        (200, b"<html>Log in to the hotel's network</html>", "GitHub's answer is not JSON"),
        (403, {"message": None, "errors": "none"}, "GitHub answered 403"),
    ],
)
def test_an_answer_that_is_none_is_a_refusal(status: int, body: Any, words: str) -> None:
    with pytest.raises(GitHubError) as refusal:
        client(answering(status, body)).get("user")
    assert (refusal.value.status, said(refusal.value)) == (status, words)


# --- who gets the token


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_inside_github_repeats_the_request(status: int) -> None:
    def says(request: requests.PreparedRequest) -> tuple[int, dict[str, str], Any]:
        moved = str(request.url).endswith("/repos/acme/old/issues")
        return (status, {"Location": "/repositories/7/issues?x=1"}, b"") if moved else (201, {}, {"number": 1})

    transport = Answers(says)
    assert client(transport).ask("POST", "repos/acme/old/issues", {"title": "x"}).data == {"number": 1}
    assert [(one.method, one.url, one.body) for one in transport.asked] == [
        ("POST", "https://api.github.com/repos/acme/old/issues", b'{"title": "x"}'),
        ("POST", "https://api.github.com/repositories/7/issues?x=1", b'{"title": "x"}'),
    ]


@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.parametrize("location", ELSEWHERE)
def test_a_redirect_to_another_host_is_not_followed(status: int, location: str) -> None:
    transport = answering(status, Location=location)
    with pytest.raises(GitHubError, match="another host"):
        client(transport).get("repos/acme/taxi")
    assert [one.url for one in transport.asked] == ["https://api.github.com/repos/acme/taxi"]


def test_redirects_come_to_an_end() -> None:
    transport = answering(302, Location="/again")
    with pytest.raises(GitHubError, match="more than 3 times"):
        client(transport).get("repos/acme/taxi")
    assert len(transport.asked) == 4


def test_the_address_of_a_next_page_is_not_gone_to() -> None:
    def says(request: requests.PreparedRequest) -> tuple[int, dict[str, str], Any]:
        first = str(request.url).endswith("&page=1")
        link = '<https://evil.example/issues?page=2>; rel="next"' if first else '<https://evil.example/>; rel="first"'
        return 200, {"Link": link}, [1 if first else 2]

    transport = Answers(says)
    assert list(client(transport).pages("issues?state=open")) == [1, 2]
    assert [one.url for one in transport.asked] == [
        f"https://api.github.com/issues?state=open&per_page=100&page={number}" for number in (1, 2)
    ]


@pytest.mark.parametrize(
    "name", ["../../user", "a/b?c=@evil.example", "@evil.example/x", "a/b#c", ":80@evil.example/x"]
)
def test_a_name_leads_nowhere_else(name: str) -> None:
    transport = answering(200, {"full_name": name})
    client(transport).repository(name).get("actions/secrets")
    assert {urlsplit(str(one.url)).netloc for one in transport.asked} == {"api.github.com"}


def test_a_password_in_netrc_does_not_take_the_token_s_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine api.github.com login me password other\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(netrc))
    transport = answering(200, {"login": "me"})
    client(transport).login()
    assert transport.asked[0].headers["Authorization"] == f"Bearer {TOKEN}"


# --- where the token is not to be read


def test_no_answer_is_told_without_the_token() -> None:
    def says(request: requests.PreparedRequest) -> tuple[int, dict[str, str], Any]:
        raise requests.ConnectionError("the line is dead", request=request)

    one = client(Answers(says))
    with pytest.raises(requests.ConnectionError) as failed:
        one.login()
    assert failed.value.request is None
    assert TOKEN not in "".join(traceback.format_exception(failed.value)) + repr(one) + repr(vars(one))


@pytest.mark.parametrize("token", [f"{TOKEN}\n", f"{TOKEN}\r\nX: y", f" {TOKEN}", f"{TOKEN}é", f"{TOKEN}\0", ""])
def test_a_token_that_no_header_takes_is_refused_in_words_that_do_not_hold_it(token: str) -> None:
    with pytest.raises(GitHubError, match="copy it again") as refusal:
        GitHub(token)
    with pytest.raises(RefusedError, match="copy it again") as without:
        Requests("http://127.0.0.1:1", "acme/taxi", token)("GET", "issues", None)
    for error in (refusal.value, without.value):
        assert TOKEN not in "".join(traceback.format_exception(error))


# --- what has to do without anything installed


@dataclass
class Server:
    """An HTTP server on this machine that remembers who asked with what."""

    leads_to: str = ""
    status: int = 302
    seen: list[tuple[str, str | None]] = field(default_factory=list)
    address: str = ""


@pytest.fixture
def servers() -> Iterator[tuple[Server, Server]]:
    """Two of them: GitHub's, and another's."""
    both, running = (Server(), Server()), []
    for one in both:

        class Handler(BaseHTTPRequestHandler):
            told = one

            def do_GET(self) -> None:
                self.told.seen.append((self.path, self.headers["Authorization"]))
                moved = self.told.leads_to and not self.path.startswith("/moved")
                self.send_response(self.told.status if moved else 200)
                if moved:
                    self.send_header("Location", self.told.leads_to)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"[]")

            def log_message(self, *_: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        one.address = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        running.append(server)
    yield both
    for server in running:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_the_job_s_token_goes_to_no_other_host_either(servers: tuple[Server, Server], status: int) -> None:
    ours, other = servers
    ours.status, ours.leads_to = status, f"{other.address}/issues"
    with pytest.raises(RefusedError, match=f"GET issues: GitHub answered {status}"):
        Requests(ours.address, "acme/taxi", TOKEN)("GET", "issues", None)
    assert other.seen == []
    ours.leads_to = "/moved"
    assert Requests(ours.address, "acme/taxi", TOKEN)("GET", "issues", None).data == []
    assert ours.seen[-1] == ("/moved", f"Bearer {TOKEN}")
