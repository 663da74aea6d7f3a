"""What protection rules refuse when a branch is written.

https://docs.github.com/repositories/configuring-branches-and-merges-in-your-repository/managing-protected-branches/about-protected-branches
The sentences are those that `git push` shows after GH006.
"""

from sandbox.github.accounts import find_account
from sandbox.github.collaborators import permission_of
from sandbox.github.git_objects import ancestry, descends
from sandbox.github.protection_rules import contexts, find_rule
from sandbox.github.refusals import UnprocessableError
from sandbox.route import Call
from sandbox.store import Document

_SECTION = "/git/refs"


def check_creation(call: Call, repository: Document, branch: str) -> None:
    """Refuse to create a branch where a rule keeps creations to a few."""
    rule = find_rule(call.store, repository, branch)
    if rule and rule["restrictsPushes"] and rule["blocksCreations"]:
        _check_pusher(call, repository, rule)


def check_deletion(call: Call, repository: Document, branch: str) -> None:
    """Refuse to delete a protected branch. Administrators are not exempt: the rule is about the branch."""
    if branch == repository["default_branch"]:
        raise UnprocessableError("Cannot delete the default branch", documentation=_SECTION)
    rule = find_rule(call.store, repository, branch)
    if rule and not rule["allowsDeletions"]:
        raise UnprocessableError("Cannot delete this protected branch", documentation=_SECTION)


def check_push(call: Call, repository: Document, branch: str, *, before: str, after: str) -> None:
    """Refuse a push that a rule forbids: a forced one, one past the pull request, one to a locked branch."""
    rule = find_rule(call.store, repository, branch)
    if rule is None or before == after:
        return
    _check_history(call, repository, rule, before, after)
    if not _exempt(call, repository, rule):
        if rule["requiresApprovingReviews"] and not _listed(call, rule["bypassPullRequestActorIds"]):
            raise UnprocessableError("Changes must be made through a pull request.", documentation=_SECTION)
        _check_commits(call, repository, rule, before, after)


def check_merge(call: Call, repository: Document, branch: str, *, before: str, after: str) -> None:
    """Refuse the merge of a pull request for the same reasons as a push, except that it is no pull request."""
    rule = find_rule(call.store, repository, branch)
    if rule is not None:
        _check_history(call, repository, rule, before, after)
        if not _exempt(call, repository, rule):
            _check_commits(call, repository, rule, before, after)


def _check_history(call: Call, repository: Document, rule: Document, before: str, after: str) -> None:
    forced = not descends(call.store, repository, after, before)
    if forced and not rule["allowsForcePushes"] and not _listed(call, rule["bypassForcePushActorIds"]):
        raise UnprocessableError("Cannot force-push to this branch", documentation=_SECTION)
    if _exempt(call, repository, rule):
        return
    if rule["lockBranch"]:
        raise UnprocessableError("Cannot change this locked branch", documentation=_SECTION)
    if rule["restrictsPushes"]:
        _check_pusher(call, repository, rule)


def _check_commits(call: Call, repository: Document, rule: Document, before: str, after: str) -> None:
    old = {sha for sha, _ in ancestry(call.store, repository, before)}
    new = [commit for sha, commit in ancestry(call.store, repository, after) if sha not in old]
    if rule["requiresLinearHistory"] and any(len(commit["parents"]) > 1 for commit in new):
        raise UnprocessableError("This branch must not contain merge commits.", documentation=_SECTION)
    if rule["requiresCommitSignatures"] and new:
        # Nobody here has a key.
        raise UnprocessableError("Commits must have verified signatures.", documentation=_SECTION)
    expected = contexts(rule) if rule["requiresStatusChecks"] else []
    if expected and new:
        # Nothing runs here that would report one.
        names = f'status check "{expected[0]}" is' if len(expected) == 1 else f"{len(expected)} status checks are"
        raise UnprocessableError(f"Required {names} expected.", documentation=_SECTION)


def _check_pusher(call: Call, repository: Document, rule: Document) -> None:
    # "People and apps with admin permissions to a repository are always able to push to a protected branch."
    administrator = permission_of(call.store, repository, call.caller.id) == "admin"
    if not administrator and not _listed(call, rule["pushActorIds"]):
        raise UnprocessableError("You're not authorized to push to this branch.", documentation=_SECTION)


def _exempt(call: Call, repository: Document, rule: Document) -> bool:
    return not rule["isAdminEnforced"] and permission_of(call.store, repository, call.caller.id) == "admin"


def _listed(call: Call, node_ids: list[str]) -> bool:
    account = find_account(call.store, call.caller.id)
    return account is not None and account["node_id"] in node_ids
