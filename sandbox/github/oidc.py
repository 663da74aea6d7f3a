"""What GitHub's identity provider writes into the subject of a workflow's token.

https://docs.github.com/rest/actions/oidc
"""

from typing import Any

from sandbox.github.accounts import account
from sandbox.github.repositories import repository_of
from sandbox.route import Call

# Repositories made from this day on have subjects that survive a rename
# (https://github.blog/changelog, 2026-04-23: immutable subject claims).
_IMMUTABLE_FROM = "2026-07-15"


def get_subject_customization(call: Call) -> dict[str, Any]:
    """GET /repos/{owner}/{repo}/actions/oidc/customization/sub"""
    repository = repository_of(call)
    owner, name = repository["owner"], repository["name"]
    immutable = repository["created_at"] >= _IMMUTABLE_FROM
    if immutable:
        prefix = f"repo:{owner}@{account(call.store, owner)['id']}/{name}@{repository['id']}"
    else:
        prefix = f"repo:{owner}/{name}"
    return {"use_default": True, "use_immutable_subject": immutable, "sub_claim_prefix": prefix}
