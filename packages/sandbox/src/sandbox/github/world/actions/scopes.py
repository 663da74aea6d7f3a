"""Where secrets and variables live: in a repository or in one of its environments."""

from urllib.parse import quote

from sandbox.store import Document


def repository_scope(repository: Document) -> str:
    """The key under which a repository's own secrets and variables are kept."""
    return str(repository["id"])


def environment_scope(repository: Document, environment: str) -> str:
    """The key of an environment and of all that is in it; its name knows no case and may contain slashes."""
    return f"{repository['id']}:{quote(environment.lower(), safe='')}"


def is_environment(scope: str) -> bool:
    """Whether a scope is an environment's."""
    return ":" in scope
