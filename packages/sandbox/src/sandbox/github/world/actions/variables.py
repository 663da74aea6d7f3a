"""Actions variables as they are kept."""

from sandbox.clock import Clock
from sandbox.github.world.actions.scopes import is_environment
from sandbox.store import Document, Store

MOST_OF_REPOSITORY, MOST_OF_ENVIRONMENT = 500, 100

_KIND = "github.variable"


def find_variable(store: Store, scope: str, name: str) -> Document | None:
    """The variable of that name, or None."""
    return store.get(_KIND, _key(scope, name))


def variables_of(store: Store, scope: str) -> list[Document]:
    """The variables of a scope."""
    return [kept for _, kept in store.all(_KIND, prefix=f"{scope}/")]


def is_full(store: Store, scope: str) -> bool:
    """Whether a scope has no room for another variable."""
    return len(variables_of(store, scope)) >= (MOST_OF_ENVIRONMENT if is_environment(scope) else MOST_OF_REPOSITORY)


def create_variable(store: Store, clock: Clock, scope: str, name: str, value: str) -> None:
    """Make a variable."""
    now = clock.rfc3339()
    store.put(_KIND, _key(scope, name), {"name": name, "value": value, "created_at": now, "updated_at": now})


def change_variable(store: Store, clock: Clock, scope: str, kept: Document, *, name: str, value: str) -> None:
    """Give a variable another value, another name, or both."""
    delete_variable(store, scope, kept["name"])
    store.put(_KIND, _key(scope, name), kept | {"name": name, "value": value, "updated_at": clock.rfc3339()})


def delete_variable(store: Store, scope: str, name: str) -> None:
    """Remove a variable."""
    store.delete(_KIND, _key(scope, name))


def drop_variables(store: Store, scope: str) -> None:
    """Remove every variable of a scope."""
    for kept in variables_of(store, scope):
        delete_variable(store, scope, kept["name"])


def _key(scope: str, name: str) -> str:
    return f"{scope}/{name.upper()}"
