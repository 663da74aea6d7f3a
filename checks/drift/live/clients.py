"""Who looks at the objects of a stack: whoever deploys it."""

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from checks.check import UncheckableError
from settings import Settings

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient

    from checks.live import Live


class Clients:
    """The workspaces of stacks: of a bundle with its environment's CI token, of others as the administrator."""

    def __init__(self, settings: Settings, environ: Mapping[str, str]) -> None:
        self._settings = settings
        self._environ = dict(environ)

    def load(self) -> None:
        """Load Databricks' SDK, which takes longer than a small plan: meanwhile, nobody waits for it."""
        import checks.live  # noqa: F401

    @cached_property
    def _live(self) -> "Live":
        from checks.live import Live

        return Live(self._settings, self._environ)

    def of(self, stack: str) -> "WorkspaceClient":
        """The workspace that a stack's objects are in; UncheckableError where nobody is let in."""
        from checks.live import sure

        about, live = self._settings.stacks[stack], self._live
        if about.environment is not None:
            administered = about.environment
            return sure(lambda: live.workspace(administered))
        deployed = about.bundle.environment if about.bundle else None
        if deployed is None:
            raise UncheckableError(f"the stack {stack} has no workspace")
        return sure(lambda: live.as_ci(deployed))
