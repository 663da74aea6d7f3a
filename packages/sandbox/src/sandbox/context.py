"""What the world under the services knows of a request: who asks, on which workspace, of what state, and when."""

from dataclasses import dataclass

from sandbox.clock import Clock
from sandbox.source import Source
from sandbox.store import Store
from sandbox.world import Workspace, World


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent a request: `id` is the SCIM id or the GitHub login, `name` what the audit log shows.

    `name` is a user name, an application id or a login, as the service's own `whoami` would say.
    """

    kind: str  # "user", "service_principal", "github_user" or "anonymous"
    id: str
    name: str


ANONYMOUS = Caller(kind="anonymous", id="", name="-")


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """A request without its HTTP; `workspace` is the one whose host was called, None on the account's and GitHub's."""

    caller: Caller
    store: Store
    clock: Clock
    world: World
    workspace: Workspace | None = None


class RefusalError(Exception):
    """What the real service would refuse. Each service has subclasses of its own and renders them itself.

    `source` says how the refusal is known; a test holds that none is raised without one.
    """

    source: Source | None = None
