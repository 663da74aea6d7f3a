"""The repository object: /repos/{owner}/{repo}, and where new ones are made.

https://docs.github.com/rest/repos/repos
"""

import re
from typing import Any

from sandbox.github.rest.bodies import body, one_of, optional, required
from sandbox.github.rest.paths import organization_of, repository_of
from sandbox.github.rest.representations import permissions, repository_url, simple_account
from sandbox.github.world.accounts.accounts import account
from sandbox.github.world.actions.organization_policies import READ_ONLY, policy_of
from sandbox.github.world.git.ref_store import HEADS, find_ref
from sandbox.github.world.refusals import UnprocessableError
from sandbox.github.world.repositories.collaborators import permission_of
from sandbox.github.world.repositories.founding import commit_readme, found_repository
from sandbox.github.world.repositories.repositories import find_repository, is_empty, save_repository
from sandbox.route import Answer, Call
from sandbox.source import github_docs
from sandbox.store import Document

_SOURCE = github_docs("rest/repos/repos")

_SECTION = "/repos/repos"
_NAME = re.compile(r"[\w.-]{1,100}", re.ASCII)


def create_organization_repository(call: Call) -> Answer:
    """POST /orgs/{org}/repos: its workflow token may do what the organisation's may"""
    login = organization_of(call)["login"]
    policy = policy_of(call.store, login)
    return _create(call, owner=login, workflow={name: policy[name] for name in READ_ONLY})


def create_user_repository(call: Call) -> Answer:
    """POST /user/repos"""
    return _create(call, owner=call.caller.id, workflow=dict(READ_ONLY))


def get_repository(call: Call) -> dict[str, Any]:
    """GET /repos/{owner}/{repo}"""
    return _shown(call, repository_of(call))


def update_repository(call: Call) -> dict[str, Any]:
    """PATCH /repos/{owner}/{repo}: its default branch, and who sees it"""
    repository = repository_of(call)
    branch = optional(call, "default_branch", str, repository["default_branch"])
    if branch != repository["default_branch"]:
        _check_branch(call, repository, branch)
    repository |= {"default_branch": branch, "private": _private(call, repository["private"])}
    save_repository(call.store, repository)
    return _shown(call, repository)


def _create(call: Call, *, owner: str, workflow: Document) -> Answer:
    name = required(call, "name", str)
    if not _NAME.fullmatch(name) or name in (".", ".."):
        raise _refused("name", "name is invalid", said="Repository creation failed.")
    if find_repository(call.store, owner, name) is not None:
        raise _refused("name", "name already exists on this account", said="Repository creation failed.")
    repository = found_repository(
        call.store, call.clock, owner=owner, name=name, private=_private(call, False), workflow=workflow
    )
    if optional(call, "auto_init", bool, False):
        commit_readme(call.store, call.clock, repository, author=call.caller.id)
    return Answer(_shown(call, repository), 201)


def _private(call: Call, default: bool) -> bool:
    if "visibility" in body(call):
        return one_of(call, "visibility", ("public", "private"), "private" if default else "public") == "private"
    return optional(call, "private", bool, default)


def _check_branch(call: Call, repository: Document, branch: str) -> None:
    if is_empty(call.store, repository):
        raise _refused(
            "default_branch",
            "Cannot update default branch for an empty repository. Please init the repository and push first.",
        )
    if find_ref(call.store, repository, HEADS + branch) is None:
        raise _refused(
            "default_branch",
            f"The branch {branch} was not found. Please push that ref first or create it via the Git Data API.",
        )


def _refused(field: str, message: str, *, said: str = "Validation Failed") -> UnprocessableError:
    code = "custom" if field == "name" else "invalid"
    error = {"resource": "Repository", "code": code, "field": field, "message": message}
    return UnprocessableError(said, documentation=_SECTION, errors=[error], source=_SOURCE)


def _shown(call: Call, document: Document) -> dict[str, Any]:
    """The repository, with what the Terraform provider needs for an empty second plan."""
    full_name = f"{document['owner']}/{document['name']}"
    url = repository_url(document, call.host)
    return {
        "id": document["id"],
        "node_id": document["node_id"],
        "name": document["name"],
        "full_name": full_name,
        "owner": simple_account(account(call.store, document["owner"]), call.host),
        "private": document["private"],
        "visibility": "private" if document["private"] else "public",
        "html_url": f"https://github.com/{full_name}",
        "clone_url": f"https://github.com/{full_name}.git",
        "git_url": f"git://github.com/{full_name}.git",
        "ssh_url": f"git@github.com:{full_name}.git",
        "svn_url": f"https://github.com/{full_name}",
        "url": url,
        "branches_url": f"{url}/branches{{/branch}}",
        "git_refs_url": f"{url}/git/refs{{/sha}}",
        "description": None,
        "homepage": None,
        "language": None,
        "fork": False,
        "archived": False,
        "disabled": False,
        "is_template": False,
        "topics": [],
        "license": None,
        "default_branch": document["default_branch"],
        "has_issues": True,
        "has_projects": True,
        "has_wiki": True,
        "has_pages": False,
        "has_downloads": True,
        "has_discussions": False,
        "allow_merge_commit": True,
        "allow_squash_merge": True,
        "allow_rebase_merge": True,
        "allow_auto_merge": False,
        "allow_update_branch": False,
        "delete_branch_on_merge": False,
        "web_commit_signoff_required": False,
        "merge_commit_title": "MERGE_MESSAGE",
        "merge_commit_message": "PR_TITLE",
        "squash_merge_commit_title": "COMMIT_OR_PR_TITLE",
        "squash_merge_commit_message": "COMMIT_MESSAGES",
        "size": 0 if is_empty(call.store, document) else 1,  # of what is kept, in KB
        "permissions": permissions(permission_of(call.store, document, call.caller.id)),
        "created_at": document["created_at"],
        "updated_at": document["created_at"],
        "pushed_at": document["created_at"],
    }
