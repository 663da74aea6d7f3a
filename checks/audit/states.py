"""What the states of stacks hold, asked once."""

from checks.check import UncheckableError
from checks.live import Live
from checks.synthesized import Stack
from checks.terraform import StateResource, Terraform, TerraformError


def state_of(live: Live, terraform: Terraform, stack: Stack) -> tuple[StateResource, ...]:
    """What a stack has deployed, nothing before its first deploy; UncheckableError when its state does not open."""
    try:
        return live.once(("state", stack.name), lambda: terraform.state(stack))
    except TerraformError as error:
        raise UncheckableError(str(error)) from None
