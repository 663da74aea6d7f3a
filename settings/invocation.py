"""What one run is told through the process environment: the only reader of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from faults import Fault, FaultsError

CONFIG_VARIABLE = "MLOPS_CONFIG"
DESTROY_VARIABLE = "MLOPS_ALLOW_DESTROY"
CLOCK_VARIABLE = "MLOPS_NOW"
SANDBOX_VARIABLE = "MLOPS_SANDBOX"


@dataclass(frozen=True, slots=True)
class Invocation:
    """How this run was started.

    `config` is the path of mlops.yaml as given, `now` the moment that rotations count from, `allow_destroy` the stacks
    whose protected resources may be destroyed, `ci` whether this is a CI run, `sandbox` whether it is in the sandbox.
    """

    config: str
    now: datetime
    allow_destroy: frozenset[str]
    ci: bool
    sandbox: bool


def read_invocation(environ: Mapping[str, str], *, clock: datetime) -> Invocation:
    """Read the MLOPS_ variables and CI; raises FaultsError for a value that cannot be meant."""
    stacks = frozenset(part.strip() for part in environ.get(DESTROY_VARIABLE, "").split(",") if part.strip())
    return Invocation(
        config=environ.get(CONFIG_VARIABLE) or "mlops.yaml",
        now=_moment(environ.get(CLOCK_VARIABLE, ""), clock),
        allow_destroy=stacks,
        ci=environ.get("CI", "").lower() not in ("", "0", "false"),
        sandbox=environ.get(SANDBOX_VARIABLE) == "1",
    )


def variable_fault(variable: str, *, found: str, allowed: str, remedy: str) -> Fault:
    """A fault of a variable of the process environment, which has no line."""
    return Fault(file=f"${variable}", line=0, column=0, key="", found=found, allowed=allowed, remedy=remedy)


def _moment(text: str, clock: datetime) -> datetime:
    if not text:
        return clock
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise FaultsError(
            [
                variable_fault(
                    CLOCK_VARIABLE,
                    found=text,
                    allowed="a date and time with its offset, such as 2026-01-31T12:00:00+00:00",
                    remedy="correct it, or unset it to use the machine's clock",
                )
            ]
        ) from None
    return moment.astimezone(UTC)
