"""Code that a job takes from a Git repository: the one of the sandbox's GitHub."""

from urllib.parse import urlsplit

from sandbox.context import Context
from sandbox.databricks.world.workspace import git_credentials
from sandbox.github.world.git.git_objects import COMMITS, TREES, find_object
from sandbox.github.world.git.ref_store import HEADS, find_ref
from sandbox.github.world.repositories.repositories import find_repository
from sandbox.store import Document

_NOTEBOOK_ENDINGS = ("", ".py", ".ipynb", ".sql", ".r", ".R", ".scala")
_FAILED = "Failed to checkout Git repository"


class GitSourceError(Exception):
    """The code cannot be had; the text is the service's."""


def require_file(context: Context, source: Document, path: str, principal_id: str, *, notebook: bool) -> None:
    """Refuse unless the principal can have the file from the branch, tag or commit that the source names."""
    files = _files(context, source, principal_id)
    endings = _NOTEBOOK_ENDINGS if notebook else ("",)
    if not any(f"{path.strip('/')}{ending}" in files for ending in endings):
        where = source.get("git_branch") or source.get("git_tag") or source.get("git_commit")
        raise GitSourceError(f"{_FAILED}: NOT_FOUND: {path} does not exist in {source.get('git_url')} at {where}.")


def _files(context: Context, source: Document, principal_id: str) -> Document:
    url = str(source.get("git_url", ""))
    repository = _repository(context, url)
    if repository is None:
        raise GitSourceError(
            f"{_FAILED}: INVALID_PARAMETER_VALUE: Remote repo not found. "
            "Please ensure that: 1. Your remote Git repo URL is valid. "
            "2. Your personal access token or app password has the correct repo access."
        )
    if repository.get("private") and not git_credentials.held(
        context, principal_id, str(source.get("git_provider", ""))
    ):
        raise GitSourceError(
            f"{_FAILED}: PERMISSION_DENIED: Missing Git provider credentials for the private repository {url}. "
            "Go to User Settings > Linked accounts to add your personal access token; "
            "for a service principal that is POST /api/2.0/git-credentials with its own token."
        )
    sha = _commit(context, repository, source)
    commit = find_object(context.store, COMMITS, repository, sha) if sha else None
    tree = find_object(context.store, TREES, repository, commit["tree"]) if commit else None
    if tree is None:
        where = next(
            (f"{name} {source[name]}" for name in ("git_branch", "git_tag", "git_commit") if name in source), ""
        )
        raise GitSourceError(f"{_FAILED}: NOT_FOUND: {where} does not exist in {url}.")
    files: Document = tree["files"]
    return files


def _repository(context: Context, url: str) -> Document | None:
    owner, _, name = urlsplit(url).path.strip("/").removesuffix(".git").partition("/")
    return find_repository(context.store, owner, name)


def _commit(context: Context, repository: Document, source: Document) -> str | None:
    if branch := source.get("git_branch"):
        return find_ref(context.store, repository, f"{HEADS}{branch}")
    if tag := source.get("git_tag"):
        return find_ref(context.store, repository, f"refs/tags/{tag}")
    return str(source.get("git_commit", "")) or None
