"""GET /repos/{owner}/{repo}: the repository object."""

from typing import Any

from sandbox.github.accounts import account, simple_account
from sandbox.github.collaborators import permission_of, permissions
from sandbox.github.repositories import repository_of, repository_url
from sandbox.route import Call


def get_repository(call: Call) -> dict[str, Any]:
    """The repository, with what the Terraform provider needs for an empty second plan."""
    document = repository_of(call)
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
        "permissions": permissions(permission_of(call.store, document, call.caller.id)),
        "created_at": document["created_at"],
        "updated_at": document["created_at"],
        "pushed_at": document["created_at"],
    }
