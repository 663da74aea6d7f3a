"""The branch that something may be deployed from."""

from cdktf import TerraformLocal, TerraformOutput
from constructs import Construct

from terraform_text import TerraformText, literal, quoted


class BranchGuard(Construct):
    """Refuses every plan but a destroy's while another branch is checked out; synthesis goes on.

    Terraform rejects a precondition on a literal, and an error at synthesis would stop every other stack: so the branch
    is a local and the guard an output. `condition` is what has to hold, as Terraform reads it.
    """

    def __init__(self, scope: Construct, id_: str, *, expected: str, checked_out: str, refusal: TerraformText) -> None:
        super().__init__(scope, id_)
        self.condition = f"${{local.branch == {quoted(expected)}}}"
        branch = TerraformLocal(self, "branch", literal(checked_out))
        branch.override_logical_id("branch")
        guarded = TerraformOutput(
            self,
            "deployed_branch",
            value="${local.branch}",
            description="The branch that is deployed.",
        )
        guarded.override_logical_id("deployed_branch")
        # As an override: cdktf 0.21 accepts the argument `precondition` and leaves it out of what it writes.
        guarded.add_override(
            "precondition",
            {"condition": self.condition, "error_message": refusal},
        )
