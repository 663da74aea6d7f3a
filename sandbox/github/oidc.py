"""What GitHub's identity provider writes into the subject of a workflow's token.

https://docs.github.com/rest/actions/oidc. `sub_claim_prefix` is how a default subject begins; one of claims that the
repository names itself begins with the first of them.
"""

from typing import Any

from sandbox.github.accounts import account
from sandbox.github.bodies import items, optional, required
from sandbox.github.refusals import UnprocessableError
from sandbox.github.repositories import repository_of
from sandbox.route import Answer, Call
from sandbox.store import Document

_KIND = "github.oidc_subject"
# Repositories made from this day on have subjects that survive a rename
# (https://github.blog/changelog, 2026-04-23: immutable subject claims).
_IMMUTABLE_FROM = "2026-07-15"


def get_subject_customization(call: Call) -> dict[str, Any]:
    """GET /repos/{owner}/{repo}/actions/oidc/customization/sub"""
    repository, kept = repository_of(call), _kept(call)
    owner, name = repository["owner"], repository["name"]
    prefix = f"repo:{owner}/{name}"
    if kept["use_immutable_subject"]:
        prefix = f"repo:{owner}@{account(call.store, owner)['id']}/{name}@{repository['id']}"
    return {**kept, "sub_claim_prefix": prefix}


def set_subject_customization(call: Call) -> Answer:
    """PUT /repos/{owner}/{repo}/actions/oidc/customization/sub: claims of one's own only without the default"""
    default = required(call, "use_default", bool)
    claims = items(optional(call, "include_claim_keys", list, []), str, "include_claim_keys")
    if not default and not claims:
        raise UnprocessableError(
            'Invalid request.\n\n"include_claim_keys" wasn\'t supplied.', documentation="/actions/oidc"
        )
    kept: Document = {
        "use_default": default,
        "use_immutable_subject": optional(call, "use_immutable_subject", bool, _kept(call)["use_immutable_subject"]),
    }
    if not default:
        kept["include_claim_keys"] = claims
    call.store.put(_KIND, str(repository_of(call)["id"]), kept)
    return Answer({}, 201)


def _kept(call: Call) -> Document:
    repository = repository_of(call)
    begun = {"use_default": True, "use_immutable_subject": repository["created_at"] >= _IMMUTABLE_FROM}
    return call.store.get(_KIND, str(repository["id"])) or begun
