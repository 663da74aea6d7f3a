"""A repository with what every new one has."""

from collections.abc import Mapping
from typing import Any

from sandbox.clock import Clock
from sandbox.github.world.actions.repository_permissions import start_actions
from sandbox.github.world.actions.scopes import repository_scope
from sandbox.github.world.actions.sealed_boxes import make_key_pair
from sandbox.github.world.git.git_objects import write_blob, write_commit, write_tree
from sandbox.github.world.git.ref_store import HEADS, write_ref
from sandbox.github.world.repositories.repositories import create_repository
from sandbox.store import Document, Store


def found_repository(
    store: Store, clock: Clock, *, owner: str, name: str, private: bool, workflow: Mapping[str, Any]
) -> Document:
    """Make a repository without any commit; its workflow token may do what `workflow` says."""
    repository = create_repository(store, clock, owner=owner, name=name, private=private)
    make_key_pair(store, repository_scope(repository))
    start_actions(store, repository, workflow=workflow)
    return repository


def commit_readme(store: Store, clock: Clock, repository: Document, *, author: str) -> None:
    """Make the first commit: a README that names the repository, on the default branch."""
    blob = write_blob(store, repository, f"# {repository['name']}\n".encode())
    tree = write_tree(store, repository, {"README.md": blob})
    commit = write_commit(store, clock, repository, tree=tree, parents=[], message="Initial commit", author=author)
    write_ref(store, repository, HEADS + repository["default_branch"], commit)
