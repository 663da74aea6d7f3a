"""`python -m checks drift` on a whole setup in the sandbox, with real Terraform, after somebody has meddled with it."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from databricks.sdk.service import catalog, iam

from checks.drift.findings.finding import Class
from checks.drift.findings.severity import Severity
from checks.drift.report.model import DriftReport, State
from checks.drift.report.writer import WRITER
from checks.drift.run import NOT_LOOKED_AT
from checks.synthesized import PROJECT
from packages.sandbox.tests.sandbox_processes import eventually
from tests.deployments import application_id, enter
from tests.drift_setup import CONFIG, SECRETS, STACKS, Ended, Setup, deployed_in, git, jobs_of
from tests.ml_project import MAKES_SCHEMAS, project_config


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Setup]:
    with deployed_in(tmp_path_factory.mktemp("drift") / "project") as setup:
        yield setup


@pytest.fixture
def setup(deployed: Setup, monkeypatch: pytest.MonkeyPatch) -> Setup:
    """As it was deployed, and this process inside the sandbox."""
    enter(deployed.deployment, monkeypatch)
    deployed.deployment.sandbox.ask("restore")
    deployed.deployment.configure(CONFIG)
    return deployed


def take_a_privilege(setup: Setup) -> str:
    """MODIFY on production's schema; the principal that had it."""
    client = setup.workspace("prod")
    principal = application_id(client, "taxi-fare-prod-ci")
    change = catalog.PermissionsChange(principal=principal, remove=[catalog.Privilege.MODIFY])
    client.grants.update("schema", "prod.taxi_fare", changes=[change])
    return principal


def secrets_of(setup: Setup) -> set[str]:
    """Every token that production's state holds."""
    state = (setup.deployment.sandbox.folder.terraform_state / "prod.tfstate").read_text(encoding="utf-8")
    return set(re.findall(r"dapi[0-9a-f]+", state))


def token_in_use(setup: Setup) -> tuple[str, str]:
    """The token that production's secret holds: its id, and which slot it is."""
    secret = setup.deployment.secret(SECRETS["prod"])
    state = json.loads((setup.deployment.sandbox.folder.terraform_state / "prod.tfstate").read_text(encoding="utf-8"))
    values = [one["attributes"] for resource in state["resources"] for one in resource["instances"]]
    (token,) = (one for one in values if one.get("token_value") == secret)
    return str(token["id"]), str(token["comment"]).split()[1].rstrip(",")


def only(report: DriftReport) -> tuple[str, str, Class, Severity]:
    """The only finding: what it is about, where, what and how bad."""
    (finding,) = report.findings
    return finding.resource, finding.path, finding.what, finding.severity


@pytest.mark.parametrize("branch", ["main", "release", "feature"])
def test_nothing_differs_after_a_deploy_whatever_is_checked_out(setup: Setup, branch: str) -> None:
    if branch == "feature":
        git(setup.project, "branch", "--force", branch, "release")
    setup.check_out(branch)
    hook, ran = setup.project / ".git" / "hooks" / "post-checkout", setup.project.parent / "hook-ran"
    hook.write_text(f"#!/bin/sh\ntouch '{ran}'\n", encoding="utf-8")
    hook.chmod(0o755)
    try:
        ended = setup.drift(*STACKS[-3:])
        left = (git(setup.project, "branch", "--show-current").strip(), git(setup.project, "status", "--porcelain"))
    finally:
        hook.unlink()
        setup.check_out("main")
    assert not ran.exists()
    assert (ended.code, ended.report.findings) == (0, ())
    assert left == (branch, "")
    assert len(git(setup.project, "worktree", "list").splitlines()) == 1
    at = {name: git(setup.project, "rev-parse", name)[:8] for name in ("main", "release")}
    from_main, from_release = (f"branch {name} at {commit}" if name != branch else "" for name, commit in at.items())
    assert [stack.compared_with for stack in ended.report.stacks] == [from_main, from_main, from_release]


