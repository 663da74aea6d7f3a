"""What GitHub's identity provider writes into the subject of a workflow's token.

https://docs.github.com/rest/actions/oidc. `sub_claim_prefix` is how a default subject begins; one of claims that the
repository names itself begins with the first of them.
"""

import re
from typing import Any

from sandbox.github.rest.bodies import items, optional, required
from sandbox.github.rest.limits import limit
from sandbox.github.rest.paths import repository_of
from sandbox.github.world.actions.oidc_subjects import customization, customize, subject_prefix
from sandbox.github.world.refusals import (
    UnprocessableError,
)
from sandbox.limits import Spelling, limited
from sandbox.route import Answer, Call
from sandbox.source import github_docs
from sandbox.store import Document

_SOURCE = github_docs("rest/actions/oidc")

_CLAIMS = limit(
    "include_claim_keys[]",
    Spelling(re.compile(r"\w+", re.ASCII), "letters, digits and underscores", "repo", "repo-name"),
    github_docs("rest/actions/oidc"),
    resource="OidcCustomSub",
)


def get_subject_customization(call: Call) -> dict[str, Any]:
    """GET /repos/{owner}/{repo}/actions/oidc/customization/sub"""
    repository = repository_of(call)
    kept = customization(call.store, repository)
    return {**kept, "sub_claim_prefix": subject_prefix(call.store, repository)}


@limited(_CLAIMS)
def set_subject_customization(call: Call) -> Answer:
    """PUT /repos/{owner}/{repo}/actions/oidc/customization/sub: claims of one's own only without the default"""
    default = required(call, "use_default", bool)
    claims = items(optional(call, "include_claim_keys", list, []), str, "include_claim_keys")
    if not default and not claims:
        raise UnprocessableError(
            'Invalid request.\n\n"include_claim_keys" wasn\'t supplied.', documentation="/actions/oidc", source=_SOURCE
        )
    repository = repository_of(call)
    immutable = customization(call.store, repository)["use_immutable_subject"]
    wanted: Document = {
        "use_default": default,
        "use_immutable_subject": optional(call, "use_immutable_subject", bool, immutable),
    }
    if not default:
        wanted["include_claim_keys"] = claims
    customize(call.store, repository, wanted)
    return Answer({}, 201)
