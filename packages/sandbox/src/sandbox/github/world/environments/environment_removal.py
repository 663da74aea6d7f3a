"""The end of an environment: all that is in it goes too."""

from sandbox.github.world.actions.scopes import environment_scope
from sandbox.github.world.actions.sealed_boxes import drop_key_pair
from sandbox.github.world.actions.secrets import drop_secrets
from sandbox.github.world.actions.variables import drop_variables
from sandbox.github.world.environments.deployment_policies import drop_policies
from sandbox.github.world.environments.environments import erase_environment
from sandbox.store import Document, Store


def remove_environment(store: Store, repository: Document, name: str) -> None:
    """Remove an environment with its secrets, variables and policies."""
    scope = environment_scope(repository, name)
    drop_secrets(store, scope)
    drop_variables(store, scope)
    drop_policies(store, scope)
    drop_key_pair(store, scope)
    erase_environment(store, repository, name)
