"""The branch that something may be deployed from."""

import json

from cdktf import TerraformLocal, TerraformOutput
from constructs import Construct


class BranchGuard(Construct):
    """Refuses every plan but a destroy's while another branch is checked out; synthesis goes on.

    Terraform rejects a precondition on a literal, and an error at synthesis would stop every other stack: so the branch
    is a local and the guard an output.
    """

    def __init__(self, scope: Construct, id_: str, *, expected: str, checked_out: str, refusal: str) -> None:
        super().__init__(scope, id_)
        branch = TerraformLocal(self, "branch", checked_out.replace("${", "$${"))
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
            {"condition": f"${{local.branch == {json.dumps(expected)}}}", "error_message": refusal},
        )
