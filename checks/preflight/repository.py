"""The ML repository: whether it is there, lets the caller administer it, and may be set up as mlops.yaml says."""

from collections.abc import Sequence
from typing import Any

from checks.check import Check, Finding, Outcome, Remedy, UncheckableError
from checks.commands import gh
from checks.github_api import GitHubError
from checks.live import Live
from checks.refusals import said
from checks.workflows import workflows
from settings import MAIN_BRANCH, EnvironmentSettings

LOGIN, REPOSITORY, MAIN = "github.login", "github.repository", "github.main"
_ADMIN, _SECRETS = "github.administration", "github.secrets"
_UPGRADE = "Upgrade to GitHub"


def repository_checks(live: Live, environments: Sequence[EnvironmentSettings], *, whole: bool) -> list[Check]:
    """The checks of the repository; without `whole` only those that environments need, for their secrets."""
    github = live.settings.github
    name = f"{github.owner}/{github.repository}"
    here = f"repos/{name}"

    def check(id_: str, about: str, needs: Sequence[str], run: Any, remedy: Remedy) -> Check:
        return Check(id_, about, tuple(needs), run, remedy, "the-repository")

    checks = [
        check(
            LOGIN,
            "GitHub knows the token in GITHUB_TOKEN",
            [],
            lambda: _login(live),
            Remedy("set GITHUB_TOKEN to a token of somebody who administers the repository"),
        ),
        check(
            REPOSITORY,
            f"the repository {name} is there",
            [LOGIN],
            lambda: _repository(live),
            Remedy(
                "make the repository, let the token see it, or correct github.owner and github.repository in "
                "mlops.yaml",
                (
                    gh(
                        "POST",
                        f"orgs/{github.owner}/repos",
                        {"name": github.repository, "private": True, "auto_init": True},
                    ),
                ),
                by="a member of the organisation who may make repositories",
            ),
        ),
    ]
    administers = whole or github.secret_scope == "environment"
    if administers:
        checks += [
            check(
                _ADMIN,
                "you may administer the repository",
                [REPOSITORY],
                lambda: _administration(live),
                Remedy("use a token with the permission Administration: read and write (classic: scope repo)"),
            ),
        ]
    if environments:
        checks.append(
            check(
                _SECRETS,
                "you may write Actions secrets",
                [_ADMIN if administers else REPOSITORY],
                lambda: _secrets(live),
                Remedy("use a token with the permission Secrets: read and write (classic: scope repo)"),
            )
        )
    if not whole:
        return checks
    checks += [
        check(
            MAIN,
            f"the repository has the branch {MAIN_BRANCH}",
            [REPOSITORY],
            lambda: _main(live),
            Remedy(
                f"push the first commit to {MAIN_BRANCH}",
                (
                    gh(
                        "PUT",
                        f"{here}/contents/README.md",
                        {"message": "Begin", "content": "IyBCZWdpbgo=", "branch": MAIN_BRANCH},
                    ),
                ),
            ),
        ),
        check(
            "github.plan",
            "GitHub's plan allows the repository to protect branches",
            [MAIN, _ADMIN],
            lambda: _plan(live),
            Remedy(
                "upgrade the owner's plan to Team (GitHub Pro for a personal account), or make the repository public",
                by="the owner",
            ),
        ),
        check(
            "github.organisation-policy",
            "the organisation allows what mlops.yaml asks for",
            [_ADMIN],
            lambda: _policy(live),
            Remedy(
                "change the organisation's settings, or `github` in mlops.yaml; if you know the policy, --skip this"
            ),
        ),
        check(
            "github.required-checks",
            f"every required check reports on every pull request into {MAIN_BRANCH}",
            [MAIN],
            lambda: _required(live),
            Remedy(
                "remove the check from github.required_checks, or the filters from its workflow: it would block "
                "every merge"
            ),
        ),
    ]
    return checks


def _login(live: Live) -> Outcome:
    try:
        return f"as {_name(live)}"
    except UncheckableError as missing:
        return Finding(str(missing))
    except GitHubError as error:
        if error.status in (401, 403):
            return Finding(said(error))
        raise


def _name(live: Live) -> str:
    return live.once("login", lambda: live.github.login())


def _repository(live: Live) -> Outcome:
    try:
        return live.repository.visibility
    except GitHubError as error:
        if error.status != 404:
            raise
        return Finding("the token sees no such repository")


def _main(live: Live) -> Outcome:
    try:
        return f"at {_newest_commit(live)[:8]}"
    except GitHubError as error:
        if error.status not in (404, 409):
            raise
    default, size = live.repository.data["default_branch"], live.repository.data["size"]
    if default != MAIN_BRANCH and size:
        path = f"repos/{live.repository.full_name}/branches/{default}/rename"
        rename = Remedy(f"rename {default}", (gh("POST", path, {"new_name": MAIN_BRANCH}),))
        return Finding(f"its default branch is {default}", rename)
    return Finding("the repository has no commits" if not size else "there is no such branch")


def _administration(live: Live) -> Outcome:
    repository, login = live.repository, _name(live)
    if not repository.may("admin"):
        path = f"repos/{repository.full_name}/collaborators/{login}"
        give = Remedy(
            f"make {login} an admin of the repository", (gh("PUT", path, {"permission": "admin"}),), by="its admins"
        )
        return Finding(f"{login} is not an admin of it", give)
    try:
        repository.get("actions/permissions/workflow")
    except GitHubError as error:
        if error.status in (403, 404):
            return Finding(said(error))
        raise
    return f"as {login}"


