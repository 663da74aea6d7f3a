"""The Databricks side of a provider process: configuration, authentication, requests."""

import base64
import configparser
import json
import os
import random
import re
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from sandbox.standins.behaviour import Level, MissingError, RefusedError, Request
from sandbox.standins.paths import fill
from sandbox.standins.plan import Values
from sandbox.standins.replies import Reply, Retries, UnreachableError

DISCOVERY = Request("GET", {Level.WORKSPACE: "/oidc/.well-known/oauth-authorization-server"})
ACCOUNT_TOKEN = Request("POST", {Level.ACCOUNT: "/oidc/accounts/{account_id}/v1/token"})
# Discovery names this endpoint; the row is here for the table only.
WORKSPACE_TOKEN = Request("POST", {Level.WORKSPACE: "/oidc/v1/token"})
AUTHENTICATION = (DISCOVERY, ACCOUNT_TOKEN, WORKSPACE_TOKEN)

# Attributes of the provider block that we use, with the variables that fill them when unset (sdk config_attributes.go).
_ENVIRONMENT = {
    "host": "DATABRICKS_HOST",
    "account_id": "DATABRICKS_ACCOUNT_ID",
    "token": "DATABRICKS_TOKEN",
    "client_id": "DATABRICKS_CLIENT_ID",
    "client_secret": "DATABRICKS_CLIENT_SECRET",
    "auth_type": "DATABRICKS_AUTH_TYPE",
    "profile": "DATABRICKS_CONFIG_PROFILE",
    "config_file": "DATABRICKS_CONFIG_FILE",
}
_CREDENTIALS = {"pat": ("token",), "oauth-m2m": ("client_id", "client_secret")}  # in the order they are tried
_RENEW_SECONDS_BEFORE_EXPIRY = 40


def workspace(method: str, path: str) -> Request:
    """A request that only a workspace answers."""
    return Request(method, {Level.WORKSPACE: path})


def scim(method: str, path: str) -> Request:
    """A request to the SCIM API, which accounts and workspaces have under different paths."""
    account = f"/api/2.0/accounts/{{account_id}}/scim/v2{path}"
    return Request(method, {Level.ACCOUNT: account, Level.WORKSPACE: f"/api/2.0/preview/scim/v2{path}"})


def workspace_scim(method: str, path: str) -> Request:
    """A request to a workspace's SCIM API only."""
    return workspace(method, f"/api/2.0/preview/scim/v2{path}")


class GatewayTimeoutError(RefusedError):
    """504: whatever is behind the gateway took too long."""


