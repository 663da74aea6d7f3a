"""What one run is told through the process environment: the only reader of it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType

from settings.faults import Fault, FaultsError

CONFIG_VARIABLE = "MLOPS_CONFIG"
DESTROY_VARIABLE = "MLOPS_ALLOW_DESTROY"
CLOCK_VARIABLE = "MLOPS_NOW"
SANDBOX_VARIABLE = "MLOPS_SANDBOX"
BRANCH_VARIABLE = "MLOPS_BRANCH"
PROJECT_VARIABLE = "MLOPS_ML_PROJECT_PATH"
DEPLOYER_VARIABLE = "MLOPS_DEPLOYER"
# Where cdktf tells its app to write, and where it does so when run by itself.
OUTPUT_VARIABLE = "CDKTF_OUTDIR"
_OUTPUT = "cdktf.out"
# What the Databricks CLI reads values of a bundle's variables from.
BUNDLE_VARIABLES = "BUNDLE_VAR_"


@dataclass(frozen=True, slots=True)
class Invocation:
    """How this run was started.

    `config` is the path of mlops.yaml as given, `now` the moment that rotations count from, `allow_destroy` the stacks
    whose protected resources may be destroyed, `ci` whether this is a CI run, `sandbox` whether it is in the sandbox.
    `ml_project` is a checkout to read in place of that of mlops.yaml, relative to the current folder, `branch` its
    branch where Git cannot tell, `deployer` the user who deploys targets of their own, `bundle_variables` the
    BUNDLE_VAR_ variables, `output` the folder of what is synthesized.
    """

    config: str
    now: datetime
    allow_destroy: frozenset[str]
    ci: bool
    sandbox: bool
    ml_project: str | None
    branch: str | None
    deployer: str | None
    bundle_variables: Mapping[str, str]
    output: str


def read_invocation(environ: Mapping[str, str], *, clock: datetime) -> Invocation:
    """Read the MLOPS_ variables and CI; raises FaultsError for a value that cannot be meant."""
    stacks = frozenset(part.strip() for part in environ.get(DESTROY_VARIABLE, "").split(",") if part.strip())
    ci = environ.get("CI", "").lower() not in ("", "0", "false")
    return Invocation(
        config=environ.get(CONFIG_VARIABLE) or "mlops.yaml",
        now=_moment(environ.get(CLOCK_VARIABLE, ""), clock),
        allow_destroy=stacks,
        ci=ci,
        sandbox=environ.get(SANDBOX_VARIABLE) == "1",
        ml_project=environ.get(PROJECT_VARIABLE) or None,
        branch=environ.get(BRANCH_VARIABLE) or None,
        deployer=_deployer(environ.get(DEPLOYER_VARIABLE, ""), ci=ci),
        bundle_variables=MappingProxyType(
            {name: text for name, text in environ.items() if name.startswith(BUNDLE_VARIABLES)}
        ),
        output=environ.get(OUTPUT_VARIABLE) or _OUTPUT,
    )


def variable_fault(variable: str, *, found: str, allowed: str, remedy: str) -> Fault:
    """A fault of a variable of the process environment, which has no line."""
    return Fault.of_file(f"${variable}", found=found, allowed=allowed, remedy=remedy)


def _deployer(text: str, *, ci: bool) -> str | None:
    if not text:
        return None
    found, allowed, remedy = text, "", ""
    if not re.fullmatch(r"[^\s@/]+@[^\s@/]+", text):
        allowed, remedy = (
            "a user name such as jane.doe@example.com",
            "write the name that you log in to Databricks with",
        )
    elif ci:
        found = f"{text}, with CI set in the environment"
        allowed = "nobody in CI, which deploys the targets of environments alone"
        remedy = f"unset {DEPLOYER_VARIABLE}"
    if allowed:
        raise FaultsError([variable_fault(DEPLOYER_VARIABLE, found=found, allowed=allowed, remedy=remedy)])
    return text


def _moment(text: str, clock: datetime) -> datetime:
    if not text:
        return clock
    try:
        given = datetime.fromisoformat(text)
        moment = given.astimezone(UTC) if given.tzinfo else None
    except (ValueError, OverflowError):
        moment = None
    if moment is None:
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
    return moment
