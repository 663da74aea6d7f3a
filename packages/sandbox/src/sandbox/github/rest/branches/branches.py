"""Branches: a ref under refs/heads with its commit and its protection in short.

https://docs.github.com/rest/branches/branches
"""

from typing import Any
from urllib.parse import quote

from sandbox.github.rest.bodies import required
from sandbox.github.rest.paging import page
from sandbox.github.rest.paths import repository_of
from sandbox.github.rest.representations import (
    render_commit,
    repository_url,
)
from sandbox.github.world.branches.protection_rules import (
    contexts,
    find_exact_rule,
    find_rule,
    save_rule,
)
from sandbox.github.world.git.ref_store import HEADS, all_refs, drop_ref, find_ref, write_ref
from sandbox.github.world.git.revisions import branch_sha
from sandbox.github.world.refusals import (
    UnprocessableError,
)
from sandbox.github.world.repositories.repositories import save_repository
from sandbox.route import Answer, Call
from sandbox.source import github_docs
from sandbox.store import Document

_SOURCE = github_docs("rest/branches/branches")

_SECTION = "/branches/branches"


def list_branches(call: Call) -> Answer:
    """GET /repos/{owner}/{repo}/branches, with ?protected=true only those that are"""
    repository = repository_of(call)
    listed = [_short(call, ref.removeprefix(HEADS), sha) for ref, sha in all_refs(call.store, repository, HEADS)]
    wanted = call.query.get("protected")
    return page(call, [branch for branch in listed if wanted in (None, str(branch["protected"]).lower())])


def get_branch(call: Call) -> dict[str, Any]:
    """GET /repos/{owner}/{repo}/branches/{branch}"""
    return _shown(call, call.params["branch"])


def rename_branch(call: Call) -> Answer:
    """POST /repos/{owner}/{repo}/branches/{branch}/rename: a rule that names the branch goes with it."""
    repository, old, new = repository_of(call), call.params["branch"], required(call, "new_name", str)
    sha = branch_sha(call.store, repository, old)
    if find_ref(call.store, repository, HEADS + new) is not None:
        raise UnprocessableError(
            f"Branch name already exists: {new}", documentation=_SECTION + "#rename-a-branch", source=_SOURCE
        )
    drop_ref(call.store, repository, HEADS + old)
    write_ref(call.store, repository, HEADS + new, sha)
    if repository["default_branch"] == old:
        save_repository(call.store, repository | {"default_branch": new})
    rule = find_exact_rule(call.store, repository, old)
    if rule is not None:
        save_rule(call.store, rule | {"pattern": new})
    return Answer(_shown(call, new), 201)


def _short(call: Call, name: str, sha: str) -> dict[str, Any]:
    repository = repository_of(call)
    url = repository_url(repository, call.host)
    rule = find_rule(call.store, repository, name)
    return {
        "name": name,
        "commit": {"sha": sha, "url": f"{url}/commits/{sha}"},
        "protected": rule is not None,
        "protection": _protection(rule),
        "protection_url": f"{url}/branches/{quote(name, safe='')}/protection",
    }


def _shown(call: Call, name: str) -> dict[str, Any]:
    sha = branch_sha(call.store, repository_of(call), name)
    short = _short(call, name, sha)
    itself = short["protection_url"].removesuffix("/protection")
    return short | {"commit": render_commit(call, sha), "_links": {"self": itself}}


def _protection(rule: Document | None) -> dict[str, Any]:
    """What readers may know: whether there is a rule and which checks it asks for."""
    checked = rule is not None and rule["requiresStatusChecks"]
    level = "off" if not checked else "everyone" if rule and rule["isAdminEnforced"] else "non_admins"
    return {
        "enabled": rule is not None,
        "required_status_checks": {
            "enforcement_level": level,
            "contexts": contexts(rule) if rule and checked else [],
            "checks": rule["requiredStatusChecks"] if rule and checked else [],
        },
    }
