"""/repos/{owner}/{repo}/commits: commits as a repository lists them (https://docs.github.com/rest/commits)."""

from typing import Any

from sandbox.github.rest.paging import page
from sandbox.github.rest.paths import filled_repository_of
from sandbox.github.rest.representations import (
    render_commit,
)
from sandbox.github.world.git.git_objects import (
    ancestry,
)
from sandbox.github.world.git.revisions import resolve
from sandbox.route import Answer, Call


def list_commits(call: Call) -> Answer:
    """GET /repos/{owner}/{repo}/commits"""
    repository = filled_repository_of(call)
    start = resolve(call.store, repository, call.query.get("sha") or repository["default_branch"])
    return page(call, [render_commit(call, sha) for sha, _ in ancestry(call.store, repository, start)])


def get_commit(call: Call) -> dict[str, Any]:
    """GET /repos/{owner}/{repo}/commits/{ref}"""
    return render_commit(call, resolve(call.store, filled_repository_of(call), call.params["ref"]))
