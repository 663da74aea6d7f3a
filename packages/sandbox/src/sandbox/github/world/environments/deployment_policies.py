"""Which branches and tags may deploy to an environment."""

from sandbox.github.world.branches.patterns import matches
from sandbox.github.world.node_ids import DEPLOYMENT_POLICY, node_id
from sandbox.store import Document, Store

_KIND = "github.deployment_policy"


def admits(store: Store, scope: str, environment: Document, branch: str, *, protected: bool) -> bool:
    """Whether a job that runs on `branch` gets into the environment."""
    policy = environment["deployment_branch_policy"]
    if policy is None:
        return True
    if policy["protected_branches"]:
        return protected
    return any(kept["type"] == "branch" and matches(kept["name"], branch) for kept in policies_of(store, scope))


def admitted(store: Store, scope: str, environment: Document) -> str | None:
    """Which branches get into the environment, in words; None when all do."""
    policy = environment["deployment_branch_policy"]
    if policy is None:
        return None
    if policy["protected_branches"]:
        return "protected branches"
    return ", ".join(kept["name"] for kept in policies_of(store, scope) if kept["type"] == "branch") or "no branch"


def drop_policies(store: Store, scope: str) -> None:
    """Remove every policy of an environment."""
    for kept in policies_of(store, scope):
        delete_policy(store, scope, kept)


def policies_of(store: Store, scope: str) -> list[Document]:
    """The policies of an environment, the oldest first."""
    return sorted((kept for _, kept in store.all(_KIND, prefix=f"{scope}/")), key=lambda kept: int(kept["id"]))


def find_policy(store: Store, scope: str, policy_id: str) -> Document | None:
    """The policy of that id, or None."""
    return store.get(_KIND, f"{scope}/{policy_id}")


def create_policy(store: Store, scope: str, *, name: str, kind: str) -> Document:
    """Make a policy; `kind` is "branch" or "tag"."""
    number = store.next("github.deployment_policy")
    kept = {"id": number, "node_id": node_id(DEPLOYMENT_POLICY, number), "name": name, "type": kind}
    return save_policy(store, scope, kept)


def save_policy(store: Store, scope: str, kept: Document) -> Document:
    """Write a policy back."""
    store.put(_KIND, f"{scope}/{kept['id']}", kept)
    return kept


def delete_policy(store: Store, scope: str, kept: Document) -> None:
    """Remove a policy."""
    store.delete(_KIND, f"{scope}/{kept['id']}")
