"""What protection rules refuse when a branch is written.

https://docs.github.com/repositories/configuring-branches-and-merges-in-your-repository/managing-protected-branches/about-protected-branches
The sentences are those that `git push` shows after GH006.
"""

from sandbox.context import Context
from sandbox.github.world.accounts.accounts import find_account
from sandbox.github.world.branches.protection_rules import contexts, find_rule
from sandbox.github.world.git.git_objects import ancestry, descends
from sandbox.github.world.git.status_store import state_of
from sandbox.github.world.refusals import UnprocessableError
from sandbox.github.world.repositories.collaborators import permission_of
from sandbox.source import github_docs
from sandbox.store import Document

_SOURCE = github_docs(
    "repositories/configuring-branches-and-merges-in-your-repository/managing-protected-branches/about-protected-branches"
)

_SECTION = "/git/refs"


def check_creation(context: Context, repository: Document, branch: str) -> None:
    """Refuse to create a branch where a rule keeps creations to a few."""
    rule = find_rule(context.store, repository, branch)
    if rule and rule["restrictsPushes"] and rule["blocksCreations"]:
        _check_pusher(context, repository, rule)


def check_deletion(context: Context, repository: Document, branch: str) -> None:
    """Refuse to delete a protected branch. Administrators are not exempt: the rule is about the branch."""
    if branch == repository["default_branch"]:
        raise UnprocessableError("Cannot delete the default branch", documentation=_SECTION, source=_SOURCE)
    rule = find_rule(context.store, repository, branch)
    if rule and not rule["allowsDeletions"]:
        raise UnprocessableError("Cannot delete this protected branch", documentation=_SECTION, source=_SOURCE)


def check_push(context: Context, repository: Document, branch: str, *, before: str, after: str) -> None:
    """Refuse a push that a rule forbids: a forced one, one past the pull request, one to a locked branch."""
    rule = find_rule(context.store, repository, branch)
    if rule is None or before == after:
        return
    _check_history(context, repository, rule, before, after)
    if not _exempt(context, repository, rule):
        if rule["requiresApprovingReviews"] and not _listed(context, rule["bypassPullRequestActorIds"]):
            raise UnprocessableError(
                "Changes must be made through a pull request.", documentation=_SECTION, source=_SOURCE
            )
        _check_commits(context, repository, rule, before, after)
        _check_statuses(context, repository, rule, after)


def check_merge(context: Context, repository: Document, branch: str, *, before: str, head: str, after: str) -> None:
    """Refuse the merge of a pull request for the same reasons as a push, except that it is no pull request.

    Checks have looked at `head`, the newest commit of the pull request, and with strict ones it contains the base.
    """
    rule = find_rule(context.store, repository, branch)
    if rule is None:
        return
    _check_history(context, repository, rule, before, after)
    if not _exempt(context, repository, rule):
        _check_commits(context, repository, rule, before, after)
        _check_statuses(context, repository, rule, head)
        strict = rule["requiresStatusChecks"] and rule["requiresStrictStatusChecks"] and contexts(rule)
        if strict and not descends(context.store, repository, head, before):
            raise UnprocessableError(
                "Head branch is not up to date with the base branch", documentation=_SECTION, source=_SOURCE
            )


def _check_history(context: Context, repository: Document, rule: Document, before: str, after: str) -> None:
    forced = not descends(context.store, repository, after, before)
    if forced and not rule["allowsForcePushes"] and not _listed(context, rule["bypassForcePushActorIds"]):
        raise UnprocessableError("Cannot force-push to this branch", documentation=_SECTION, source=_SOURCE)
    if _exempt(context, repository, rule):
        return
    if rule["lockBranch"]:
        raise UnprocessableError("Cannot change this locked branch", documentation=_SECTION, source=_SOURCE)
    if rule["restrictsPushes"]:
        _check_pusher(context, repository, rule)


def _check_commits(context: Context, repository: Document, rule: Document, before: str, after: str) -> None:
    old = {sha for sha, _ in ancestry(context.store, repository, before)}
    new = [commit for sha, commit in ancestry(context.store, repository, after) if sha not in old]
    if rule["requiresLinearHistory"] and any(len(commit["parents"]) > 1 for commit in new):
        raise UnprocessableError("This branch must not contain merge commits.", documentation=_SECTION, source=_SOURCE)
    if rule["requiresCommitSignatures"] and new:
        # Nobody here has a key.
        raise UnprocessableError("Commits must have verified signatures.", documentation=_SECTION, source=_SOURCE)


def _check_statuses(context: Context, repository: Document, rule: Document, sha: str) -> None:
    required = contexts(rule) if rule["requiresStatusChecks"] else []
    states = {check: state_of(context.store, repository, sha, check) for check in required}
    unmet = [check for check, state in states.items() if state != "success"]
    if len(unmet) == 1:
        said = {None: "expected", "pending": "pending", "error": "errored"}.get(states[unmet[0]], "failing")
        raise UnprocessableError(
            f'Required status check "{unmet[0]}" is {said}.', documentation=_SECTION, source=_SOURCE
        )
    if unmet:
        said = "are expected" if not any(map(states.get, unmet)) else "have not succeeded"
        raise UnprocessableError(
            f"{len(unmet)} of {len(required)} required status checks {said}.", documentation=_SECTION, source=_SOURCE
        )


def _check_pusher(context: Context, repository: Document, rule: Document) -> None:
    # "People and apps with admin permissions to a repository are always able to push to a protected branch."
    administrator = permission_of(context.store, repository, context.caller.id) == "admin"
    if not administrator and not _listed(context, rule["pushActorIds"]):
        raise UnprocessableError(
            "You're not authorized to push to this branch.", documentation=_SECTION, source=_SOURCE
        )


def _exempt(context: Context, repository: Document, rule: Document) -> bool:
    return not rule["isAdminEnforced"] and permission_of(context.store, repository, context.caller.id) == "admin"


def _listed(context: Context, node_ids: list[str]) -> bool:
    account = find_account(context.store, context.caller.id)
    return account is not None and account["node_id"] in node_ids
