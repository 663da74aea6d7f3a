"""Around the repository: secrets, rulesets and protection that no stack has made."""

from collections.abc import Iterator
from urllib.parse import quote

from checks.check import Check, Finding, Outcome, Remedy, Skipped
from checks.commands import gh
from checks.github_api import GitHubError
from checks.live import Live
from checks.remedies import delete_policies
from checks.repository import REPOSITORY, repository_check
from settings import MAIN_BRANCH


def repository_checks(live: Live) -> Iterator[Check]:
    """The checks of the ML repository."""

    def check(id_: str, about: str, run: object, remedy: Remedy) -> Check:
        assert callable(run)
        return Check(f"github.{id_}", about, (REPOSITORY,), run, remedy, "what-terraform-cannot-see")

    yield repository_check(live, docs="what-terraform-cannot-see", may_be_absent=False)
    yield check(
        "secrets",
        "the repository has no secrets but those of mlops.yaml",
        lambda: _secrets(live),
        Remedy("delete the secret, or list it in github.other_secrets of mlops.yaml"),
    )
    if live.settings.github.secret_scope == "environment":
        yield check(
            "environments",
            "each environment admits jobs of its own branch alone",
            lambda: _environments(live),
            delete_policies(),
        )
    yield check(
        "rulesets",
        "no ruleset changes what the protection of branches means",
        lambda: _rulesets(live),
        Remedy("delete the ruleset, or list it in github.other_rulesets of mlops.yaml"),
    )
    yield check(
        "protection",
        "no other rule protects branches of the repository",
        lambda: _protection(live),
        Remedy("delete the rule: it may override that of the stack"),
    )
    yield check(
        "oidc",
        "the OIDC tokens of workflows have GitHub's default subject",
        lambda: _oidc(live),
        Remedy("set it back to the default; if it is intended, --skip this. Federation policies name the subject"),
    )


def _secrets(live: Live) -> Outcome:
    settings, repository = live.settings, live.repository
    known = {environment.secret for environment in settings.environments} | set(settings.github.other_secrets)
    there = {one["name"] for one in repository.pages("actions/secrets", "secrets")}
    others = sorted(there - known)
    for environment in repository.pages("environments", "environments"):
        path = f"environments/{quote(environment['name'], safe='')}/secrets"
        names = {one["name"] for one in repository.pages(path, "secrets")}
        others += [f"{name} in the environment {environment['name']}" for name in sorted(names - known)]
        there |= names
    return Finding(f"also {', '.join(others)}") if others else f"it has {', '.join(sorted(there)) or 'none'}"


def _environments(live: Live) -> Outcome:
    repository, others, commands, looked_at = live.repository, [], [], []
    for environment in live.settings.environments:
        if environment.secret_branch is None:
            continue
        looked_at.append(f"{environment.name}: {environment.secret_branch}")
        path = f"environments/{environment.name}/deployment-branch-policies"
        for policy in repository.pages(path, "branch_policies"):
            if policy["name"] != environment.secret_branch:
                others.append(f"{environment.name}: {policy['name']}")
                commands.append(gh("DELETE", f"repos/{repository.full_name}/{path}/{policy['id']}"))
    if others:
        return Finding(f"also admitted are {', '.join(others)}", delete_policies(*commands))
    return ", ".join(looked_at) if looked_at else Skipped("not looked at: no environment is bound to a branch")


def _rulesets(live: Live) -> Outcome:
    try:
        found = list(live.repository.pages("rulesets?includes_parents=false"))
    except GitHubError as error:
        if error.status == 404:
            return "GitHub has none for this repository"
        raise
    known = set(live.settings.github.other_rulesets)
    others = [f"{one['name']} ({one['enforcement']})" for one in found if one["name"] not in known]
    if others:
        return Finding(f"there is {', '.join(others)}")
    return f"GitHub lists {', '.join(str(one['name']) for one in found) or 'none'}"


def _protection(live: Live) -> Outcome:
    github = live.settings.github
    query = (
        "query($owner: String!, $name: String!) { repository(owner: $owner, name: $name) "
        "{ branchProtectionRules(first: 100) { nodes { pattern } } } }"
    )
    answer = live.github.graphql(query, {"owner": github.owner, "name": github.repository})
    patterns = [node["pattern"] for node in answer["repository"]["branchProtectionRules"]["nodes"]]
    others = [pattern for pattern in patterns if pattern not in (MAIN_BRANCH, *live.settings.release_branches)]
    return Finding(f"there is one for {', '.join(others)}") if others else f"rules looked at: {len(patterns)}"


def _oidc(live: Live) -> Outcome:
    answer = live.repository.get("actions/oidc/customization/sub")
    if not answer.get("use_default", True):
        return Finding(f"it is made of {', '.join(answer.get('include_claim_keys', ()))}")
    return str(answer.get("sub_claim_prefix") or "GitHub says that it is the default")
