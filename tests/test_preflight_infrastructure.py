"""What preflight says of the infrastructure repository, asked for by the real client, in this process."""

import json
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch as patched

import pytest

from checks.check import Line, Status, perform
from checks.live import Live
from checks.preflight.infrastructure import ENVIRONMENTS, infrastructure_checks, owner_rules, owners_of
from packages.sandbox.tests.github_fixtures import ADMIN, READER, REPOSITORY, STRANGER, GitHubSandbox, open_sandbox
from tests.github_checking import checking

EXAMPLES = Path(__file__).parent.parent / "docs" / "examples"
RULESET = json.loads((EXAMPLES / "infrastructure-ruleset.json").read_text(encoding="utf-8"))
MAIN_ONLY = {"protected_branches": False, "custom_branch_policies": True}


@pytest.fixture
def github(tmp_path: Path) -> Iterator[GitHubSandbox]:
    """A repository that is set up as docs/workflows.md says, with the files of docs/examples."""
    sandbox = open_sandbox(tmp_path)
    owners = b64encode((EXAMPLES / "CODEOWNERS").read_bytes()).decode()
    put(sandbox, "contents/.github/CODEOWNERS", {"message": "Own", "content": owners, "branch": "main"})
    reviewer = sandbox.client().get_user("writer").id
    for name, reviewed in ENVIRONMENTS.items():
        reviewers = [{"type": "User", "id": reviewer}] if reviewed else []
        policy = None if name == "plan" else MAIN_ONLY
        put(sandbox, f"environments/{name}", {"reviewers": reviewers, "deployment_branch_policy": policy})
        if policy:
            post(sandbox, f"environments/{name}/deployment-branch-policies", {"name": "main"})
        if name != "repository":
            post(sandbox, f"environments/{name}/variables", {"name": "DATABRICKS_CLIENT_ID", "value": f"id-of-{name}"})
    post(sandbox, "rulesets", RULESET)
    yield sandbox
    sandbox.store.close()


def put(github: GitHubSandbox, path: str, body: Any) -> None:
    assert github.send("PUT", f"{REPOSITORY}/{path}", body).ok, path


def post(github: GitHubSandbox, path: str, body: Any) -> None:
    answer = github.send("POST", f"{REPOSITORY}/{path}", body)
    assert answer.ok, answer.text


def patch(github: GitHubSandbox, path: str, body: Any) -> None:
    assert github.send("PATCH", f"{REPOSITORY}/{path}", body).ok, path


def delete(github: GitHubSandbox, path: str) -> None:
    assert github.send("DELETE", f"{REPOSITORY}/{path}").ok, path


def lines(github: GitHubSandbox, token: str = ADMIN) -> dict[str, Line]:
    live = Live(settings(), {"GITHUB_TOKEN": token, "GITHUB_REPOSITORY": "acme/taxi"})
    live.once("github", lambda: checking(github, token))
    # The store in this process is one connection.
    with patched("checks.check._AT_ONCE", 1):
        return {line.id.removeprefix("infrastructure."): line for line in perform(infrastructure_checks(live))}


def settings(infrastructure: Any = None) -> Any:
    return SimpleNamespace(github=SimpleNamespace(owner="acme", repository="taxi-fare"), infrastructure=infrastructure)


def statuses(found: dict[str, Line]) -> dict[str, str]:
    return {name: line.status.value for name, line in found.items() if line.status is not Status.PASSED}


def test_a_repository_as_the_examples_make_it_is_well(github: GitHubSandbox) -> None:
    assert statuses(lines(github)) == {}


def code_owners(text: str) -> Callable[[GitHubSandbox], None]:
    def act(github: GitHubSandbox) -> None:
        sha = github.send("GET", f"{REPOSITORY}/contents/.github/CODEOWNERS").json()["sha"]
        body = {"message": "m", "content": b64encode(text.encode()).decode(), "sha": sha, "branch": "main"}
        put(github, "contents/.github/CODEOWNERS", body)

    return act


def without_rule(kind: str) -> Callable[[GitHubSandbox], None]:
    def act(github: GitHubSandbox) -> None:
        for key, kept in github.store.all("github.ruleset"):
            rules = [rule for rule in kept["rules"] if rule["type"] != kind]
            github.store.put("github.ruleset", key, {**kept, "rules": rules})

    return act


def reviews(**changes: Any) -> Callable[[GitHubSandbox], None]:
    def act(github: GitHubSandbox) -> None:
        for key, kept in github.store.all("github.ruleset"):
            rules = [
                {**rule, "parameters": {**rule["parameters"], **changes}} if rule["type"] == "pull_request" else rule
                for rule in kept["rules"]
            ]
            github.store.put("github.ruleset", key, {**kept, "rules": rules})

    return act


def same_principal(github: GitHubSandbox) -> None:
    path = "environments/rotation/variables/DATABRICKS_CLIENT_ID"
    patch(github, path, {"name": "DATABRICKS_CLIENT_ID", "value": "id-of-production"})


