"""Branches that change only through pull requests."""

from collections.abc import Sequence

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_github.branch_protection import (
    BranchProtection,
    BranchProtectionRequiredPullRequestReviews,
    BranchProtectionRequiredStatusChecks,
)
from cdktf_cdktf_provider_github.data_github_branch_protection_rules import DataGithubBranchProtectionRules
from cdktf_cdktf_provider_github.provider import GithubProvider
from constructs import Construct

from terraform_text import TerraformText, literal, quoted


class ProtectedBranches(Construct):
    """What the protections of one repository share: its node id, and which branches are protected already.

    A rule that somebody has made by hand, or that an interrupted deploy has left behind, is taken over and brought to
    the wanted state: GitHub accepts one rule per pattern, and refuses a second one.
    """

    def __init__(self, scope: Construct, id_: str, *, github: GithubProvider, repository: str) -> None:
        super().__init__(scope, id_)
        self.github = github
        self.repository = repository
        self._existing = DataGithubBranchProtectionRules(
            self, "existing", provider=github, repository=literal(repository)
        )
        # The id of this data source is the repository's node id. A name would replace the rule, and so open the branch,
        # after an import; the data source github_repository crashes the provider when anything is amiss (6.9.0).
        self.node_id = self._existing.id
        self.imports: list[dict[str, str]] = []
        """Import blocks, for the stack to write."""

    def take_over(self, protection: BranchProtection, *, pattern: str) -> None:
        """Have the rule for `pattern` imported if there is one and it is not in the state yet."""
        rules = f"{self._existing.terraform_resource_type}.{self._existing.friendly_unique_id}.rules"
        wanted = f"rule.pattern == {quoted(pattern)}"
        self.imports.append(
            {
                "for_each": f"${{toset([for rule in data.{rules} : rule.pattern if {wanted}])}}",
                "to": f"{protection.terraform_resource_type}.{protection.friendly_unique_id}",
                "id": literal(f"{self.repository}:{pattern}"),
            }
        )


class ProtectedBranch(Construct):
    """Pull requests with `approvals` reviews, conversations resolved, for admins too; no force push, no deletion.

    `up_to_date` demands, where checks are required, that they have run on the branch's newest commit. Linear history is
    never required: the guide releases by merging one protected branch into another, which makes a merge commit.
    """

    def __init__(
        self,
        scope: ProtectedBranches,
        id_: str,
        *,
        branch: str,
        approvals: int,
        code_owners: bool,
        signed_commits: bool,
        up_to_date: bool,
        required_checks: Sequence[TerraformText],
        depends_on: Sequence[ITerraformDependable],
    ) -> None:
        super().__init__(scope, id_)
        reviews = BranchProtectionRequiredPullRequestReviews(
            required_approving_review_count=approvals,
            dismiss_stale_reviews=True,
            # Nobody approves what they pushed last; with no approvals required there is nothing to approve.
            require_last_push_approval=approvals > 0,
            require_code_owner_reviews=code_owners,
        )
        checks = BranchProtectionRequiredStatusChecks(strict=up_to_date, contexts=list(required_checks))
        protection = BranchProtection(
            self,
            "protection",
            provider=scope.github,
            repository_id=scope.node_id,
            pattern=literal(branch),
            required_pull_request_reviews=[reviews],
            required_status_checks=[checks] if up_to_date or required_checks else None,
            require_conversation_resolution=True,
            enforce_admins=True,
            allows_force_pushes=False,
            allows_deletions=False,
            required_linear_history=False,
            # Written only where it is wanted: the default is the provider's, and what is deployed stays as it is.
            require_signed_commits=signed_commits or None,
            depends_on=list(depends_on),
        )
        scope.take_over(protection, pattern=branch)
