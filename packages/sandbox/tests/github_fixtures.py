"""GitHub's half of the sandbox in this process, and real clients (requests, PyGithub) in front of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from github import Auth, Github
from github.Repository import Repository
from github.Requester import HTTPRequestsConnectionClass, HTTPSRequestsConnectionClass, Requester
from requests.adapters import BaseAdapter

from sandbox.clock import Clock
from sandbox.dispatch import Dispatcher, Request
from sandbox.github.service import SERVICE
from sandbox.github.world.day_one import join, seed
from sandbox.github.world.repositories.repositories import find_repository
from sandbox.store import Document, Store
from sandbox.world import HostKind, World

HOST = "api.github.com"
ADMIN, READER, WRITER, STRANGER = "admin-token", "reader-token", "writer-token", "stranger-token"
WORLD = World(
    account_id="a", account_host="accounts.example", workspaces=(), github_host=HOST, owner="acme", repository="taxi"
)
REPOSITORY = f"/repos/{WORLD.owner}/{WORLD.repository}"


class _InProcess(BaseAdapter):
    """Carries what requests would send to the dispatcher."""

    def __init__(self, dispatcher: Dispatcher) -> None:
        super().__init__()
        self._dispatcher = dispatcher

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        url = urlsplit(request.url or "")
        assert isinstance(url.hostname, str)
        content = request.body or b""
        assert isinstance(content, str | bytes)
        reply = self._dispatcher.dispatch(
            Request(
                method=request.method or "",
                host=url.hostname,
                path=url.path,
                query=url.query,
                headers={name.lower(): str(value) for name, value in request.headers.items()},
                body=content.encode() if isinstance(content, str) else content,
            )
        )
        response = requests.Response()
        response.status_code = reply.status
        response.headers.update(reply.headers)
        response._content = reply.body
        response.url, response.request = request.url or "", request
        return response

    def close(self) -> None:
        pass


@dataclass(frozen=True, slots=True)
class GitHubSandbox:
    """A seeded sandbox; `writer` and `stranger` are further users, the latter with no place in the repository."""

    store: Store
    clock: Clock
    dispatcher: Dispatcher

    @property
    def repository(self) -> Document:
        found = find_repository(self.store, WORLD.owner, WORLD.repository)
        assert found is not None
        return found

    def session(self, token: str = ADMIN) -> requests.Session:
        """A requests session that is logged in."""
        session = requests.Session()
        session.mount("https://", _InProcess(self.dispatcher))
        session.trust_env = False
        session.headers["Authorization"] = f"Bearer {token}"
        return session

    def send(
        self, method: str, path: str, body: Any = None, *, token: str = ADMIN, query: Mapping[str, Any] | None = None
    ) -> requests.Response:
        """One request."""
        return self.session(token).request(method, f"https://{HOST}{path}", json=body, params=query)

    def graphql(self, query: str, variables: Mapping[str, Any] | None = None, *, token: str = ADMIN) -> Any:
        """The answer of one GraphQL request."""
        response = self.send("POST", "/graphql", {"query": query, "variables": variables or {}}, token=token)
        assert response.status_code == 200, response.text
        return response.json()

    def client(self, token: str = ADMIN) -> Github:
        """A PyGithub client."""
        adapter = _InProcess(self.dispatcher)

        class Connection(HTTPSRequestsConnectionClass):
            def __init__(self, *args: Any, **kwargs: Any) -> None:
                super().__init__(*args, **kwargs)
                self.session.mount("https://", adapter)

        Requester.injectConnectionClasses(HTTPRequestsConnectionClass, Connection)
        try:
            return Github(
                auth=Auth.Token(token), seconds_between_requests=None, seconds_between_writes=None, retry=None
            )
        finally:
            Requester.resetConnectionClasses()

    def transport(self) -> BaseAdapter:
        """What carries the requests of any other client that is made with requests."""
        return _InProcess(self.dispatcher)

    def repo(self, token: str = ADMIN) -> Repository:
        """The repository as PyGithub sees it."""
        return self.client(token).get_repo(f"{WORLD.owner}/{WORLD.repository}")


def open_sandbox(folder: Path) -> GitHubSandbox:
    """A fresh sandbox under `folder`."""
    store, clock = Store(folder / "state.sqlite"), Clock()
    with store.transaction():
        seed(store, WORLD, clock, admin_token=ADMIN, reader_token=READER)
        repository = find_repository(store, WORLD.owner, WORLD.repository)
        assert repository is not None
        join(store, clock, repository, login="writer", permission="write", token=WRITER)
        join(store, clock, repository, login="stranger", permission=None, token=STRANGER)
    dispatcher = Dispatcher(world=WORLD, services={HostKind.GITHUB: SERVICE}, store=store, clock=clock)
    return GitHubSandbox(store, clock, dispatcher)
