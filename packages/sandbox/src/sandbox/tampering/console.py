"""The administrator at the services' own APIs, in this process: rules, transactions and audit log are the server's."""

import base64
import json
from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any
from urllib.parse import quote, urlencode

from sandbox.clock import Clock
from sandbox.dispatch import Dispatcher, Request
from sandbox.environment import Administrator
from sandbox.services import SERVICES
from sandbox.store import Store
from sandbox.world import World

_NOTHING: Mapping[str, str] = MappingProxyType({})


class ImpossibleError(Exception):
    """Why an act cannot be done now, as the end of a sentence: what the service said, or that it is already so."""


def escaped(name: object) -> str:
    """A name as a segment of a path."""
    return quote(str(name), safe="")


class Console:
    """Sends requests as the administrator, and answers with what the services said."""

    def __init__(self, *, store: Store, world: World, offset_seconds: float, who: Administrator) -> None:
        self.store = store
        self.world = world
        self.clock = Clock(offset=timedelta(seconds=offset_seconds))
        self._who = who
        self._dispatcher = Dispatcher(world=world, services=SERVICES, store=store, clock=self.clock)
        self._bearer = ""

    @property
    def name(self) -> str:
        """The administrator's name in Databricks."""
        return self._who.client_id

    def databricks(
        self, method: str, host: str, path: str, body: Any = None, *, query: Mapping[str, str] | None = None
    ) -> Any:
        """A request to the account or to a workspace."""
        return self._send(method, host, path, body, self._databricks_token(), query or _NOTHING)

    def account(self, method: str, path: str, body: Any = None) -> Any:
        """A request to the account's own API; the path goes on from the account's id."""
        path = f"/api/2.0/accounts/{self.world.account_id}{path}"
        return self.databricks(method, self.world.account_host, path, body)

    def repository(self, method: str, path: str, body: Any = None) -> Any:
        """A request to GitHub's REST API; the path goes on from the repository's own."""
        whole = f"/repos/{self.world.owner}/{self.world.repository}{path}"
        return self._send(method, self.world.github_host, whole, body, self._who.github_token)

    def graphql(self, query: str, variables: Mapping[str, Any]) -> Any:
        """The data that GitHub's GraphQL API answers."""
        body = {"query": query, "variables": dict(variables)}
        answer = self._send("POST", self.world.github_host, "/graphql", body, self._who.github_token)
        if answer.get("errors"):
            raise ImpossibleError(f"GitHub says: {answer['errors'][0]['message'].rstrip('.')}")
        return answer["data"]

    def _databricks_token(self) -> str:
        if not self._bearer:
            login = f"{self._who.client_id}:{self._who.client_secret}"
            reply = self._dispatcher.dispatch(
                Request(
                    method="POST",
                    host=self.world.account_host,
                    path=f"/oidc/accounts/{self.world.account_id}/v1/token",
                    headers={
                        "authorization": f"Basic {base64.b64encode(login.encode()).decode()}",
                        "content-type": "application/x-www-form-urlencoded",
                    },
                    body=urlencode({"grant_type": "client_credentials", "scope": "all-apis"}).encode(),
                )
            )
            if reply.status != 200:
                raise ImpossibleError("Databricks no longer lets the administrator in")
            self._bearer = json.loads(reply.body)["access_token"]
        return self._bearer

    def _send(
        self, method: str, host: str, path: str, body: Any, token: str, query: Mapping[str, str] = _NOTHING
    ) -> Any:
        reply = self._dispatcher.dispatch(
            Request(
                method=method,
                host=host,
                path=path,
                query=urlencode(query),
                headers={"authorization": f"Bearer {token}", "content-type": "application/json"},
                body=b"" if body is None else json.dumps(body).encode(),
            )
        )
        answer = json.loads(reply.body) if reply.body else {}
        if reply.status >= 400:
            service = "GitHub" if host == self.world.github_host else "Databricks"
            said = str(answer.get("message") or answer.get("detail"))
            raise ImpossibleError(f"{service} says: {said.rstrip('.')}")
        return answer
