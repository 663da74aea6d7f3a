"""What an account's plan leaves out: on the free one, private repositories have no rules for branches or environments.

https://docs.github.com/get-started/learning-about-github/githubs-plans
"""

from sandbox.github.world.accounts.accounts import FREE, find_account
from sandbox.store import Document, Store

UPGRADE = "Upgrade to GitHub Pro or make this repository public to enable this feature."


def is_limited(store: Store, repository: Document) -> bool:
    """Whether the repository has only what the free plan gives to private ones."""
    owner = find_account(store, repository["owner"])
    return bool(repository["private"]) and owner is not None and owner["plan"] == FREE
