"""Which commit of the ML repository a stack is deployed from, and whether it may be."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from checks.check import UncheckableError
from checks.git_checkout import Checkout
from settings import MAIN_BRANCH, Settings

_FULL_NAME = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


class RefusedCommitError(Exception):
    """A commit that must not be deployed; the text is why, without a full stop."""


@dataclass(frozen=True, slots=True)
class SourceCommit:
    """A commit that may be deployed; `note` is what is unusual about it, a sentence without a full stop."""

    commit: str
    note: str = ""


def source_commit(
    settings: Settings, environ: Mapping[str, str], stack: str, commit: str | None, *, check_out: bool
) -> SourceCommit:
    """The commit that a stack is deployed from, held against the stack's branch.

    `commit` is a full name; without one, what is checked out is meant, or with `check_out` the branch's newest, which
    is then checked out. RefusedCommitError for one that does not lie on the branch, or whose files never were on main
    (`github.release_from_main`). UncheckableError where Git cannot tell.
    """
    if settings.ml_project is None:
        raise UncheckableError("mlops.yaml has no ml_project: nothing from the ML repository is deployed")
    repository = Checkout.around(settings.ml_project.folder, environ)
    if repository is None:
        raise UncheckableError(f"{settings.ml_project.folder} is not a Git checkout")
    if not repository.whole(environ):
        raise UncheckableError("the checkout does not have the whole history: check it out with `fetch-depth: 0`")
    branch, note = _branch(settings, stack), ""
    tip = repository.tip(branch, environ)
    if tip is None and settings.stacks[stack].bundle is None:
        note = f"branch {branch} does not exist yet and will be created from {MAIN_BRANCH}: {MAIN_BRANCH} is used"
        branch, tip = MAIN_BRANCH, repository.tip(MAIN_BRANCH, environ)
    if tip is None:
        raise UncheckableError(f"the ML repository has no branch {branch}")
    wanted = commit or (tip if check_out else repository.head(environ)) or ""
    if not _FULL_NAME.fullmatch(wanted):
        raise UncheckableError(f"{wanted or 'nothing'} is not the full name of a commit")
    if not repository.known(wanted, environ) or not repository.lies_on(wanted, tip, environ):
        raise RefusedCommitError(f"{stack} is deployed from branch {branch}, and commit {wanted[:12]} is not on it")
    if branch != MAIN_BRANCH and settings.github.release_from_main:
        main = repository.tip(MAIN_BRANCH, environ)
        if main is None or not repository.content_was_on(wanted, main, environ):
            raise RefusedCommitError(
                f"the files of commit {wanted[:12]} on branch {branch} never were those of a commit on {MAIN_BRANCH}: "
                f"merge them into {MAIN_BRANCH} first, and {MAIN_BRANCH} into {branch}; if that is not how you "
                "release, set github.release_from_main: false in mlops.yaml"
            )
    if check_out:
        repository.check_out(wanted, environ)
    return SourceCommit(wanted, note)


def _branch(settings: Settings, stack: str) -> str:
    """The branch that a stack is deployed from; UncheckableError for a stack that nobody but a person deploys."""
    configured = settings.stacks.get(stack)
    if configured is None or configured.branch is None:
        raise UncheckableError(f"{stack} is deployed from no branch: it belongs to no environment of mlops.yaml")
    return configured.branch