def test_the_command_looks_at_everything_and_leaves_nothing_behind(setup: Setup, tmp_path: Path) -> None:
    states = sorted(setup.deployment.sandbox.folder.terraform_state.glob("*.tfstate"))
    before = [state.read_bytes() for state in states]
    requests = len(setup.deployment.requests())
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    said = setup.deployment.run(
        sys.executable, "-m", "checks", "drift", environ={**setup.environ, "TMPDIR": str(temporary)}
    )
    assert said.splitlines()[-1] == "6 stacks: nothing differs."
    assert [line.split()[:2] for line in said.splitlines()[:6]] == [[stack, "clean"] for stack in STACKS]
    assert list(temporary.iterdir()) == []
    assert [state.read_bytes() for state in states] == before
    asked = setup.deployment.requests()[requests:]
    # What no stack's Terraform asks is the look at the objects.
    assert {entry.stack for entry in asked} == {*STACKS, ""}
    assert {entry.method for entry in asked if not entry.stack and "/oidc/" not in entry.path} == {"GET"}
    assert not any(entry.changed for entry in asked)
    administrator = next(entry.principal for entry in asked if entry.stack == "prod" and "/permissions/" in entry.path)
    assert administrator not in {entry.principal for entry in asked if entry.stack.startswith("bundle-")}


def test_a_run_that_is_told_to_end_takes_its_plans_along(setup: Setup, tmp_path: Path) -> None:
    setup.synth(setup.environ)
    setup.deployment.sandbox.ask("latency", seconds=0.3)
    # What was synthesized is there: only the plan is waited for.
    program = (
        "import runpy, checks.drift.plan.sources as sources; "
        "sources.synthesize_each = lambda environs: iter([None] * len(environs)); "
        "runpy.run_module('checks', run_name='__main__')"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, "drift", "repository"],
        cwd=PROJECT,
        env={**setup.environ, "TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        eventually(lambda: bool(list(tmp_path.glob("plan-*"))))
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=30)
    finally:
        process.kill()
        setup.deployment.sandbox.ask("latency", seconds=0)
    assert (process.returncode, said) == (128 + signal.SIGTERM, "")
    assert list(tmp_path.iterdir()) == []


def test_a_privilege_that_was_taken_away_is_told_in_words(setup: Setup) -> None:
    take_a_privilege(setup)
    ended = setup.drift("prod")
    resource = "the privileges of taxi-fare-prod-ci on schema prod.taxi_fare"
    path = "prod/catalog_access/schema-prod.taxi_fare"
    assert ended.code == 2
    assert only(ended.report) == (resource, path, Class.CHANGED_OUTSIDE, Severity.HIGH)
    (difference,) = ended.report.findings[0].differences
    assert (difference.attribute, difference.removed, difference.added) == ("privileges", ("MODIFY",), ())
    assert ended.report.findings[0].remedy == (
        "`cdktf deploy prod` restores it; if the change was intended, write it into mlops.yaml: "
        "environments.prod.catalogs."
    )


def test_a_weakened_protection_is_told_down_to_the_leaf(setup: Setup) -> None:
    branch = setup.repository.get_branch("release")
    branch.edit_required_pull_request_reviews(dismiss_stale_reviews=True, required_approving_review_count=0)
    ended = setup.drift("repository")
    path = "repository/protected_branches/release/protection"
    assert ended.code == 2
    assert only(ended.report) == ("the protection of branch release", path, Class.CHANGED_OUTSIDE, Severity.HIGH)
    (difference,) = ended.report.findings[0].differences
    assert difference.attribute == "required_pull_request_reviews.required_approving_review_count"
    assert (difference.before, difference.after) == ("0", "1")
    assert ended.report.findings[0].remedy.endswith("write it into mlops.yaml: github.protection.")


