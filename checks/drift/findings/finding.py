"""A finding: something that differs, or that is due, as people and programs get it."""

from enum import StrEnum

from pydantic import Field

from checks.drift.findings.severity import Severity
from checks.report import Part


class Kind(StrEnum):
    """What --fail-on takes; an error always counts."""

    DRIFT = "drift"
    PENDING = "pending"
    EXPIRY = "expiry"
    ERROR = "error"


class Class(StrEnum):
    """What happened, or what is due."""

    CHANGED_OUTSIDE = "changed outside"
    DELETED_OUTSIDE = "deleted outside"
    SECRET_RESET = "secret reset"
    TOKEN_GONE = "token gone"
    PENDING_CREATE = "pending create"
    PENDING_UPDATE = "pending update"
    PENDING_REPLACE = "pending replace"
    PENDING_DELETE = "pending delete"
    PENDING_IMPORT = "pending import"
    PENDING_OUTPUT = "pending output"
    NOT_DEPLOYED = "not deployed"
    ROTATION_DUE = "rotation due"
    EXPIRY_AHEAD = "expiry ahead"
    STACK_GONE = "stack gone"

    @property
    def kind(self) -> Kind:
        """Which of the exit codes it counts for."""
        if self in _DRIFT:
            return Kind.DRIFT
        if self is Class.EXPIRY_AHEAD:
            return Kind.EXPIRY
        return Kind.ERROR if self is Class.STACK_GONE else Kind.PENDING


_DRIFT = {Class.CHANGED_OUTSIDE, Class.DELETED_OUTSIDE, Class.SECRET_RESET, Class.TOKEN_GONE}


class Difference(Part):
    """One attribute. Values are texts, shortened; a secret is never among them."""

    attribute: str = Field(description="Down to the leaf, such as schedule.pause_status.")
    before: str | None = Field(default=None, description="What is there now; null for nothing.")
    after: str | None = Field(default=None, description="What a deploy makes of it; null for nothing.")
    added: tuple[str, ...] = Field(
        default=(), description="Of a list: what was added outside, or what a deploy will add."
    )
    removed: tuple[str, ...] = Field(
        default=(), description="Of a list: what was removed outside, or what a deploy will remove."
    )
    secret: bool = Field(default=False, description="Whether the values are secret, and so not here.")


class DriftFinding(Part, title="Finding"):
    """Something that is not as it should be."""

    stack: str
    what: Class = Field(description="The class of the finding.")
    severity: Severity
    path: str = Field(default="", description="Where in the app the resource comes from.")
    address: str = Field(default="", description="The resource's address in Terraform; empty for a stack as a whole.")
    resource: str = Field(description="The resource in human words.")
    detail: str = Field(default="", description="What else is to be said, as a sentence.")
    differences: tuple[Difference, ...] = ()
    consequences: tuple[str, ...] = Field(default=(), description="What follows from it, and is no finding of its own.")
    remedy: str = Field(description="What to do.")


class Absorbed(Part):
    """What changed outside and no deploy would change back: nobody has configured it."""

    stack: str
    address: str
    resource: str
    attributes: tuple[str, ...]


class Ignored(Part):
    """A finding, or a part of it, that drift-ignore.yaml leaves out."""

    stack: str
    address: str
    what: Class
    attributes: tuple[str, ...] = Field(default=(), description="Which attributes; none when it is the whole finding.")
    reason: str
    until: str
