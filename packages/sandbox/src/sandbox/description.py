"""The world that a sandbox is to play, as somebody described it in a file (world.schema.json)."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.databricks.world.day_one import CatalogOnDayOne
from sandbox.environment import Profile
from sandbox.world import Workspace, World

_GITHUB_HOST = "api.github.com"
_HAS_CREDENTIALS_FOR = "oauth-m2m"
_READS_REAL_TOKENS = "databricks-cli"  # from ~/.databricks/token-cache.json, wherever the environment points
_REGIONS = {"aws": "us-west-2", "gcp": "us-central1"}


@dataclass(frozen=True, slots=True)
class Login:
    """How the configuration logs in to a host, given as an https address."""

    host: str
    auth_type: str
    profile: str | None


@dataclass(frozen=True, slots=True)
class Description:
    """Everything that has an address, and what exists there on day one."""

    world: World
    region: str
    """Where its metastore is."""
    logins: tuple[Login, ...]
    catalogs: tuple[CatalogOnDayOne, ...]
    groups: tuple[str, ...]
    own_hosts: tuple[str, ...]
    """Where targets of no environment are deployed, for whoever deploys them."""
    own_catalogs: tuple[CatalogOnDayOne, ...]

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Description":
        """What a valid world file says."""
        account, github, own = document["account"], document["github"], document["own_targets"]
        hosts = sorted({workspace["host"] for workspace in document["workspaces"]})
        return cls(
            world=World(
                account_id=account["id"],
                account_host=account["host"],
                workspaces=tuple(Workspace(id=workspace_id(host), host=host) for host in hosts),
                github_host=_GITHUB_HOST,
                owner=github["owner"],
                repository=github["repository"],
            ),
            region=_REGIONS[account["cloud"]],
            logins=tuple(
                Login(f"https://{login['host']}", login["auth_type"], login.get("profile"))
                for login in document["logins"]
            ),
            catalogs=_catalogs(document["catalogs"]),
            groups=tuple(document["groups"]),
            own_hosts=tuple(f"https://{workspace['host']}" for workspace in own["workspaces"]),
            own_catalogs=_catalogs(own["catalogs"]),
        )

    @property
    def profiles(self) -> tuple[Profile, ...]:
        """The profiles of the Databricks configuration file that the logins name."""
        return tuple(
            Profile(name=login.profile, host=login.host, account_id=self.world.account_id)
            for login in self.logins
            if login.profile
        )

    @property
    def warnings(self) -> tuple[str, ...]:
        """What commands will find different from what was described."""
        return tuple(
            f"mlops.yaml logs in to {login.host} by {login.auth_type}; "
            f"the sandbox has credentials for {_HAS_CREDENTIALS_FOR} only"
            for login in self.logins
            if login.auth_type != _HAS_CREDENTIALS_FOR
        )

    @property
    def refusal(self) -> str | None:
        """Why no command may run."""
        return next(
            (
                f"mlops.yaml logs in to {login.host} by {login.auth_type}, which reads the real tokens "
                f"in ~/.databricks: set auth_type to {_HAS_CREDENTIALS_FOR} to run anything in the sandbox."
                for login in self.logins
                if login.auth_type == _READS_REAL_TOKENS
            ),
            None,
        )


def workspace_id(host: str) -> int:
    """A number that looks like Databricks' own, the same on every machine, exact in JSON's doubles."""
    return 10**15 + int.from_bytes(hashlib.sha256(host.encode()).digest()[:8], "big") % (8 * 10**15)


def _catalogs(listed: list[Mapping[str, Any]]) -> tuple[CatalogOnDayOne, ...]:
    return tuple(
        CatalogOnDayOne(name=one["name"], schemas=tuple(one.get("schemas", ())), tables=tuple(one.get("tables", ())))
        for one in listed
    )