def test_a_secret_that_was_overwritten_is_told(setup: Setup) -> None:
    # GitHub counts in seconds.
    setup.deployment.sandbox.ask("clock", offset_seconds=2)
    setup.repository.create_secret(SECRETS["prod"], "somebody's own")
    setup.deployment.sandbox.ask("clock", offset_seconds=0)
    ended = setup.drift("prod")
    name, path = "the Actions secret PROD_WORKSPACE_TOKEN", "prod/deployment_secret/secret"
    assert ended.code == 2
    assert only(ended.report) == (name, path, Class.SECRET_RESET, Severity.HIGH)


def test_a_revoked_token_is_one_finding_with_its_secret_as_a_consequence(setup: Setup) -> None:
    setup.workspace("prod").token_management.delete(token_in_use(setup)[0])
    ended = setup.drift("prod")
    assert ended.code == 2
    (finding,) = ended.report.findings
    assert (finding.what, finding.severity) == (Class.TOKEN_GONE, Severity.HIGH)
    assert finding.resource.endswith(" of taxi-fare-prod-ci")
    assert finding.detail.startswith("It was revoked or deleted: it cannot have expired before ")
    assert finding.consequences == ("replaced with it: the Actions secret PROD_WORKSPACE_TOKEN",)
    secrets = secrets_of(setup)
    assert len(secrets) == 2
    said = (
        f"{ended.said} {ended.errors} {WRITER.written(ended.report, 'markdown')} {WRITER.written(ended.report, 'text')}"
    )
    assert not [secret for secret in secrets if secret in said]


def test_with_the_principal_goes_all_that_is_its_own(setup: Setup) -> None:
    (principal,) = setup.account.service_principals.list(filter='displayName eq "taxi-fare-prod-ci"')
    assert principal.id is not None
    setup.account.service_principals.delete(principal.id)
    ended = setup.drift("prod")
    path = "prod/ci_identity/principal"
    assert ended.code == 2
    assert only(ended.report) == ("service principal taxi-fare-prod-ci", path, Class.DELETED_OUTSIDE, Severity.HIGH)
    consequences = ended.report.findings[0].consequences
    assert "gone with it: the entitlements of taxi-fare-prod-ci" in consequences
    assert "replaced with it: the Actions secret PROD_WORKSPACE_TOKEN" in consequences
    assert len(consequences) == 7


def test_a_job_of_a_bundle_is_told_by_task_and_its_permissions_by_name(setup: Setup) -> None:
    client = setup.workspace("staging")
    job = jobs_of(client)["staging-train"]
    assert job.job_id is not None
    settings = client.jobs.get(job.job_id).settings
    assert settings is not None
    assert settings.tasks is not None
    train = next(task for task in settings.tasks if task.task_key == "train")
    assert train.notebook_task is not None
    train.notebook_task.notebook_path = "/Shared/Other"
    client.jobs.reset(job.job_id, settings)
    more = iam.AccessControlRequest(group_name="users", permission_level=iam.PermissionLevel.CAN_MANAGE)
    client.permissions.update("jobs", str(job.job_id), access_control_list=[more])
    ended = setup.drift("bundle-staging")
    assert ended.code == 2
    permissions, changed = ended.report.findings
    assert (permissions.severity, permissions.resource) == (Severity.HIGH, "the permissions on job staging-train")
    (level,) = permissions.differences
    assert level.attribute == 'access_control["users"].permission_level'
    assert (level.before, level.after) == ("CAN_MANAGE", "CAN_VIEW")
    assert (changed.severity, changed.resource) == (Severity.MEDIUM, "job staging-train")
    assert [(one.attribute, one.before) for one in changed.differences] == [
        ('task["train"].notebook_task.notebook_path', "/Shared/Other")
    ]
    assert changed.remedy.endswith("write it into databricks.yml: resources.jobs.train.")


