"""The infrastructure repository: who may change what its workflows run with their credentials.

https://docs.github.com/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
"""

import base64
from collections.abc import Iterator, Mapping
from typing import Any

from pathspec import PathSpec

from checks.check import Check, Finding, Outcome, Remedy, UncheckableError
from checks.github_api import GitHubError
from checks.github_client import Repository
from checks.live import Live
from checks.refusals import said
from settings import MAIN_BRANCH

_OWNERS = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")  # GitHub takes the first of these
# One path of each kind that decides what runs with an administrator's credentials, or who decides that.
_DECIDING = (
    "mlops.yaml",
    "main.py",
    "Makefile",
    "Pipfile.lock",
    "package-lock.json",
    "locks/providers.lock.hcl",
    ".github/CODEOWNERS",
    ".github/workflows/deploy.yml",
    ".github/actions/deploy/action.yml",
    "bootstrap/pipenv.txt",
    "packages/bundle/src/bundle/entry.py",
    "checks/drift/guard.py",
    "constructs/catalog_access.py",
    "settings/model.py",
    "stacks/environment.py",
)
# The environments of docs/workflows.md, and whether a reviewer stands before each. `plan` is for other branches too.
ENVIRONMENTS: Mapping[str, bool] = {
    "plan": True,
    "staging": False,
    "repository": True,
    "production": True,
    "rotation": False,
    "drift": False,
}
_CLIENT_ID = "DATABRICKS_CLIENT_ID"
_ADMIN = Remedy("use a token that may also read that repository's administration", by="its admins")


def infrastructure_checks(live: Live) -> list[Check]:
    """The checks of this repository on GitHub; none where nothing says which it is."""
    name = live.infrastructure
    if name is None:
        return []

    def repository() -> Repository:
        return live.once(("repository", name), lambda: live.github.repository(name))

    def check(id_: str, about: str, run: Any, remedy: Remedy) -> Check:
        needs = () if id_ == "repository" else ("infrastructure.repository",)
        return Check(f"infrastructure.{id_}", about, needs, run, remedy, "the-infrastructure-repository")

    return [
        check(
            "repository",
            f"the token sees the infrastructure repository {name}",
            lambda: _seen(repository),
            Remedy("let the token see it, or correct `infrastructure` in mlops.yaml"),
        ),
        check(
            "code-owners",
            "its CODEOWNERS covers mlops.yaml, the workflows and the code that they run",
            lambda: _owned(repository()),
            Remedy("commit docs/examples/CODEOWNERS as .github/CODEOWNERS, with your team of administrators"),
        ),
        check(
            "main",
            f"its {MAIN_BRANCH} changes only by pull requests that a code owner has approved",
            lambda: _protected(repository()),
            Remedy(
                f"import docs/examples/infrastructure-ruleset.json in its settings, Rules, Rulesets, for {MAIN_BRANCH}",
                by="its admins",
            ),
        ),
        check(
            "environments",
            f"each of its environments admits only {MAIN_BRANCH}, and those that deploy have reviewers",
            lambda: _environments(repository()),
            Remedy("set them as docs/workflows.md lists them", by="its admins"),
        ),
        check(
            "principals",
            "each of its environments has a principal of its own",
            lambda: _principals(repository()),
            Remedy("give each environment another DATABRICKS_CLIENT_ID, with what docs/rights.md lists"),
        ),
    ]


def _seen(repository: Any) -> Outcome:
    try:
        found: Repository = repository()
    except GitHubError as error:
        if error.status in (401, 403, 404):
            raise UncheckableError(f"the token in GITHUB_TOKEN does not see it: {said(error)}") from None
        raise
    return found.visibility


def _owned(repository: Repository) -> Outcome:
    text = next((text for name in _OWNERS if (text := _content(repository, name)) is not None), None)
    if text is None:
        return Finding(f"there is no CODEOWNERS on {MAIN_BRANCH}")
    rules = list(owner_rules(text))
    free = [path for path in _DECIDING if not owners_of(path, rules)]
    return Finding(f"nobody owns {', '.join(free)}") if free else f"{len(_DECIDING)} paths, one of each kind"