class Session:
    """One configured provider block. Authentication happens at the first request."""

    def __init__(self, config: Mapping[str, Any], environ: Mapping[str, str]) -> None:
        self._settings = _resolve(config, environ)
        seconds = config.get("retry_timeout_seconds") or -1
        patience = float(seconds) if seconds > 0 else None  # unset retries for ever, as the provider does
        retries = Retries(
            statuses=frozenset({429, 503}),
            pause=backoff,
            seconds=patience,
            when_unreachable=True,
            when_said=_is_transient,
        )
        # The client that logs in judges by words, and cannot send a body again: Reset() of common/request.go fails.
        self._discovery = Retries(
            statuses=frozenset(),
            pause=backoff,
            seconds=patience,
            when_unreachable=True,
            when_said=lambda reply: any(word in reply.text for word in _THROTTLED),
        )
        self._login = Retries(statuses=frozenset(), pause=backoff, attempts=0)
        from sandbox.standins.transport import Transport  # late: most processes are asked for their schema only

        self._transport = Transport(retries)
        self._token = ""
        self._expires = 0.0
        self._lock = threading.Lock()
        self.groups: dict[str, set[str]] = {}  # who is in a group, as far as it was asked for
        self.groups_lock = threading.RLock()

    @property
    def host(self) -> str:
        """Scheme, host name and port; a path is dropped, as the SDK does."""
        host = self._settings.get("host", "")
        if not host:
            raise RefusedError("cannot configure default credentials: host is not set")
        parts = urlsplit(host if "://" in host else f"https://{host}")
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def level(self) -> Level:
        """Account exactly when the host says so (sdk/config/config.go:326-369)."""
        return (
            Level.ACCOUNT if self.host.startswith(("https://accounts.", "https://accounts-dod.")) else Level.WORKSPACE
        )

    def send(self, request: Request, *, query: Mapping[str, str] | None = None, body: Any = None, **names: Any) -> Any:
        """The parsed answer; MissingError for what does not exist, RefusedError for any other refusal."""
        template = request.paths.get(self.level)
        if template is None:
            raise RefusedError(
                f"the {self.level.value} API has no {request.method} {next(iter(request.paths.values()))}"
            )
        names["account_id"] = self._settings.get("account_id", "")
        if self.level is Level.ACCOUNT and not names["account_id"]:
            raise RefusedError("invalid Databricks Account configuration - host incorrect or account_id missing")
        path = fill(template, names)
        url = self.host + path + (f"?{urlencode(query, quote_via=quote)}" if query else "")
        kind = "application/scim+json; charset=utf-8" if "/scim/v2/" in path else "application/json"
        headers = {"Authorization": f"Bearer {self._bearer()}", "Accept": kind, "User-Agent": "terraform-stand-in"}
        payload = None
        if body is not None:
            payload, headers["Content-Type"] = json.dumps(body).encode(), kind
        reply = self._exchange(request.method, url, headers, payload)
        if not reply.ok:
            raise _refusal(reply)
        return reply.json() or {}

    def _exchange(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        payload: bytes | None,
        retries: Retries | None = None,
    ) -> Reply:
        try:
            return self._transport.send(method, url, headers, payload, retries=retries)
        except UnreachableError as error:
            raise RefusedError(str(error)) from error

    def _bearer(self) -> str:
        if self._method() == "pat":
            return self._settings["token"]
        with self._lock:
            if time.monotonic() > self._expires:
                self._renew()
            return self._token

    def _method(self) -> str:
        wanted = self._settings.get("auth_type", "")
        complete = [name for name, keys in _CREDENTIALS.items() if all(self._settings.get(key) for key in keys)]
        if wanted:
            complete = [name for name in complete if name == wanted]
        elif len(complete) > 1:
            raise RefusedError("validate: more than one authorization method configured: oauth and pat")
        if not complete:
            hint = f" ({wanted} was asked for)" if wanted else ""
            raise RefusedError(f"cannot configure default credentials{hint}: see the authentication documentation")
        return complete[0]

    def _renew(self) -> None:
        if self.level is Level.ACCOUNT:
            names = {"account_id": self._settings.get("account_id", "")}
            endpoint = self.host + fill(ACCOUNT_TOKEN.paths[Level.ACCOUNT], names)
        else:
            found = self._exchange("GET", self.host + DISCOVERY.paths[Level.WORKSPACE], {}, None, self._discovery)
            endpoint = (found.json() or {}).get("token_endpoint", "") if found.ok else ""
            if not endpoint:
                raise RefusedError(
                    f"oauth-m2m auth: oidc: databricks OAuth is not supported for this host ({self.host})"
                )
        basic = base64.b64encode(f"{self._settings['client_id']}:{self._settings['client_secret']}".encode()).decode()
        form = {"grant_type": "client_credentials", "scope": "all-apis"}
        headers = {"Authorization": f"Basic {basic}", "Content-Type": "application/x-www-form-urlencoded"}
        reply = self._exchange("POST", endpoint, headers, urlencode(form).encode(), self._login)
        answer = reply.json() or {}
        if not (reply.ok and answer.get("access_token")):
            reason = (
                answer.get("error_description") or answer.get("message") or answer.get("error") or "no reason given"
            )
            raise RefusedError(f"oauth-m2m auth: oauth2: cannot fetch token: {reply.status} ({reason})")
        self._token = answer["access_token"]
        self._expires = time.monotonic() + float(answer.get("expires_in", 3600)) - _RENEW_SECONDS_BEFORE_EXPIRY