def without_clusters() -> dict[str, Any]:
    """An mlops.yaml in which prod's principal may create none, and no bundle that wants to."""
    return project_config(ml_project=None, environments__prod__entitlements={"allow_cluster_create": False})


def test_what_is_configured_and_not_deployed_is_no_drift(setup: Setup) -> None:
    setup.deployment.configure(without_clusters())
    ended = setup.drift("prod")
    path = "prod/ci_identity/entitlements"
    assert ended.code == 3
    assert only(ended.report) == (
        "the entitlements of taxi-fare-prod-ci", path, Class.PENDING_UPDATE, Severity.HIGH
    )  # fmt: skip
    (difference,) = ended.report.findings[0].differences
    assert (difference.attribute, difference.before, difference.after) == ("allow_cluster_create", "true", "false")
    assert setup.drift("prod", "--fail-on", "drift").code == 0


def test_drift_and_what_is_not_deployed_are_told_apart_and_drift_counts(setup: Setup) -> None:
    take_a_privilege(setup)
    setup.deployment.configure(without_clusters())
    ended = setup.drift("prod")
    assert ended.code == 2
    assert {finding.what for finding in ended.report.findings} == {Class.CHANGED_OUTSIDE, Class.PENDING_UPDATE}
    assert [stack.state for stack in ended.report.stacks] == [State.DRIFT]


def test_a_file_of_the_checkout_that_is_not_deployed_is_pending(setup: Setup) -> None:
    added = setup.project / "training" / "more.py"
    added.write_text("print(2)\n", encoding="utf-8")
    try:
        ended = setup.drift("bundle-staging", "bundle-prod", CHANGED="1", MLOPS_CHANGED="1")
    finally:
        added.unlink()
    assert ended.code == 3
    (finding,) = ended.report.findings
    assert (finding.stack, finding.what) == ("bundle-staging", Class.PENDING_CREATE)
    assert finding.resource.endswith("/files/training/more.py")


def test_a_stack_that_was_never_deployed_is_one_finding(setup: Setup) -> None:
    config = project_config()
    staging = config["environments"]["staging"]
    config["environments"]["qa"] = {**staging, "targets": ["test"], "catalogs": {"test": MAKES_SCHEMAS}}
    staging |= {"targets": ["staging"], "catalogs": {"staging": MAKES_SCHEMAS}}
    setup.deployment.configure(config)
    ended = setup.drift("qa")
    assert (ended.code, only(ended.report)[2]) == (3, Class.NOT_DEPLOYED)


