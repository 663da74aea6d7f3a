"""What a caller must hold in a repository. Who may not see it gets 404, who may not do this 403."""

from dataclasses import dataclass

from sandbox.github.collaborators import permission_of, reaches
from sandbox.github.protection_rules import find_rule
from sandbox.github.refusals import ForbiddenError, NotFoundError
from sandbox.github.repositories import repository_of
from sandbox.route import Call

ADMIN_REFUSAL = "Must have admin rights to Repository."
PUSH_REFUSAL = "Resource not accessible by personal access token"


@dataclass(frozen=True, slots=True)
class RepositoryReader:
    """Read access; a private repository does not exist for anybody else."""

    def check(self, call: Call) -> None:
        """Refuse with 404."""
        _require(call, "read", "")


@dataclass(frozen=True, slots=True)
class RepositoryWriter:
    """Write ("push") access; `refusal` is what a mere reader is told."""

    refusal: str = PUSH_REFUSAL

    def check(self, call: Call) -> None:
        """Refuse with 404 or 403."""
        _require(call, "write", self.refusal)


@dataclass(frozen=True, slots=True)
class RepositoryAdmin:
    """Administration of the repository."""

    def check(self, call: Call) -> None:
        """Refuse with 404 or 403."""
        _require(call, "admin", ADMIN_REFUSAL)


@dataclass(frozen=True, slots=True)
class BranchRenamer:
    """Write access; administration for the default branch and for a protected one.

    https://docs.github.com/repositories/configuring-branches-and-merges-in-your-repository/managing-branches-in-your-repository/renaming-a-branch
    """

    def check(self, call: Call) -> None:
        """Refuse with 404 or 403."""
        _require(call, "write", PUSH_REFUSAL)
        repository, branch = repository_of(call), call.params["branch"]
        if branch == repository["default_branch"] or find_rule(call.store, repository, branch):
            _require(call, "admin", ADMIN_REFUSAL)


# Readers of a repository are told of admin rights although collaborators with write access get through
# (https://github.com/github/docs/issues/29818, https://docs.github.com/rest/actions/secrets).
SECRETS = RepositoryWriter(refusal=ADMIN_REFUSAL)


def _require(call: Call, level: str, refusal: str) -> None:
    held = permission_of(call.store, repository_of(call), call.caller.id)
    if held == "none":
        raise NotFoundError
    if not reaches(held, level):
        raise ForbiddenError(refusal)
