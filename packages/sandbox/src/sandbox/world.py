"""Which account, workspaces and repository the sandbox stands in for."""

from dataclasses import dataclass
from enum import Enum


class HostKind(Enum):
    """What answers under a host name."""

    ACCOUNT = "account"
    WORKSPACE = "workspace"
    GITHUB = "github"


@dataclass(frozen=True, slots=True)
class Workspace:
    """One Databricks workspace: its numeric id and its host name without scheme ("acme.cloud.databricks.com")."""

    id: int
    host: str


@dataclass(frozen=True, slots=True)
class World:
    """Everything that has an address. Host names come without scheme and port."""

    account_id: str
    account_host: str
    workspaces: tuple[Workspace, ...]
    github_host: str
    owner: str
    repository: str
    principal_delay_seconds: float = 0.0  # how long a new principal stays invisible to grants and assignments

    @property
    def hosts(self) -> tuple[str, ...]:
        """Every host name that is answered here."""
        return (self.account_host, *(workspace.host for workspace in self.workspaces), self.github_host)

    def kind(self, host: str) -> HostKind | None:
        """What answers under `host`, or None for a host that is not ours."""
        if host == self.account_host:
            return HostKind.ACCOUNT
        if host == self.github_host:
            return HostKind.GITHUB
        return HostKind.WORKSPACE if self.workspace(host) else None

    def workspace(self, host: str) -> Workspace | None:
        """The workspace of a host name."""
        return next((workspace for workspace in self.workspaces if workspace.host == host), None)