@pytest.mark.parametrize(
    ("stack", "wrong", "said"),
    [
        ("prod", {"DATABRICKS_CLIENT_SECRET": "wrong"}, ""),
        ("repository", {"GITHUB_TOKEN": "wrong"}, "Bad credentials"),
        ("bundle-staging", {"STAGING_WORKSPACE_TOKEN": "dapi0"}, ""),
        ("bundle-staging", {"STAGING_WORKSPACE_TOKEN": ""}, "there is no token in STAGING_WORKSPACE_TOKEN: set "),
        ("repository", {"HTTPS_PROXY": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"}, ""),
    ],
    ids=["secret", "github", "token", "no token", "server down"],
)
def test_what_cannot_be_looked_at_is_an_error_and_never_drift(
    stack: str, wrong: dict[str, str], said: str, setup: Setup
) -> None:
    ended = setup.drift(stack, environ=None, **wrong)
    assert ended.code == 1
    (shown,) = ended.report.stacks
    assert shown.state is State.UNCHECKED
    assert said in shown.problem
    assert "\n" not in shown.problem
    assert shown.problem
    assert ended.report.findings == ()


def test_an_error_in_one_stack_hides_no_finding_in_another(setup: Setup) -> None:
    take_a_privilege(setup)
    ended = setup.drift("prod", "bundle-prod", PROD_WORKSPACE_TOKEN="")
    assert ended.code == 1
    assert [stack.state for stack in ended.report.stacks] == [State.DRIFT, State.UNCHECKED]
    assert only(ended.report)[2] is Class.CHANGED_OUTSIDE


def test_the_wrong_workspace_is_a_question_and_no_list_of_deletions(setup: Setup) -> None:
    config = project_config()
    config.pop("ml_project")
    config["environments"]["prod"]["host"] = config["environments"]["staging"]["host"]
    setup.deployment.configure(config)
    ended = setup.drift("prod")
    assert (ended.code, only(ended.report)[2]) == (1, Class.STACK_GONE)
    assert "are the workspace and the owner in mlops.yaml the right ones?" in ended.report.findings[0].remedy


def test_a_repository_of_the_wrong_owner_is_an_error(setup: Setup) -> None:
    setup.deployment.configure(project_config(github__owner="somebody-else"))
    ended = setup.drift("repository")
    assert (ended.code, ended.report.findings) == (1, ())
    assert ended.report.stacks[0].problem == (
        "Could not resolve to a Repository with the name 'somebody-else/taxi-fare'"
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--fail-on", "nonsense"], "nonsense is none of drift, pending, expiry"),
        (
            ["bundle-dev"],
            "bundle-dev is a person's own stack, which is never looked at; there are repository, staging, ",
        ),
        (["prdo"], "There is no stack prdo (did you mean prod?); there are repository, staging, prod, "),
        (["--output", "/nowhere/report.json"], "there is no folder /nowhere"),
        (["--github-issue"], "--github-issue needs a repository: --issue-repository OWNER/NAME"),
        (["--no-such-option"], "No such option"),
    ],
)
def test_what_was_asked_for_wrongly_is_an_error_and_never_drift(arguments: list[str], said: str, setup: Setup) -> None:
    ended = setup.drift(*arguments)
    assert (ended.code, ended.said) == (1, "")
    assert said in ended.errors


def test_a_branch_that_is_not_there_is_said_with_the_command_that_brings_it(setup: Setup) -> None:
    commit = git(setup.project, "rev-parse", "release").strip()
    git(setup.project, "branch", "--delete", "--force", "release")
    try:
        ended = setup.drift("bundle-staging", "bundle-prod")
        forced = setup.drift("bundle-prod", MLOPS_BRANCH="main")
        # As a clone has it that never checked it out.
        git(setup.project, "update-ref", "refs/remotes/origin/release", commit)
        fetched = setup.drift("bundle-prod")
        git(setup.project, "update-ref", "-d", "refs/remotes/origin/release")
    finally:
        git(setup.project, "branch", "--force", "release", commit)
    assert ended.code == 1
    assert [stack.state for stack in ended.report.stacks] == [State.CLEAN, State.UNCHECKED]
    assert "`git fetch origin release:release`" in ended.report.stacks[1].problem
    assert forced.report.stacks[0].compared_with.startswith("the files that are checked out")
    # The file that release has changed: the other branch's files are not what was deployed.
    assert {finding.what for finding in forced.report.findings} == {Class.PENDING_UPDATE}
    assert any(finding.resource.endswith("/training/prepare.py") for finding in forced.report.findings)
    assert (fetched.code, fetched.report.stacks[0].compared_with) == (0, f"branch release at {commit[:8]}")


def test_time_makes_a_rotation_due_then_warns_of_the_end_and_then_tells_it(setup: Setup) -> None:
    sandbox = setup.deployment.sandbox

    def after(days: int) -> Ended:
        sandbox("clock", "reset")
        now = sandbox("clock", f"+{days}d").stdout.strip()
        return setup.drift("prod", "--fail-on", "drift,pending,expiry", MLOPS_NOW=now)

    try:
        due, ends, over = after(30), after(89), after(91)
    finally:
        sandbox("clock", "reset")
    assert due.code == 3
    assert [(one.what, one.consequences) for one in due.report.findings] == [
        (Class.ROTATION_DUE, ("replaced with it: the Actions secret PROD_WORKSPACE_TOKEN",))
    ]
    assert ends.code == 2
    (ahead,) = (one for one in ends.report.findings if one.what is Class.EXPIRY_AHEAD)
    assert (ahead.severity, ahead.path) == (Severity.HIGH, f"prod/token/{token_in_use(setup)[1]}")
    assert ahead.detail.startswith("The Actions secret PROD_WORKSPACE_TOKEN holds it, and it expires on ")
    assert over.code == 2
    assert [finding.what for finding in over.report.findings] == [Class.TOKEN_GONE] * 2
    assert all("has expired" in finding.detail for finding in over.report.findings)


def test_what_is_known_is_ignored_until_its_day(setup: Setup) -> None:
    take_a_privilege(setup)
    file = setup.deployment.configuration.parent / "drift-ignore.yaml"
    entry = "- {{stack: prod, address: 'databricks_grant.*', reason: a test, until: {until}}}\n"
    try:
        file.write_text(entry.format(until="2999-01-01"), encoding="utf-8")
        ignored = setup.drift("prod")
        file.write_text(entry.format(until="2020-01-01"), encoding="utf-8")
        expired = setup.drift("prod")
        file.write_text("- {stack: prod, adress: x, reason: y}\n", encoding="utf-8")
        faulty = setup.drift("prod")
    finally:
        file.unlink()
    assert (ignored.code, ignored.report.findings) == (0, ())
    assert [(one.address.partition(".")[0], one.reason) for one in ignored.report.ignored] == [
        ("databricks_grant", "a test")
    ]
    assert expired.code == 2
    assert expired.report.notes == ("drift-ignore.yaml:1:3: this entry expired on 2020-01-01 and ignores nothing",)
    assert faulty.code == 1
    assert faulty.said == ""
    assert "write address" in faulty.errors
    assert "add `until:` here" in faulty.errors


def test_an_issue_is_opened_kept_up_to_date_and_closed(setup: Setup) -> None:
    principal = take_a_privilege(setup)
    run = {"GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "acme/taxi-fare", "GITHUB_RUN_ID": "42"}
    opened = setup.drift("prod", "--github-issue", environ=None, **run)
    assert (opened.code, opened.errors) == (2, "prod: opened https://github.com/acme/taxi-fare/issues/1\n")
    updated = setup.drift("prod", "--github-issue", "--issue-repository", "acme/taxi-fare")
    assert updated.errors == "prod: updated https://github.com/acme/taxi-fare/issues/1\n"
    give = catalog.PermissionsChange(principal=principal, add=[catalog.Privilege.MODIFY])
    setup.workspace("prod").grants.update("schema", "prod.taxi_fare", changes=[give])
    closed = setup.drift("prod", "--github-issue", environ=None, **run)
    assert (closed.code, closed.errors) == (0, "prod: closed https://github.com/acme/taxi-fare/issues/1\n")
    issue = setup.repository.get_issue(1)
    assert (issue.state, [label.name for label in issue.labels]) == ("closed", ["drift"])
    assert [comment.body.endswith("[this run](https://github.com/acme/taxi-fare/actions/runs/42).")
            for comment in issue.get_comments()] == [True]  # fmt: skip
    nowhere = setup.drift("prod", "--github-issue", "--issue-repository", "acme/elsewhere")
    assert nowhere.code == 1
    assert nowhere.errors == "the issues in acme/elsewhere could not be updated: Not Found\n"


def test_the_plans_of_cdktf_diff_are_read_where_they_lie(setup: Setup) -> None:
    deployment = setup.deployment
    setup.synth(deployment.environ)
    missing = setup.drift("staging", "--plans")
    take_a_privilege(setup)
    deployment.cdktf("diff", "prod", "--skip-synth")
    plan = deployment.output / "stacks" / "prod" / "plan"
    before = len(deployment.requests())
    ended = setup.drift("prod", "--plans")
    assert len(deployment.requests()) == before
    assert (ended.code, only(ended.report)[2]) == (2, Class.CHANGED_OUTSIDE)
    assert ended.report.notes == (NOT_LOOKED_AT, "the expiry of tokens was not looked up: --plans")

    whole = plan.read_bytes()
    plan.write_bytes(whole[: len(whole) // 2])
    truncated = setup.drift("prod", "--plans")
    plan.write_bytes(whole)
    os.utime(plan, (0, 0))
    older = setup.drift("prod", "--plans")
    plan.touch()
    state = deployment.sandbox.folder.terraform_state / "prod.tfstate"
    kept = state.read_bytes()
    document = json.loads(kept)
    state.write_text(json.dumps({**document, "serial": document["serial"] + 1}), encoding="utf-8")
    stale = setup.drift("prod", "--plans")
    state.write_bytes(kept)
    for failed, why in (
        (missing, "there is no plan in"),
        (truncated, "cannot be read"),
        (older, "is older than the stack that was synthesized since"),
        (stale, "was made from a state that has changed since"),
    ):
        assert (failed.code, failed.report.findings) == (1, ()), why
        (shown,) = failed.report.stacks
        assert why in shown.problem
        assert shown.problem.endswith(f": run `cdktf diff {shown.name}`")


def test_a_guard_lets_pass_what_loses_nothing_and_stops_the_rest(setup: Setup) -> None:
    deployment = setup.deployment
    take_a_privilege(setup)
    setup.synth(deployment.environ)
    deployment.plan("prod")
    passed = setup.checks("guard", "prod")
    assert passed.code == 0
    assert passed.said == "prod: nothing protected would be lost, and nobody would get more rights\n"

    # Another name is another principal to none but Terraform: it only renames. Another target takes the model along.
    config = project_config()
    config["environments"]["prod"]["branch"] = "main"
    deployment.configure(config)
    setup.synth({**deployment.environ, "MLOPS_ALLOW_DESTROY": "repository"})
    deployment.plan("repository")
    stopped = setup.checks("guard", "repository")
    assert stopped.code == 2
    assert "the deploy would destroy branch release (github_branch." in stopped.errors
    assert "the deploy would destroy the protection of branch release (" in stopped.errors
    allowed = setup.checks("guard", "repository", "--allow", "github_branch*")
    assert (allowed.code, allowed.errors) == (0, "")
    assert setup.checks("guard", "repository", MLOPS_ALLOW_DESTROY="repository").code == 0
    assert setup.checks("guard", "staging").code == 1


def test_a_guard_stops_a_deploy_that_gives_a_principal_more(setup: Setup) -> None:
    setup.deployment.configure(project_config(environments__prod__input_tables=["raw.taxi.trips"]))
    setup.synth(setup.deployment.environ)
    setup.deployment.plan("prod")
    stopped = setup.checks("guard", "prod")
    assert stopped.code == 2
    assert "prod: stop: the deploy would give more rights: a principal has further privileges: " in stopped.errors
    assert "privileges: +SELECT; table: nothing -> raw.taxi.trips" in stopped.errors
    assert setup.checks("guard", "prod", MLOPS_ALLOW_DESTROY="prod").code == 2
    assert setup.checks("guard", "prod", "--allow", "databricks_grant.*").code == 0


def test_a_guard_stops_a_deploy_into_the_wrong_workspace(setup: Setup) -> None:
    config = project_config()
    config.pop("ml_project")
    config["environments"]["prod"]["host"] = config["environments"]["staging"]["host"]
    setup.deployment.configure(config)
    setup.synth(setup.deployment.environ)
    setup.deployment.plan("prod")
    stopped = setup.checks("guard", "prod")
    assert stopped.code == 2
    assert "resources are not where mlops.yaml points" in stopped.errors
    assert setup.checks("guard", "prod", "--allow-vanished").code == 0
