"""The ML repository: what its workflows may do, and how its branches change."""

from cdktf import Annotations, TerraformStack
from constructs import Construct
from constructs.actions_policy import ActionsPolicy
from constructs.protected_branch import ProtectedBranch, ProtectedBranches
from constructs.release_branch import ReleaseBranch
from constructs.workflow_permissions import WorkflowPermissions

from settings import MAIN_BRANCH, Settings
from stacks.adoption import take_over
from stacks.provider_configuration import github_provider
from stacks.state_backend import configure_state
from terraform_text import literal

# Every JavaScript object has something by these names, and no construct may be called as one
# (https://developer.mozilla.org/docs/Web/JavaScript/Reference/Global_Objects/Object).
_NAMES_OF_EVERY_OBJECT = frozenset(
    ("constructor", "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable", "toLocaleString", "toString", "valueOf")
)


class RepositoryStack(TerraformStack):
    """The rules of the ML repository. It and its branch `main` exist already."""

    def __init__(self, scope: Construct, id_: str, *, settings: Settings) -> None:
        super().__init__(scope, id_)
        configure_state(self, id_, settings.state)
        github = github_provider(self, owner=literal(settings.github.owner))
        name = literal(settings.github.repository)

        # What workflows may do, and what they may be made of.
        WorkflowPermissions(
            self,
            "workflow_permissions",
            github=github,
            repository=name,
            token=literal(settings.github.workflow_permissions),
            allow_pull_request_creation=settings.github.allow_pull_request_creation,
        )
        actions = settings.github.actions
        ActionsPolicy(
            self,
            "actions_policy",
            github=github,
            repository=name,
            patterns=[literal(one) for one in actions.patterns] if actions.allowed == "selected" else None,
        )

        # The branch that everybody works against: required checks must have run on its newest commit.
        branches = ProtectedBranches(self, "protected_branches", github=github, repository=settings.github.repository)
        approvals = settings.github.required_approvals
        ProtectedBranch(
            branches,
            MAIN_BRANCH,
            branch=MAIN_BRANCH,
            approvals=approvals,
            code_owners=settings.github.code_owners,
            signed_commits=settings.github.signed_commits,
            up_to_date=True,
            required_checks=[literal(one) for one in settings.github.required_checks],
            depends_on=[],
        )

        # What production runs from. Releasing is merging main into it, so it need not contain its own newest commit
        # in main first, and no check of main's is asked for again.
        for branch in settings.release_branches:
            release = ReleaseBranch(
                self,
                literal(f"branch-{branch}"),
                github=github,
                repository=name,
                name=literal(branch),
                source=literal(MAIN_BRANCH),
                prevent_destroy=id_ not in settings.invocation.allow_destroy,
            )
            ProtectedBranch(
                branches,
                f"branch-{branch}" if branch in _NAMES_OF_EVERY_OBJECT else literal(branch),
                branch=branch,
                approvals=approvals,
                code_owners=settings.github.code_owners,
                signed_commits=settings.github.signed_commits,
                up_to_date=False,
                required_checks=[literal(one) for one in settings.github.release_checks],
                depends_on=[release.branch],
            )

        take_over(self, settings.adoptions.get(id_, ()), by_itself=branches.imports)
        self.expressions = frozenset(block["for_each"] for block in branches.imports)

        if settings.github.allow_pull_request_creation and approvals == 1 and not settings.github.code_owners:
            Annotations.of(self).add_warning(
                "github.allow_pull_request_creation also lets workflows approve pull requests, and one approval is "
                "enough: whoever can push a workflow can have it approve their own change. Set github.code_owners: "
                "true, or allow_pull_request_creation: false."
            )
