"""What GitHub's identity provider writes into the subject of a workflow's token, repository by repository."""

from sandbox.github.world.accounts.accounts import account
from sandbox.store import Document, Store

_KIND = "github.oidc_subject"
# Repositories made from this day on have subjects that survive a rename
# (https://github.blog/changelog, 2026-04-23: immutable subject claims).
_IMMUTABLE_FROM = "2026-07-15"


def customization(store: Store, repository: Document) -> Document:
    """How the subject is made."""
    begun = {"use_default": True, "use_immutable_subject": repository["created_at"] >= _IMMUTABLE_FROM}
    return store.get(_KIND, str(repository["id"])) or begun


def customize(store: Store, repository: Document, wanted: Document) -> None:
    """Say how the subject is made."""
    store.put(_KIND, str(repository["id"]), wanted)


def subject_prefix(store: Store, repository: Document) -> str:
    """How a default subject begins."""
    owner, name = repository["owner"], repository["name"]
    if customization(store, repository)["use_immutable_subject"]:
        return f"repo:{owner}@{account(store, owner)['id']}/{name}@{repository['id']}"
    return f"repo:{owner}/{name}"
