"""Plans that `cdktf diff` has left behind (cdktf 0.21, cli-core: terraform-cli.ts)."""

import json
import zipfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from checks.check import UncheckableError
from checks.drift import remedies
from checks.drift.plan.looking import Looked
from checks.synthesized import Stack, read_stack
from checks.terraform import Terraform, TerraformError

_PLAN = "plan"
# The state that a plan was made from, as Terraform packs it into the plan's archive.
_STATE_IN_PLAN = "tfstate"


def read_plans(stacks: Sequence[str], *, output: Path, environ: Mapping[str, str], jobs: int) -> tuple[Looked, ...]:
    """The plan of each stack, from its folder in the output; nothing is planned and nothing is synthesized."""
    terraform = Terraform(environ)

    def read(name: str) -> Looked:
        try:
            stack, document = _read(name, output, terraform)
        except (UncheckableError, TerraformError) as problem:
            return Looked(name, problem=str(problem))
        return Looked(name, stack, document)

    with ThreadPoolExecutor(jobs) as pool:
        return tuple(pool.map(read, stacks))


def _read(name: str, output: Path, terraform: Terraform) -> tuple[Stack, dict[str, Any]]:
    again = remedies.plan_again(name)
    folder = output / "stacks" / name
    plan, synthesized = folder / _PLAN, folder / "cdk.tf.json"
    if not synthesized.exists() or not plan.exists():
        raise UncheckableError(f"there is no plan in {plan}: {again}")
    if plan.stat().st_mtime_ns < synthesized.stat().st_mtime_ns:
        raise UncheckableError(f"the plan in {plan} is older than the stack that was synthesized since: {again}")
    stack = read_stack(output, name)
    try:
        document = terraform.show(stack, plan.resolve())
    except TerraformError as error:
        raise UncheckableError(f"the plan in {plan} cannot be read ({error}): {again}") from None
    state = _state_in(plan)
    if state is not None and _version(state) != _version(terraform.pulled(stack)):
        raise UncheckableError(f"the plan in {plan} was made from a state that has changed since: {again}")
    return stack, document


def _state_in(plan: Path) -> Mapping[str, Any] | None:
    """None where a plan is no archive that can be opened, as with OpenTofu's encryption."""
    try:
        with zipfile.ZipFile(plan) as archive:
            state = json.loads(archive.read(_STATE_IN_PLAN))
    except (zipfile.BadZipFile, KeyError, ValueError):
        return None
    return state if isinstance(state, dict) else None


def _version(state: Mapping[str, Any]) -> tuple[str, int]:
    """What tells two versions of a state apart (Terraform's own check of saved plans)."""
    return str(state.get("lineage") or ""), int(state.get("serial") or 0)
