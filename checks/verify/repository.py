"""What the repository is like after a deploy: its workflow token, its secrets, its branches."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from checks.check import Check, Finding, Outcome
from checks.github_api import GitHubError
from checks.live import Live
from checks.remedies import deploy_environment, deploy_repository
from checks.repository import REPOSITORY, repository_check
from settings import MAIN_BRANCH, EnvironmentSettings

# As constructs/protected_branch.py has it, said once more: GitHub's names, and what they should be.
_RULE = """
query($owner: String!, $name: String!) {
  repository(owner: $owner, name: $name) {
    branchProtectionRules(first: 100) {
      nodes {
        pattern isAdminEnforced allowsForcePushes allowsDeletions requiresApprovingReviews
        requiredApprovingReviewCount requiresConversationResolution requiresCodeOwnerReviews dismissesStaleReviews
        requiredStatusCheckContexts
      }
    }
  }
}
"""


def repository_checks(live: Live) -> Iterator[Check]:
    """The checks of the repository, for which GITHUB_TOKEN has to be there."""
    github = live.settings.github
    redeploy = deploy_repository()
    yield repository_check(live, docs="proof-afterwards", may_be_absent=True)
    yield Check(
        id="github.workflow-token",
        about=f"a workflow's token may {github.workflow_permissions} by default",
        needs=(REPOSITORY,),
        run=lambda: _workflow_token(live),
        remedy=redeploy,
        docs="proof-afterwards",
    )
    for environment in live.settings.environments:
        yield Check(
            id=f"github.secret.{environment.secret}",
            about=f"the secret {environment.secret} is there",
            needs=(REPOSITORY,),
            run=partial(_secret, live, environment),
            remedy=deploy_environment(environment.name),
            docs="proof-afterwards",
        )
    for branch in (MAIN_BRANCH, *live.settings.release_branches):
        yield Check(
            id=f"github.protection.{branch}",
            about=f"{branch} is protected as mlops.yaml says",
            needs=(REPOSITORY,),
            run=partial(_protection, live, branch),
            remedy=redeploy,
            docs="proof-afterwards",
        )


def _workflow_token(live: Live) -> Outcome:
    github = live.settings.github
    answer = live.repository.get("actions/permissions/workflow")
    problems = []
    if answer["default_workflow_permissions"] != github.workflow_permissions:
        problems.append(f"it may {answer['default_workflow_permissions']}")
    if answer["can_approve_pull_request_reviews"] != github.allow_pull_request_creation:
        may = "may" if answer["can_approve_pull_request_reviews"] else "may not"
        problems.append(f"workflows {may} create pull requests")
    if problems:
        return Finding(" and ".join(problems))
    may = "may" if github.allow_pull_request_creation else "may not"
    return f"and workflows {may} create pull requests"


def _secret(live: Live, environment: EnvironmentSettings) -> Outcome:
    scope = f"environments/{environment.name}" if live.settings.github.secret_scope == "environment" else "actions"
    try:
        found = live.repository.get(f"{scope}/secrets/{environment.secret}")
    except GitHubError as error:
        if error.status == 404:
            return Finding("there is none")
        raise
    return f"written on {found['updated_at'][: len('2026-01-15')]}"


def _protection(live: Live, branch: str) -> Outcome:
    rules = live.once("protection rules", lambda: _rules(live))
    rule = rules.get(branch)
    if rule is None:
        return Finding("no rule protects it")
    github = live.settings.github
    wanted: dict[str, Any] = {
        "isAdminEnforced": True,
        "allowsForcePushes": False,
        "allowsDeletions": False,
        "requiresApprovingReviews": True,
        "requiresConversationResolution": True,
        "dismissesStaleReviews": True,
        "requiresCodeOwnerReviews": github.code_owners,
    }
    problems = [f"{name} is {rule[name]}" for name, value in wanted.items() if rule[name] != value]
    approvals = rule["requiredApprovingReviewCount"] or 0
    if approvals < github.required_approvals:
        problems.append(f"requiredApprovingReviewCount is {approvals}")
    if branch == MAIN_BRANCH:
        missing = sorted(set(github.required_checks) - set(rule["requiredStatusCheckContexts"] or ()))
        problems += [f"{', '.join(missing)} is not required"] if missing else []
    return Finding(", ".join(problems)) if problems else f"approvals required: {approvals}"


def _rules(live: Live) -> dict[str, Mapping[str, Any]]:
    github = live.settings.github
    answer = live.github.graphql(_RULE, {"owner": github.owner, "name": github.repository})
    nodes = answer["repository"]["branchProtectionRules"]["nodes"]
    return {node["pattern"]: node for node in nodes}
