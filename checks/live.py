"""The live services, through Databricks' SDK and the client of GitHub. What is asked twice is sent once."""

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from databricks.sdk import AccountClient, WorkspaceClient
from databricks.sdk.config import Config
from databricks.sdk.service.catalog import MetastoreInfo
from databricks.sdk.service.iam import User
from databricks.sdk.service.provisioning import Workspace
from requests import RequestException

from checks.check import UncheckableError
from checks.github_client import GitHub, Repository
from checks.refusals import LoginError, ServiceError, said
from settings import EnvironmentSettings, ProviderAuth, Settings

T = TypeVar("T")

# A check that waits for minutes helps nobody: the services answer in time or the line says that they do not.
_ANSWER_SECONDS = 20
_RETRY_SECONDS = 20
GITHUB_TOKEN = "GITHUB_TOKEN"


@dataclass(slots=True)
class _Once:
    """A question that is being answered, or was."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    answered: bool = False
    answer: Any = None
    error: Exception | None = None


class Live:
    """The account, the workspaces and the repository of mlops.yaml, as one caller sees them.

    `environ` is where tokens are found; Databricks' own variables are read by its SDK, as Terraform's provider reads
    them. `token_is_of` names the environment whose CI token DATABRICKS_TOKEN may be.
    """

    def __init__(self, settings: Settings, environ: dict[str, str], *, token_is_of: str | None = None) -> None:
        self.settings = settings
        self._environ = environ
        self._token_is_of = token_is_of
        self._asked: dict[Hashable, _Once] = {}
        self._lock = threading.Lock()

    def once(self, question: Hashable, ask: Callable[[], T]) -> T:
        """The answer to a question, or its exception, however often it is asked and from however many threads."""
        with self._lock:
            one = self._asked.setdefault(question, _Once())
        with one.lock:
            if not one.answered:
                try:
                    one.answer = ask()
                except Exception as error:
                    one.error = error
                one.answered = True
        if one.error is not None:
            raise one.error
        answer: T = one.answer
        return answer

    @property
    def account(self) -> AccountClient:
        """The account, as whoever deploys environments; LoginError where it does not let them in."""
        return self.once(
            "account", lambda: AccountClient(config=logged_in(self.settings.account, self.settings.account_id))
        )

    def workspace(self, environment: EnvironmentSettings) -> WorkspaceClient:
        """An environment's workspace, as whoever deploys it; LoginError where it does not let them in."""
        return self.once(
            ("workspace", environment.name), lambda: WorkspaceClient(config=logged_in(environment.workspace))
        )

    def as_ci(self, environment: EnvironmentSettings) -> WorkspaceClient:
        """An environment's workspace, as its CI principal: with the token in a variable named as the secret is.

        UncheckableError without a token, LoginError for one that is not let in.
        """
        token = self._environ.get(environment.secret)
        if not token and environment.name == self._token_is_of:
            token = self._environ.get("DATABRICKS_TOKEN")
        if not token:
            raise UncheckableError(f"there is no token in {environment.secret}")
        return self.workspace_with(environment.workspace.host, token)

    def workspace_with(self, host: str, token: str) -> WorkspaceClient:
        """A workspace, with a token."""
        auth = ProviderAuth(host=host, auth_type="pat", profile=None)
        return WorkspaceClient(config=logged_in(auth, token=token))

    @property
    def has_github_token(self) -> bool:
        """Whether GitHub can be asked at all."""
        return bool(self._environ.get(GITHUB_TOKEN))

    @property
    def github(self) -> GitHub:
        """GitHub; UncheckableError without a token."""

        def connect() -> GitHub:
            token = self._environ.get(GITHUB_TOKEN)
            if not token:
                raise UncheckableError(f"there is no token in {GITHUB_TOKEN}")
            return GitHub(token)

        return self.once("github", connect)

    @property
    def repository(self) -> Repository:
        """The ML repository; one request, the first time."""
        name = f"{self.settings.github.owner}/{self.settings.github.repository}"
        return self.once("repository", lambda: self.github.repository(name))

    @property
    def infrastructure(self) -> str | None:
        """The repository of mlops.yaml as owner/name, as it says or as the job that runs; None where neither tells."""
        github, said = self.settings.github, self.settings.infrastructure
        if said is not None:
            return f"{said.owner}/{said.repository}"
        running = self._environ.get("GITHUB_REPOSITORY") or None
        return None if running == f"{github.owner}/{github.repository}" else running

    def workspaces(self) -> tuple[Workspace, ...]:
        """The account's workspaces, which only an account admin may list."""
        return self.once("workspaces", lambda: tuple(self.account.workspaces.list()))

    def metastores(self) -> tuple[MetastoreInfo, ...]:
        """The account's metastores, which only an account admin may list."""
        return self.once("metastores", lambda: tuple(self.account.metastores.list()))

    def me(self, environment: EnvironmentSettings) -> User:
        """Who the caller is in an environment's workspace."""
        return self.once(("me", environment.name), lambda: self.workspace(environment).current_user.me())


def sure(ask: Callable[[], T]) -> T:
    """The answer; UncheckableError with the service's words where it refuses or does not answer."""
    try:
        return ask()
    except ServiceError as error:
        raise UncheckableError(said(error)) from None


def logged_in(auth: ProviderAuth, account_id: str | None = None, *, token: str | None = None) -> Config:
    """A configuration that has let itself in; LoginError where it is not let in."""
    try:
        config = Config(
            host=auth.host,
            account_id=account_id,
            auth_type=auth.auth_type,
            profile=auth.profile,
            token=token,
            http_timeout_seconds=_ANSWER_SECONDS,
            retry_timeout_seconds=_RETRY_SECONDS,
        )
        config.authenticate()
    except ValueError as error:
        if isinstance(error.__cause__, RequestException):
            raise error.__cause__ from None
        raise LoginError(said(error)) from None
    return config
