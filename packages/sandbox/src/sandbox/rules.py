"""Rules that both services share. Each service's own stand beside its routes."""

from dataclasses import dataclass

from sandbox.route import Call


@dataclass(frozen=True, slots=True)
class Public:
    """Anyone, with or without a credential: the endpoints that hand out credentials."""

    def check(self, call: Call) -> None:
        """Allow."""


@dataclass(frozen=True, slots=True)
class Authenticated:
    """Anyone whose credential is valid on this host; the dispatcher has refused everybody else already."""

    def check(self, call: Call) -> None:
        """Allow."""