def owner_rules(text: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The rules of a CODEOWNERS file in their order: a pattern, and whom it names."""
    for line in text.splitlines():
        pattern, *owners = line.partition("#")[0].split() or [""]
        if pattern:
            yield pattern, tuple(owners)


def owners_of(path: str, rules: list[tuple[str, tuple[str, ...]]]) -> tuple[str, ...]:
    """Who owns a path: the last rule that fits decides, also that it is nobody."""
    for pattern, owners in reversed(rules):
        # What `.gitignore` knows and CODEOWNERS does not, fits nothing there.
        if pattern.startswith(("!", "\\#")) or "[" in pattern:
            continue
        if PathSpec.from_lines("gitignore", [pattern]).match_file(path):
            # There, `docs/*` does not reach into folders below.
            if pattern.endswith("/*") and path.count("/") > pattern.strip("/").count("/"):
                continue
            return owners
    return ()


def _content(repository: Repository, path: str) -> str | None:
    try:
        found = repository.get(f"contents/{path}?ref={MAIN_BRANCH}")
    except GitHubError as error:
        if error.status == 404:
            return None
        raise
    return None if isinstance(found, list) else base64.b64decode(found["content"]).decode("utf-8", errors="replace")


def _protected(repository: Repository) -> Outcome:
    """By rulesets, which every reader may see, or by the older protection, which only its admins may."""
    rules = {rule["type"]: rule.get("parameters") or {} for rule in repository.pages(f"rules/branches/{MAIN_BRANCH}")}
    lacking = list(_lacking(rules))
    if not lacking:
        return "by a ruleset"
    try:
        protection = repository.get(f"branches/{MAIN_BRANCH}/protection")
    except GitHubError as error:
        if error.status == 404 and "not protected" in said(error).lower():
            return Finding(f"it lacks {', '.join(lacking)}")
        if error.status in (403, 404):
            raise UncheckableError(
                f"its rulesets do not require {', '.join(lacking)}, and only its admins may see "
                "whether its protection does",
                remedy=_ADMIN,
            ) from None
        raise
    reviews = protection.get("required_pull_request_reviews")
    older: dict[str, Mapping[str, Any]] = {}
    if reviews is not None:
        older["pull_request"] = {
            "required_approving_review_count": reviews.get("required_approving_review_count"),
            "require_code_owner_review": reviews.get("require_code_owner_reviews"),
        }
    if not _switched_on(protection, "allow_force_pushes"):
        older["non_fast_forward"] = {}
    if not _switched_on(protection, "allow_deletions"):
        older["deletion"] = {}
    lacking = [one for one in _lacking(older) if one in lacking]
    if not lacking and not _switched_on(protection, "enforce_admins"):
        lacking = ["enforcement for its admins"]
    return Finding(f"it lacks {', '.join(lacking)}") if lacking else "by branch protection"


def _switched_on(protection: Mapping[str, Any], switch: str) -> bool:
    return bool((protection.get(switch) or {}).get("enabled"))


def _lacking(rules: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    reviews = rules.get("pull_request")
    if reviews is None:
        yield "pull requests"
    if not (reviews or {}).get("required_approving_review_count"):
        yield "an approval"
    if not (reviews or {}).get("require_code_owner_review"):
        yield "the review of a code owner"
    if "non_fast_forward" not in rules:
        yield "a refusal of force pushes"
    if "deletion" not in rules:
        yield "a refusal of its deletion"


def _environments(repository: Repository) -> Outcome:
    found = {one["name"]: one for one in repository.pages("environments", "environments")}
    problems = []
    for name, reviewed in ENVIRONMENTS.items():
        if name not in found:
            problems.append(f"{name} is not there")
            continue
        rules = {rule["type"]: rule for rule in found[name].get("protection_rules") or ()}
        if reviewed and not (rules.get("required_reviewers") or {}).get("reviewers"):
            problems.append(f"{name} has no reviewer")
        if name != "plan" and (others := _admitted(repository, found[name])):
            problems.append(f"{name} admits {others}")
    return Finding("; ".join(problems)) if problems else ", ".join(ENVIRONMENTS)


def _admitted(repository: Repository, environment: Mapping[str, Any]) -> str:
    """What an environment admits besides main; an empty text when that is nothing."""
    policy = environment.get("deployment_branch_policy")
    if not policy:
        return "every branch"
    if not policy["custom_branch_policies"]:
        return "every protected branch"
    path = f"environments/{environment['name']}/deployment-branch-policies"
    names = [one["name"] for one in repository.pages(path, "branch_policies")]
    others = sorted(name for name in names if name != MAIN_BRANCH)
    return ", ".join(others) or ("" if names else "nothing")


def _principals(repository: Repository) -> Outcome:
    found: dict[str, list[str]] = {}
    for name in ENVIRONMENTS:
        try:
            value = repository.get(f"environments/{name}/variables/{_CLIENT_ID}")["value"]
        except GitHubError as error:
            if error.status == 404:
                continue
            if error.status == 403:
                raise UncheckableError(
                    f"the token may not read the variables of {name}: {said(error)}",
                    remedy=Remedy("use a token with the permission Environments: read for that repository"),
                ) from None
            raise
        found.setdefault(value, []).append(name)
    shared = [" and ".join(names) for names in found.values() if len(names) > 1]
    if shared:
        return Finding(f"{'; '.join(shared)} share one")
    if not found:
        raise UncheckableError(f"no environment has the variable {_CLIENT_ID}, as far as the token sees")
    return ", ".join(name for names in found.values() for name in names)