BROKEN: dict[str, tuple[str, Callable[[GitHubSandbox], object], str]] = {
    "nobody owns the workflows": ("code-owners", code_owners("/mlops.yaml @a\n"), "deploy.yml"),
    "the last rule takes it back": ("code-owners", code_owners("* @a\n/mlops.yaml\n"), "mlops.yaml"),
    "the file says nothing": ("code-owners", code_owners("# nothing\n"), "nobody owns"),
    "there is no file": (
        "code-owners",
        lambda github: github.repo().delete_file(
            ".github/CODEOWNERS", "m", github.repo().get_contents(".github/CODEOWNERS").sha, branch="main"
        ),
        "there is no CODEOWNERS",
    ),
    "no pull requests": ("main", without_rule("pull_request"), "pull requests, an approval"),
    "force pushes": ("main", without_rule("non_fast_forward"), "a refusal of force pushes"),
    "deletion": ("main", without_rule("deletion"), "a refusal of its deletion"),
    "no approval": ("main", reviews(required_approving_review_count=0), "an approval"),
    "no code owner": ("main", reviews(require_code_owner_review=False), "the review of a code owner"),
    "no reviewer": (
        "environments",
        lambda github: put(github, "environments/production", {"reviewers": [], "deployment_branch_policy": MAIN_ONLY}),
        "production has no reviewer",
    ),
    "every branch": (
        "environments",
        lambda github: put(github, "environments/drift", {"deployment_branch_policy": None}),
        "drift admits every branch",
    ),
    "another branch": (
        "environments",
        lambda github: post(github, "environments/rotation/deployment-branch-policies", {"name": "feature/*"}),
        "rotation admits feature/*",
    ),
    "protected branches": (
        "environments",
        lambda github: put(
            github,
            "environments/staging",
            {"deployment_branch_policy": {"protected_branches": True, "custom_branch_policies": False}},
        ),
        "staging admits every protected branch",
    ),
    "not there": ("environments", lambda github: delete(github, "environments/rotation"), "rotation is not there"),
    "one principal for two": ("principals", same_principal, "production and rotation share one"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_is_open_is_found(github: GitHubSandbox, case: str) -> None:
    name, act, words = BROKEN[case]
    act(github)
    found = lines(github)
    assert statuses(found) == {name: "finding"}
    assert words in found[name].detail


def test_what_a_token_does_not_see_is_not_checkable_and_says_why(github: GitHubSandbox) -> None:
    assert statuses(lines(github, STRANGER))["repository"] == "unchecked"
    found = lines(github, READER)
    assert found["principals"].status is Status.UNCHECKED
    assert "the token may not read the variables" in found["principals"].detail
    # A ruleset is for every reader to see; the older protection is not.
    assert found["main"].status is Status.PASSED
    without_rule("pull_request")(github)
    found = lines(github, READER)
    assert found["main"].status is Status.UNCHECKED
    assert "only its admins may see" in found["main"].detail


def test_the_older_protection_does_as_well_where_it_binds_admins(github: GitHubSandbox) -> None:
    for kind in ("pull_request", "deletion", "non_fast_forward"):
        without_rule(kind)(github)
    body: dict[str, Any] = {
        "required_status_checks": None,
        "enforce_admins": True,
        "restrictions": None,
        "required_pull_request_reviews": {"required_approving_review_count": 1, "require_code_owner_reviews": True},
    }
    put(github, "branches/main/protection", body)
    assert statuses(lines(github)) == {}
    put(github, "branches/main/protection", {**body, "enforce_admins": False})
    assert "enforcement for its admins" in lines(github)["main"].detail


def test_which_repository_it_is_says_mlops_yaml_or_the_job() -> None:
    ours = SimpleNamespace(owner="acme", repository="setup")
    assert Live(settings(ours), {"GITHUB_REPOSITORY": "acme/fork"}).infrastructure == "acme/setup"
    assert Live(settings(), {"GITHUB_REPOSITORY": "acme/setup"}).infrastructure == "acme/setup"
    # A job of the ML repository that calls bundle.yml.
    assert Live(settings(), {"GITHUB_REPOSITORY": "acme/taxi-fare"}).infrastructure is None
    assert infrastructure_checks(Live(settings(), {})) == []


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("*", "a/b.py", True),
        ("/.github/", ".github/workflows/deploy.yml", True),
        (".github/workflows/*", ".github/workflows/deploy.yml", True),
        (".github/*", ".github/workflows/deploy.yml", False),
        ("*.yml", ".github/workflows/deploy.yml", True),
        ("stacks", "stacks/environment.py", True),
        ("/stacks/", "other/stacks/environment.py", False),
        ("**/settings", "settings/model.py", True),
        ("!mlops.yaml", "mlops.yaml", False),
        ("[m]lops.yaml", "mlops.yaml", False),
    ],
)
def test_patterns_mean_what_github_says(pattern: str, path: str, fits: bool) -> None:
    assert bool(owners_of(path, list(owner_rules(f"{pattern} @a  # why\n")))) is fits
