"""The data source github_repository. Pages and licences are not looked at: the sandbox's repositories have none."""

from sandbox.standins.behaviour import DataSource, RefusedError
from sandbox.standins.github.session import Session, rest
from sandbox.standins.plan import Values

READ = rest("GET", "/repos/{owner}/{repository}")

_FLAGS = (
    "allow_auto_merge",
    "allow_merge_commit",
    "allow_rebase_merge",
    "allow_squash_merge",
    "allow_update_branch",
    "archived",
    "delete_branch_on_merge",
    "fork",
    "has_discussions",
    "has_downloads",
    "has_issues",
    "has_projects",
    "has_wiki",
    "is_template",
    "private",
)
_TEXTS = {
    "default_branch": "default_branch",
    "description": "description",
    "full_name": "full_name",
    "git_clone_url": "git_url",
    "homepage_url": "homepage",
    "html_url": "html_url",
    "http_clone_url": "clone_url",
    "merge_commit_message": "merge_commit_message",
    "merge_commit_title": "merge_commit_title",
    "name": "name",
    "node_id": "node_id",
    "primary_language": "language",
    "squash_merge_commit_message": "squash_merge_commit_message",
    "squash_merge_commit_title": "squash_merge_commit_title",
    "ssh_clone_url": "ssh_url",
    "svn_url": "svn_url",
    "visibility": "visibility",
}


def _find(session: Session, config: Values) -> Values:
    names = {"repository": config["name"]}
    if config["full_name"]:
        owner, separator, repository = config["full_name"].partition("/")
        if not separator:
            raise RefusedError(f'unexpected full name format ("{config["full_name"]}"), expected owner/repo_name')
        names = {"owner": owner, "repository": config["name"] or repository}
    if not names["repository"]:
        raise RefusedError('one of "full_name" or "name" has to be provided')
    found = session.send(READ, **names)
    template = found.get("template_repository")
    return {
        "id": names["repository"],
        "repo_id": found["id"],
        "topics": found.get("topics", []),
        "pages": [],
        "repository_license": [],
        "template": [{"owner": template["owner"]["login"], "repository": template["name"]}] if template else [],
        **{name: bool(found.get(name)) for name in _FLAGS},
        **{name: found.get(key) or "" for name, key in _TEXTS.items()},
    }


DATA_SOURCE: DataSource[Session] = DataSource(requests=(READ,), read=_find)
