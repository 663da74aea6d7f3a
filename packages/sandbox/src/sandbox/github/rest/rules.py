"""What a caller must hold in a repository or an organisation, and what its token must be able to.

Who may not see a repository gets 404, who may not do this 403. `needs` is the permission that a fine-grained token
must have: to read for a GET, to write for everything else
(https://docs.github.com/rest/authentication/permissions-required-for-fine-grained-personal-access-tokens).
"""

from dataclasses import dataclass

from sandbox.github.rest.authentication import lacks
from sandbox.github.rest.paths import organization_of, repository_of
from sandbox.github.world.accounts.memberships import OWNER, role_of
from sandbox.github.world.accounts.plans import UPGRADE, is_limited
from sandbox.github.world.branches.protection_rules import find_rule
from sandbox.github.world.refusals import ForbiddenError, NotFoundError
from sandbox.github.world.repositories.collaborators import permission_of, reaches
from sandbox.route import Call
from sandbox.source import github_docs

_SOURCE = github_docs("rest/using-the-rest-api/troubleshooting-the-rest-api")
_TOKENS = github_docs("rest/authentication/permissions-required-for-fine-grained-personal-access-tokens")
_PLANS = github_docs("get-started/learning-about-github/githubs-plans")

ADMIN_REFUSAL = "Must have admin rights to Repository."
TOKEN_REFUSAL = "Resource not accessible by personal access token"


@dataclass(frozen=True, slots=True)
class RepositoryReader:
    """Read access; a private repository does not exist for anybody else.

    `paid` is for what the free plan leaves out of private repositories.
    """

    needs: str = "metadata"
    paid: bool = False

    def check(self, call: Call) -> None:
        """Refuse with 404 or 403."""
        _require(call, "read", "", needs=self.needs)
        _require_plan(call, self.paid)


@dataclass(frozen=True, slots=True)
class RepositoryWriter:
    """Write ("push") access; `refusal` is what a mere reader is told."""

    needs: str = "contents"
    refusal: str = TOKEN_REFUSAL
    paid: bool = False

    def check(self, call: Call) -> None:
        """Refuse with 404 or 403."""
        _require(call, "write", self.refusal, needs=self.needs)
        _require_plan(call, self.paid)


@dataclass(frozen=True, slots=True)
class RepositoryAdmin:
    """Administration of the repository."""

    needs: str = "administration"
    paid: bool = False

    def check(self, call: Call) -> None:
        """Refuse with 404 or 403."""
        _require(call, "admin", ADMIN_REFUSAL, needs=self.needs)
        _require_plan(call, self.paid)


@dataclass(frozen=True, slots=True)
class BranchRenamer:
    """Write access; administration for the default branch and for a protected one.

    https://docs.github.com/repositories/configuring-branches-and-merges-in-your-repository/managing-branches-in-your-repository/renaming-a-branch
    """

    needs: str = "administration"

    def check(self, call: Call) -> None:
        """Refuse with 404 or 403."""
        _require(call, "write", TOKEN_REFUSAL, needs=self.needs)
        repository, branch = repository_of(call), call.params["branch"]
        if branch == repository["default_branch"] or find_rule(call.store, repository, branch):
            _require(call, "admin", ADMIN_REFUSAL, needs=self.needs)


@dataclass(frozen=True, slots=True)
class OrganizationOwner:
    """To own the organisation; `refusal` is what everybody else is told."""

    needs: str
    refusal: str

    def check(self, call: Call) -> None:
        """Refuse with 403; with 404 when there is no such organisation."""
        login = organization_of(call)["login"]
        _require_token(call, self.needs)
        if role_of(call.store, login, call.caller.id) != OWNER:
            raise ForbiddenError(self.refusal, source=_SOURCE)


@dataclass(frozen=True, slots=True)
class Token:
    """A token that may do this in its owner's own account."""

    needs: str

    def check(self, call: Call) -> None:
        """Refuse with 403."""
        _require_token(call, self.needs)


def _require(call: Call, level: str, refusal: str, *, needs: str) -> None:
    repository = repository_of(call)
    held = permission_of(call.store, repository, call.caller.id)
    if held == "none":
        raise NotFoundError(source=_SOURCE)
    # What everybody may read needs no permission.
    if level != "read" or repository["private"]:
        _require_token(call, needs)
    if not reaches(held, level):
        raise ForbiddenError(refusal, source=_SOURCE)


def _require_token(call: Call, needs: str) -> None:
    access = "read" if call.method == "GET" else "write"
    if lacks(call, needs, access):
        raise ForbiddenError(
            TOKEN_REFUSAL, headers={"X-Accepted-GitHub-Permissions": f"{needs}={access}"}, source=_TOKENS
        )


def _require_plan(call: Call, paid: bool) -> None:
    if paid and is_limited(call.store, repository_of(call)):
        raise ForbiddenError(UPGRADE, source=_PLANS)