def _secrets(live: Live) -> Outcome:
    repository, login = live.repository, _name(live)
    try:
        repository.get("actions/secrets/public-key")
    except GitHubError as error:
        if error.status not in (403, 404):
            raise
        if repository.may("push"):
            return Finding(said(error))
        path = f"repos/{repository.full_name}/collaborators/{login}"
        give = Remedy(
            f"let {login} write to the repository", (gh("PUT", path, {"permission": "push"}),), by="its admins"
        )
        return Finding(said(error), give)
    return f"as {login}"


def _plan(live: Live) -> Outcome:
    try:
        live.repository.get(f"branches/{MAIN_BRANCH}/protection")
    except GitHubError as error:
        if error.status == 403 and _UPGRADE in said(error):
            return Finding(said(error))
        if error.status != 404:  # 404: not protected, which has nothing to do with the plan
            raise
    return live.repository.visibility


def _policy(live: Live) -> Outcome:
    github, owner = live.settings.github, live.repository.data["owner"]
    login = owner["login"]
    if owner["type"] != "Organization":
        return f"{login} is not an organisation"
    base = f"orgs/{login}/actions/permissions"
    try:
        actions, workflow = live.github.get(base), live.github.get(f"{base}/workflow")
    except GitHubError as error:
        if error.status in (403, 404):
            if _has_it_already(live):
                return f"only an owner of {login} may see its policy; the repository has it already"
            raise UncheckableError(
                f"only an owner of {login} may see its policy",
                remedy=Remedy(
                    "have somebody look at it who may, then --skip github.organisation-policy",
                    ("python -m checks preflight repository",),
                    by=f"an owner of {login}",
                ),
            ) from None
        raise
    problems: list[str] = []
    commands: list[str] = []
    if github.workflow_permissions == "write" and workflow["default_workflow_permissions"] == "read":
        problems.append("workflow tokens may only read")
    if github.allow_pull_request_creation and not workflow["can_approve_pull_request_reviews"]:
        problems.append("workflows may not create pull requests")
    if problems:
        wanted = {
            "default_workflow_permissions": github.workflow_permissions,
            "can_approve_pull_request_reviews": workflow["can_approve_pull_request_reviews"]
            or github.allow_pull_request_creation,
        }
        commands.append(gh("PUT", f"{base}/workflow", wanted))
    if actions["enabled_repositories"] == "none":
        problems.append("Actions are disabled")
        commands.append(gh("PUT", base, {**actions, "enabled_repositories": "all"}))
    elif github.actions.allowed == "all" and actions.get("allowed_actions", "all") != "all":
        problems.append(f"only {actions['allowed_actions'].replace('_', ' ')} actions are allowed")
        commands.append(gh("PUT", base, {**actions, "allowed_actions": "all"}))
    if problems:
        text = "change the organisation's Actions settings, or `github` in mlops.yaml"
        return Finding(
            f"in {login}, {' and '.join(problems)}",
            Remedy(text, tuple(commands), by=f"an owner of {login}"),
        )
    return f"the Actions policy of {login} does"


def _has_it_already(live: Live) -> bool:
    """Whether the repository is set up as mlops.yaml asks: then its organisation allows that."""
    github, repository = live.settings.github, live.repository
    try:
        actions, workflow = repository.get("actions/permissions"), repository.get("actions/permissions/workflow")
    except GitHubError:
        return False
    return (
        bool(actions["enabled"])
        and (github.actions.allowed != "all" or actions.get("allowed_actions") == "all")
        and (github.workflow_permissions == "read" or workflow["default_workflow_permissions"] == "write")
        and (not github.allow_pull_request_creation or bool(workflow["can_approve_pull_request_reviews"]))
    )


def _required(live: Live) -> Outcome:
    required = live.settings.github.required_checks
    if not required:
        return "none is required"
    project = live.settings.ml_project
    if project is None:
        runs = live.repository.pages(f"commits/{_newest_commit(live)}/check-runs", "check_runs")
        reported = {run["name"] for run in runs}
        silent = [name for name in required if name not in reported]
        if silent:
            return Finding(f"{', '.join(silent)} has not reported on {MAIN_BRANCH}'s newest commit")
        return ", ".join(required)
    found = live.once("workflows", lambda: workflows(project))
    names = [one for workflow in found for one in workflow.reports(MAIN_BRANCH)]
    reported = {name for name, whole in names if whole}
    silent = [name for name in required if name not in reported]
    begun = [name for name, whole in names if not whole]
    if silent and all(any(name.startswith(beginning) for beginning in begun) for name in silent):
        raise UncheckableError(f"whether {', '.join(silent)} is reported is known in a run alone")
    if silent:
        return Finding(
            f"no workflow reports {', '.join(silent)} on every pull request; "
            f"reported are: {', '.join(sorted(reported)) or 'none'}"
        )
    return ", ".join(required)


def _newest_commit(live: Live) -> str:
    return str(live.repository.get(f"branches/{MAIN_BRANCH}")["commit"]["sha"])