def _resolve(config: Mapping[str, Any], environ: Mapping[str, str]) -> dict[str, str]:
    """What the block leaves open comes from the environment, then from the profile (sdk/config/config_file.go)."""
    settings = {name: config.get(name) or environ.get(variable) or "" for name, variable in _ENVIRONMENT.items()}
    named = bool(settings["profile"])
    if not named and any(settings[key] for keys in _CREDENTIALS.values() for key in keys):
        return settings
    path = Path(settings["config_file"] or "~/.databrickscfg").expanduser()
    if not path.exists():
        return settings
    # "DEFAULT" is a section like any other here, not one that all others inherit from.
    parser = configparser.ConfigParser(default_section="", interpolation=None)
    parser.read(path, encoding="utf-8")
    profile = settings["profile"] or "DEFAULT"
    if parser.has_section(profile):
        for name in settings:
            settings[name] = settings[name] or parser.get(profile, name, fallback="")
    elif named:
        raise RefusedError(f"resolve: {path} has no {profile} profile configured")
    return settings


def backoff(attempt: int) -> float:
    """How long the SDK waits before it tries again (sdk/retries/retries.go)."""
    return min(attempt, 10) + random.uniform(0.05, 0.75)  # noqa: S311 - jitter


def _is_transient(reply: Reply) -> bool:
    """What the SDK sends again whatever the status (sdk/apierr/errors.go, error_overrides.go; config/api_client.go)."""
    code, text = _said(reply)
    return code in _LIMITS or any(words.search(text) for words in _TRANSIENT)


def _refusal(reply: Reply) -> RefusedError:
    """The answer's own words."""
    code, text = _said(reply)
    if reply.status == 504:
        return GatewayTimeoutError(text)
    missing = code == "RESOURCE_DOES_NOT_EXIST" or (reply.status == 404 and code not in _NOT_MISSING)
    return (MissingError if missing else RefusedError)(text)


def _said(reply: Reply) -> tuple[str, str]:
    """Code and words of an answer, as the SDK reads them (sdk/apierr/errors.go:125-300)."""
    answer = reply.json()
    if not isinstance(answer, dict):
        quoted = _QUOTED.search(reply.text)
        return "", quoted[1].strip(" .") if quoted else reply.text or f"HTTP {reply.status}"
    text = answer.get("message") or answer.get("error") or ""
    if answer.get("detail"):
        detail = "SCIM API Internal Error" if answer["detail"] == "null" else answer["detail"]
        text = f"{answer.get('scimType', '')} {detail}".strip()
    return str(answer.get("error_code") or ""), text or f"HTTP {reply.status}"


def is_gone(error: RefusedError) -> bool:
    """Whether the credentials' resources take the error for a missing object (tpd/common/util.go:96-108)."""
    return isinstance(error, MissingError) or "does not exist" in str(error)


_QUOTED = re.compile(r"<pre>(.*)</pre>")
_LIMITS = ("REQUEST_LIMIT_EXCEEDED", "RESOURCE_EXHAUSTED")
_TRANSIENT = tuple(
    map(
        re.compile,
        (
            r"com\.databricks\.backend\.manager\.util\.UnknownWorkerEnvironmentException",
            r"does not have any associated worker environments",
            r"There is no worker environment with id",
            r"Unknown worker environment",
            r"ClusterNotReadyException",
            r"worker env .* not found",
            r"Timed out after ",
            r"deadline exceeded",
            r"REQUEST_LIMIT_EXCEEDED",
        ),
    )
)
_THROTTLED = ("throttled", "too many requests", "429", "request limit exceeded", "rate limit")

# Codes that say more than a status of 404 does (sdk/apierr/error_mapping.go).
_NOT_MISSING = {
    "INVALID_STATE",
    "INVALID_PARAMETER_VALUE",
    "ABORTED",
    "ALREADY_EXISTS",
    "RESOURCE_ALREADY_EXISTS",
    "RESOURCE_EXHAUSTED",
    "REQUEST_LIMIT_EXCEEDED",
    "UNKNOWN",
    "DATA_LOSS",
}


def configure(config: Values) -> Session:
    """The session of a provider block."""
    return Session(config, os.environ)
