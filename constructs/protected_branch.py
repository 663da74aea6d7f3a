"""A branch that changes only through pull requests."""

from collections.abc import Sequence

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_github.branch_protection import (
    BranchProtection,
    BranchProtectionRequiredPullRequestReviews,
    BranchProtectionRequiredStatusChecks,
)
from cdktf_cdktf_provider_github.data_github_repository import DataGithubRepository
from cdktf_cdktf_provider_github.provider import GithubProvider
from constructs import Construct


class ProtectedBranch(Construct):
    """Pull requests with `approvals` reviews, conversations resolved, for admins too; no force push, no deletion.

    `up_to_date` demands that a pull request contains the branch's newest commit. Linear history is never required:
    the guide releases by merging one protected branch into another, which makes a merge commit.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        github: GithubProvider,
        repository: DataGithubRepository,
        branch: str,
        approvals: int,
        code_owners: bool,
        up_to_date: bool,
        required_checks: Sequence[str],
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
        BranchProtection(
            self,
            "protection",
            provider=github,
            # The node id: a name would replace the rule, and so open the branch, after an import.
            repository_id=repository.node_id,
            pattern=branch,
            required_pull_request_reviews=[reviews],
            required_status_checks=[checks] if up_to_date or required_checks else None,
            require_conversation_resolution=True,
            enforce_admins=True,
            allows_force_pushes=False,
            allows_deletions=False,
            required_linear_history=False,
            depends_on=list(depends_on),
        )
