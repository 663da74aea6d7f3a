"""What GitHub has before anybody deploys: an organisation, its administrator and a repository with one commit."""

from sandbox.clock import Clock
from sandbox.github.accounts import create_account
from sandbox.github.actions_permissions import start_actions
from sandbox.github.authentication import issue_token
from sandbox.github.boxes import make_key_pair
from sandbox.github.collaborators import admit
from sandbox.github.git_objects import write_blob, write_commit, write_tree
from sandbox.github.ref_store import write_ref
from sandbox.github.repositories import create_repository
from sandbox.github.scopes import repository_scope
from sandbox.store import Document, Store
from sandbox.world import World

ADMIN_LOGIN = "platform-admin"
READER_LOGIN = "onlooker"


def seed(store: Store, world: World, clock: Clock, *, admin_token: str, reader_token: str | None = None) -> None:
    """Make it: the repository is private and has `main`, all actions allowed, a workflow token that only reads."""
    create_account(store, clock, login=world.owner, kind="Organization")
    repository = create_repository(store, clock, owner=world.owner, name=world.repository)
    make_key_pair(store, repository_scope(repository))
    start_actions(store, repository)
    blob = write_blob(store, repository, f"# {world.repository}\n".encode())
    tree = write_tree(store, repository, {"README.md": blob})
    commit = write_commit(store, clock, repository, tree=tree, parents=[], message="Initial commit", author=ADMIN_LOGIN)
    write_ref(store, repository, f"refs/heads/{repository['default_branch']}", commit)
    join(store, clock, repository, login=ADMIN_LOGIN, permission="admin", token=admin_token)
    if reader_token is not None:
        join(store, clock, repository, login=READER_LOGIN, permission="read", token=reader_token)


def join(store: Store, clock: Clock, repository: Document, *, login: str, permission: str | None, token: str) -> None:
    """Open a user's account, give it a token and, unless `permission` is None, a place in the repository."""
    create_account(store, clock, login=login, kind="User")
    issue_token(store, login=login, token=token)
    if permission is not None:
        admit(store, repository, login=login, permission=permission)
