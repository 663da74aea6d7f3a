"""A Databricks account in the test's own process: real clients whose requests go straight to the dispatcher."""

import io
import json
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from databricks.sdk import AccountClient, WorkspaceClient
from databricks.sdk.config import Config
from databricks.sdk.service import iam
from requests.structures import CaseInsensitiveDict
from urllib3.response import HTTPResponse

from sandbox.clock import Clock
from sandbox.databricks.service import SERVICE
from sandbox.databricks.world.day_one import CatalogOnDayOne, seed
from sandbox.dispatch import Dispatcher, Reply, Request
from sandbox.store import Store
from sandbox.world import HostKind, Workspace, World

ACCOUNT_ID = "9f2c1a3e-0000-4000-8000-5c6b7a8d9e0f"
STAGING = Workspace(id=1111111111111111, host="acme-staging.cloud.databricks.com")
PROD = Workspace(id=2222222222222222, host="acme-prod.cloud.databricks.com")
ADMIN_CLIENT_ID = "aaaaaaaa-0000-4000-8000-000000000001"
CATALOGS = (
    CatalogOnDayOne(name="staging", schemas=("taxi_fare",)),
    CatalogOnDayOne(name="source", schemas=("trips",), tables=("source.trips.yellow",)),
)


def make_world(*, principal_delay_seconds: float = 0.0) -> World:
    """An account with two workspaces."""
    return World(
        account_id=ACCOUNT_ID,
        account_host="accounts.cloud.databricks.com",
        workspaces=(STAGING, PROD),
        github_host="api.github.com",
        owner="acme",
        repository="taxi-fare",
        principal_delay_seconds=principal_delay_seconds,
    )


@dataclass
class DatabricksSandbox:
    """The account, and clients for it."""

    store: Store
    clock: Clock
    dispatcher: Dispatcher
    admin_secret: str

    @property
    def world(self) -> World:
        return self.dispatcher.world

    def account(self, client_id: str = ADMIN_CLIENT_ID, client_secret: str | None = None) -> AccountClient:
        """The SDK on the account, as the admin unless told otherwise."""
        return AccountClient(
            config=_config(
                host=f"https://{self.world.account_host}",
                account_id=ACCOUNT_ID,
                client_id=client_id,
                client_secret=client_secret or self.admin_secret,
                auth_type="oauth-m2m",
            )
        )

    def workspace(self, workspace: Workspace = STAGING, *, token: str | None = None) -> WorkspaceClient:
        """The SDK on a workspace, with a token or as the admin."""
        host = f"https://{workspace.host}"
        if token is not None:
            return WorkspaceClient(config=_config(host=host, token=token, auth_type="pat"))
        return WorkspaceClient(
            config=_config(host=host, client_id=ADMIN_CLIENT_ID, client_secret=self.admin_secret, auth_type="oauth-m2m")
        )

    def send(
        self, method: str, host: str, path: str, *, token: str | None = None, body: Any = None, query: str = ""
    ) -> Reply:
        """One request by hand."""
        headers = {"content-type": "application/json"} | ({"authorization": f"Bearer {token}"} if token else {})
        content = b"" if body is None else json.dumps(body).encode()
        return self.dispatcher.dispatch(
            Request(method=method, host=host, path=path, query=query, headers=headers, body=content)
        )

    def make_principal(self, name: str = "ci") -> iam.AccountServicePrincipal:
        """A service principal of the account."""
        return self.account().service_principals_v2.create(display_name=name, active=True)

    def assign(self, principal_id: str, permission: str = "USER", workspace: Workspace = STAGING) -> None:
        """Give a principal a place in a workspace."""
        self.workspace(workspace).api_client.do(
            "PUT",
            f"/api/2.0/preview/permissionassignments/principals/{principal_id}",
            body={"permissions": [permission]},
        )

    def make_member(
        self, name: str = "ci", *, permission: str = "USER", workspace: Workspace = STAGING
    ) -> tuple[iam.AccountServicePrincipal, WorkspaceClient]:
        """A service principal with a place in a workspace, and the SDK with a token of its own."""
        principal = self.make_principal(name)
        self.assign(principal.id, permission, workspace)
        issued = self.workspace(workspace).token_management.create_obo_token(application_id=principal.application_id)
        return principal, self.workspace(workspace, token=issued.token_value)


def entitle(databricks: DatabricksSandbox, collection: str, principal_id: str, *values: str) -> None:
    """Give a principal or a group of staging these entitlements and no others."""
    operation = {"op": "replace", "path": "entitlements", "value": [{"value": value} for value in values] or [{}]}
    path = f"/api/2.0/preview/scim/v2/{collection}/{principal_id}"
    databricks.workspace().api_client.do("PATCH", path, body={"Operations": [operation]})


def _config(**settings: Any) -> Config:
    return Config(retry_timeout_seconds=1, **settings)


@contextmanager
def open_sandbox(
    path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    catalogs: Iterable[CatalogOnDayOne] = CATALOGS,
    principal_delay_seconds: float = 0.0,
) -> Iterator[DatabricksSandbox]:
    """Seed an account and lead every `requests` request of this process to it."""
    for name in ("DATABRICKS_HOST", "DATABRICKS_TOKEN", "DATABRICKS_CLIENT_ID", "DATABRICKS_CLIENT_SECRET"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATABRICKS_CONFIG_FILE", str(path / "none.cfg"))
    world, clock = make_world(principal_delay_seconds=principal_delay_seconds), Clock()
    store = Store(path / "state.sqlite")
    admin_secret = secrets.token_hex(16)
    seed(
        store,
        world,
        clock,
        admin_client_id=ADMIN_CLIENT_ID,
        admin_client_secret=admin_secret,
        catalogs=catalogs,
    )
    services = {HostKind.ACCOUNT: SERVICE, HostKind.WORKSPACE: SERVICE}
    dispatcher = Dispatcher(world=world, services=services, store=store, clock=clock)
    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", _sender(dispatcher))
    try:
        yield DatabricksSandbox(store=store, clock=clock, dispatcher=dispatcher, admin_secret=admin_secret)
    finally:
        store.close()


def _sender(dispatcher: Dispatcher) -> Any:
    def send(_self: Any, request: requests.PreparedRequest, **_: Any) -> requests.Response:
        url = urlsplit(str(request.url))
        content = request.body or b""
        reply = dispatcher.dispatch(
            Request(
                method=str(request.method),
                host=url.hostname or "",
                path=url.path,
                query=url.query,
                headers={name.lower(): str(value) for name, value in request.headers.items()},
                body=content.encode() if isinstance(content, str) else _read(content),
            )
        )
        return _response(request, reply)

    return send


def _read(content: Any) -> bytes:
    return content if isinstance(content, bytes) else content.read()


def _response(request: requests.PreparedRequest, reply: Reply) -> requests.Response:
    response = requests.Response()
    response.status_code = reply.status
    response.headers = CaseInsensitiveDict(_text(reply.headers))
    response.raw = HTTPResponse(io.BytesIO(reply.body), status=reply.status, preload_content=False)
    response.url = str(request.url)
    response.request = request
    response.reason = ""
    return response


def _text(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: str(value) for name, value in headers.items()}
