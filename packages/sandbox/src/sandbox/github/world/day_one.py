"""What GitHub has before anybody deploys: an organisation, an administrator and a repository with one commit.

Or no repository yet, and nobody with any rights but the organisation's owner.
"""

from sandbox.clock import Clock
from sandbox.github.world.accounts.accounts import create_account
from sandbox.github.world.accounts.memberships import MEMBER, OWNER, enroll
from sandbox.github.world.accounts.tokens import issue_token
from sandbox.github.world.actions.organization_policies import READ_ONLY, set_policy
from sandbox.github.world.repositories.collaborators import admit
from sandbox.github.world.repositories.founding import commit_readme, found_repository
from sandbox.store import Document, Store
from sandbox.world import World

ADMIN_LOGIN = "platform-admin"
OWNER_LOGIN = "account-owner"
READER_LOGIN = "onlooker"


def seed(
    store: Store,
    world: World,
    clock: Clock,
    *,
    admin_token: str,
    reader_token: str | None = None,
    owner_token: str | None = None,
) -> None:
    """Make it: the repository is private and has `main`, all actions allowed, a workflow token that only reads.

    The organisation would let it write.
    """
    create_account(store, clock, login=world.owner, kind="Organization")
    repository = found_repository(
        store, clock, owner=world.owner, name=world.repository, private=True, workflow=READ_ONLY
    )
    commit_readme(store, clock, repository, author=ADMIN_LOGIN)
    join(store, clock, repository, login=ADMIN_LOGIN, permission="admin", token=admin_token)
    enroll(store, organization=world.owner, login=ADMIN_LOGIN, role=MEMBER)
    if reader_token is not None:
        join(store, clock, repository, login=READER_LOGIN, permission="read", token=reader_token)
    if owner_token is not None:
        _open(store, world, clock, login=OWNER_LOGIN, role=OWNER, token=owner_token)


def seed_empty(store: Store, world: World, clock: Clock, *, deployer_token: str, owner_token: str) -> None:
    """Make an organisation as it is opened: its owner, one member without rights, workflow tokens that only read."""
    create_account(store, clock, login=world.owner, kind="Organization")
    set_policy(store, world.owner, **READ_ONLY)
    _open(store, world, clock, login=ADMIN_LOGIN, role=MEMBER, token=deployer_token)
    _open(store, world, clock, login=OWNER_LOGIN, role=OWNER, token=owner_token)


def join(store: Store, clock: Clock, repository: Document, *, login: str, permission: str | None, token: str) -> None:
    """Open a user's account, give it a token and, unless `permission` is None, a place in the repository."""
    create_account(store, clock, login=login, kind="User")
    issue_token(store, login=login, token=token)
    if permission is not None:
        admit(store, repository, login=login, permission=permission)


def _open(store: Store, world: World, clock: Clock, *, login: str, role: str, token: str) -> None:
    create_account(store, clock, login=login, kind="User")
    issue_token(store, login=login, token=token)
    enroll(store, organization=world.owner, login=login, role=role)
